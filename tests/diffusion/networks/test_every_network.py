"""What every network promises: its types, and its limit without noise."""

import copy

import pytest
import torch

from diffusion.data import swiss_roll
from diffusion.networks import (
    NETWORKS,
    ONE_SCHEDULE,
    ConditionalSoftplusMLP,
    ResidualMLP,
    ReverseMLP,
    SimpleWaveGrad,
    SoftplusMLP,
    SoftplusReverseMLP,
    WaveformNet,
    WaveGrad,
    WaveGradConfig,
)
from diffusion.process.schedule import NoiseSchedule

BATCH = 3
WAVEFORM_NET = {
    "block_size": 32,
    "local_bins": 16,
    "context_bins": 8,
    "width": 8,
    "blocks": 1,
    "channels": 4,
}
SMALL_WAVEGRAD = WaveGradConfig(
    n_mels=3,
    factors=(4, 2),
    upsampling_preconv_channels=8,
    upsampling_channels=(8, 4),
    upsampling_dilations=((1, 2, 1, 2),) * 2,
    downsampling_preconv_channels=4,
    downsampling_channels=(8,),
    downsampling_dilations=((1, 2),),
)

# How to build a small one, the samples of a datum, and the shape of its condition.
SMALL = {
    "SoftplusMLP": (lambda: SoftplusMLP(width=8), 2, None),
    "ConditionalSoftplusMLP": (lambda: ConditionalSoftplusMLP(NoiseSchedule.from_name()), 2, None),
    "SoftplusReverseMLP": (lambda: SoftplusReverseMLP(NoiseSchedule.from_name(), width=8), 2, None),
    "ResidualMLP": (lambda: ResidualMLP(width=8, blocks=1), 2, None),
    "ReverseMLP": (lambda: ReverseMLP(NoiseSchedule.from_name(), width=8, blocks=1), 2, None),
    "SimpleWaveGrad": (lambda: SimpleWaveGrad(16, 16), 16, None),
    "WaveformNet": (lambda: WaveformNet(**WAVEFORM_NET), 64, None),
    "WaveformNet of a mel": (lambda: WaveformNet(**WAVEFORM_NET, n_mels=3, hop=8), 64, (3, 8)),
    "WaveGrad": (lambda: WaveGrad(SMALL_WAVEGRAD), 64, (3, 8)),
}
each_network = pytest.mark.parametrize(("build", "length", "mel"), SMALL.values(), ids=SMALL)


def prepared(build, length, mel, dtype):
    """A network with random weights, and what it takes at each call."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build().to(dtype).eval()
        with torch.no_grad():  # some layers start at zero, and would hide what comes before
            for parameter in network.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
        x = torch.randn(BATCH, length, dtype=dtype)
        condition = () if mel is None else (torch.randn(BATCH, *mel, dtype=dtype),)
    return network, x, condition


def outputs(network, x, level, *condition):
    """The noise, or the mean and the log-variance, always as a tuple."""
    out = network(x, level, *condition)
    return out if isinstance(out, tuple) else (out,)


def test_every_kind_is_here():
    # They read a whole sound, whose sines are summed in 32 bits: `test_harmonic`, `test_note`.
    others = {"HarmonicNet", "NotePredictor"}
    assert {name.split()[0] for name in SMALL} | others == set(NETWORKS)


@each_network
def test_float64_keeps_every_digit(build, length, mel):
    # gradcheck compares with differences of 1e-6: one float32 on the way would drown them.
    network, x, condition = prepared(build, length, mel, torch.float64)
    level = torch.tensor([0.2, 0.7, 0.99], dtype=torch.float64)
    for out in outputs(network, x, level, *condition):
        assert out.dtype == torch.float64
        assert out.shape == x.shape

    def of_inputs(x, *condition):
        return outputs(network, x, level, *condition)

    inputs = [each.requires_grad_() for each in (x, *condition)]
    assert torch.autograd.gradcheck(of_inputs, inputs, rtol=1e-3, fast_mode=True)
    if type(network).__name__ not in ONE_SCHEDULE:  # which look up a step instead

        def of_level(level):
            return outputs(network, x.detach(), level, *(each.detach() for each in condition))

        assert torch.autograd.gradcheck(
            of_level, [level.requires_grad_()], rtol=1e-3, atol=0.1, eps=1e-9
        )


UNCONDITIONAL = {
    name: (build, length)
    for name, (build, length, mel) in SMALL.items()
    if mel is None and "Reverse" not in name  # they have no such argument
} | {"Oracle": (swiss_roll.Oracle, 2)}


@pytest.mark.parametrize(("build", "length"), UNCONDITIONAL.values(), ids=UNCONDITIONAL)
def test_a_condition_that_would_not_be_read_is_refused(build, length):
    with pytest.raises(ValueError, match="condition"):
        build()(torch.zeros(BATCH, length), torch.full((BATCH,), 0.5), torch.zeros(BATCH, 4))


@each_network
def test_float32_and_float64_agree(build, length, mel):
    level = torch.tensor([0.2, 0.7, 0.99], dtype=torch.float64)
    network, x, condition = prepared(build, length, mel, torch.float32)
    double = copy.deepcopy(network).to(torch.float64)
    rough = outputs(network, x, level, *condition)
    precise = outputs(double, x.double(), level, *(each.double() for each in condition))
    for exact, rounded in zip(precise, rough, strict=True):
        assert rounded.dtype == torch.float32
        assert torch.allclose(rounded.double(), exact, rtol=1e-4, atol=1e-4)


@each_network
@pytest.mark.parametrize("level", [0.2, 0.99, 1.0])
def test_an_expanded_noise_level_is_one_for_each(build, length, mel, level):
    # What follows from it is computed once for the batch: another way to the same numbers.
    network, x, condition = prepared(build, length, mel, torch.float64)
    one = torch.tensor([level], dtype=torch.float64)
    assert one.expand(BATCH).stride() == (0,)
    for_all = outputs(network, x, one.expand(BATCH), *condition)
    each = outputs(network, x, one.repeat(BATCH), *condition)
    for found, expected in zip(for_all, each, strict=True):
        assert found.shape == expected.shape
        assert torch.allclose(found, expected, rtol=1e-12, atol=1e-12)


@each_network
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_without_noise_there_is_a_limit(build, length, mel, dtype):
    # x_t = x_0 says nothing of ε, so E[ε | x_t] = 0; others are trained up to √ᾱ = 1.
    network, x, condition = prepared(build, length, mel, dtype)
    level = torch.tensor([1.0, 0.7, 1.0], dtype=torch.float64)
    below = torch.tensor([0.5, 0.7, 0.5], dtype=torch.float64)
    mixed = outputs(network, x, level, *condition)
    for out, unmixed in zip(mixed, outputs(network, x, below, *condition), strict=True):
        assert bool(torch.isfinite(out).all())
        assert torch.allclose(out[1], unmixed[1])
        if isinstance(network, ResidualMLP | WaveformNet):
            assert bool((out[[0, 2]] == 0).all())
            assert bool((out[1] != 0).any())
    sum(out.square().sum() for out in mixed).backward()
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    assert gradients
    assert all(bool(torch.isfinite(gradient).all()) for gradient in gradients)
