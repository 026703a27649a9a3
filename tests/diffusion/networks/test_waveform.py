import math

import pytest
import torch
from torch.nn import functional as F

from diffusion.networks import ResidualMLP, ReverseMLP, WaveformNet, build_network
from diffusion.networks.band_powers import LEAST_POWER
from diffusion.networks.lapped_transform import LappedTransform
from diffusion.process.schedule import NoiseSchedule


@pytest.fixture
def transform() -> LappedTransform:
    return LappedTransform(64).double()


@pytest.mark.parametrize("blocks", [1, 2, 7])
def test_lapped_transform_is_orthonormal(transform, blocks, generator):
    x = torch.randn(3, 64 * blocks, generator=generator, dtype=torch.float64)
    bins = transform(x)
    assert bins.shape == (3, blocks, 64)
    assert torch.allclose(transform.inverse(bins), x, atol=1e-12)
    assert torch.allclose(bins.square().sum(dim=(1, 2)), x.square().sum(dim=1), rtol=1e-5)


def test_quadrature_makes_power_independent_of_phase(transform):
    n = torch.arange(64 * 8, dtype=torch.float64)
    waves = torch.stack([torch.sin(0.3 * n + phase) for phase in (0.0, 0.7, 1.9)])
    cosines = transform(waves)[:, 2:6].square().sum(dim=2)
    sines = transform.quadrature(waves)[:, 2:6].square().sum(dim=2)
    assert float(cosines.max() / cosines.min()) > 1.5
    assert float((cosines + sines).max() / (cosines + sines).min()) < 1.01


def test_lapped_transform_keeps_a_sinusoid_in_few_bins(transform):
    n = torch.arange(64 * 8, dtype=torch.float64)
    power = transform(torch.sin(0.3 * n)[None])[0, 2:6].square().sum(dim=0)
    centre = round(0.3 / math.pi * 64)
    assert float(power[centre - 4 : centre + 5].sum() / power.sum()) > 0.9999


def small() -> WaveformNet:
    return WaveformNet(
        block_size=64, local_bins=48, context_bins=16, width=32, blocks=1, channels=4
    )


def test_untrained_network_is_the_wiener_filter(generator):
    # White data of variance v: E[ε | x_t] = x_t √(1-ᾱ) / (ᾱ v + 1 - ᾱ).
    network, v = small(), 0.25
    network.bin_power.fill_(v)
    x_t = torch.randn(2, 256, generator=generator)
    level = torch.tensor([0.3, 0.999], dtype=torch.float64)
    noise = (1 - level**2).sqrt()
    expected = x_t * (noise / (level**2 * v + noise**2))[:, None].float()
    assert torch.allclose(network(x_t, level), expected, atol=1e-5)


def test_bin_power_is_that_of_the_data(generator):
    network = small()
    data = 0.5 * torch.randn(500, 512, generator=generator)
    network.fit_power(data)
    assert torch.allclose(network.bin_power, torch.full((64,), 0.25), rtol=0.15)


@pytest.mark.parametrize("length", [64, 256, 64 * 17])
def test_any_multiple_of_the_block_is_a_length(length):
    level = torch.tensor([0.5], dtype=torch.float64)
    assert small()(torch.zeros(1, length), level).shape == (1, length)


def test_above_the_local_bins_the_wiener_filter_is_left_alone(generator):
    with torch.random.fork_rng():
        torch.manual_seed(0)  # of the weights, which no other test may change
        network = small()
        torch.nn.init.normal_(network.leave.weight)
    x_t = torch.randn(2, 256, generator=generator)
    level = torch.tensor([0.3, 0.9], dtype=torch.float64)
    with torch.no_grad():
        change = network.transform(network(x_t, level) - small()(x_t, level))
    assert float(change[..., :48].abs().mean()) > 0.1
    assert float(change[..., 48:].abs().max()) < 1e-5


def conditional() -> WaveformNet:
    sizes = {"block_size": 64, "local_bins": 64, "context_bins": 16, "width": 16, "channels": 4}
    return WaveformNet(**sizes, n_mels=5, hop=16)


def test_power_is_what_the_mel_says_at_any_loudness(generator):
    # Bins whose power is a mixture of the bands' powers, five nepers of loudness apart.
    network = conditional()
    mixing = torch.rand(network.bin_power.shape, generator=generator)
    loudness = 5 * torch.rand(600, 1, 1, generator=generator) - 4
    mel = loudness + torch.rand(600, 5, 4, generator=generator)
    stacked = F.pad((2 * mel).transpose(1, 2).exp().transpose(1, 2).flatten(1), (0, 1))
    power = stacked @ mixing
    bins = power.sqrt()[:, None] * torch.randn(600, 1, 64, generator=generator)
    network.fit_power(network.transform.inverse(bins), mel)
    expected = stacked @ network.bin_power
    ratio = (expected / power).log()
    assert float(ratio.mean().abs()) < 0.1
    assert float(ratio.square().mean().sqrt()) < 0.3


def test_the_condition_changes_the_noise_at_every_place(generator):
    network = conditional()
    for parameter in network.leave.parameters():
        torch.nn.init.normal_(parameter)
    x_t = torch.randn(1, 256, generator=generator)
    level = torch.tensor([0.7], dtype=torch.float64)
    with torch.no_grad():
        quiet, loud = (network(x_t, level, torch.full((1, 5, 16), v)) for v in (-8.0, 2.0))
    assert float((quiet - loud).abs().reshape(4, 64).amax(dim=1).min()) > 0.01


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_silence_has_a_power_in_16_bits_too(dtype, generator):
    network = conditional()
    network.bin_power[-1] = LEAST_POWER
    x_t = 0.01 * torch.randn(1, 256, generator=generator)
    inputs = x_t, torch.tensor([0.9999], dtype=torch.float64), torch.full((1, 5, 16), -11.5)
    expected = network(*inputs)
    with torch.autocast("cpu", dtype):
        found = network(*inputs)
    error = (found - expected).detach().abs().max()
    assert float(error) < 0.01 * float(expected.detach().abs().max())


@pytest.mark.parametrize("shape", [None, (1, 4, 16), (1, 5, 15)])
def test_a_condition_that_does_not_fit_is_refused(shape):
    mel = None if shape is None else torch.zeros(shape)
    with pytest.raises(ValueError, match=r"condition must have the shape \(1, 5, 16\)"):
        conditional()(torch.zeros(1, 256), torch.tensor([0.7]), mel)


def test_an_unconditional_network_refuses_a_condition():
    with pytest.raises(ValueError, match="condition must have the shape None"):
        small()(torch.zeros(1, 256), torch.tensor([0.7]), torch.zeros(1, 5, 16))


def test_bins_beyond_the_block_are_refused():
    with pytest.raises(ValueError, match="context_bins <= local_bins <= block_size"):
        WaveformNet(block_size=64, local_bins=128, context_bins=16)


def test_other_lengths_are_refused():
    with pytest.raises(ValueError, match="multiple of 64, got 100"):
        small()(torch.zeros(1, 100), torch.tensor([0.5]))


@pytest.mark.parametrize("sigma", [1e-4, 1e-2, 1.0, 100.0, 1e4])
def test_gradients_are_finite_at_every_level(sigma, generator):
    network = small()
    level = torch.tensor([(1 + sigma**2) ** -0.5], dtype=torch.float64)
    network(torch.randn(1, 256, generator=generator), level).square().mean().backward()
    for parameter in network.parameters():
        assert parameter.grad is None or bool(parameter.grad.isfinite().all())


def test_residual_mlp_starts_sound_at_every_level(generator):
    network = ResidualMLP(width=16, blocks=1)
    for sigma in (1e-4, 1.0, 1e4):
        level = torch.full((8,), (1 + sigma**2) ** -0.5, dtype=torch.float64)
        eps = network(torch.randn(8, 2, generator=generator), level)
        assert bool(eps.isfinite().all())


def test_reverse_mlp_looks_its_step_up(generator):
    schedule = NoiseSchedule.from_name("linear", 10)
    network = ReverseMLP(schedule, width=8, blocks=1)
    x = torch.randn(1, 2, generator=generator).expand(10, 2)
    mean, log_var = network(x, schedule.noise_levels)
    alone = [network(x[:1], schedule.noise_levels[t : t + 1])[0] for t in range(10)]
    assert torch.allclose(mean, torch.cat(alone), atol=1e-6)
    torch.nn.init.zeros_(network.leave.weight)  # what is learned is a factor on β
    torch.nn.init.zeros_(network.leave.bias)
    mean, log_var = network(x, schedule.noise_levels)
    assert torch.equal(mean, x)
    assert torch.allclose(log_var.exp(), schedule.betas[:, None].float().expand_as(log_var))


def test_networks_are_built_by_their_kind():
    schedule = NoiseSchedule.from_name("linear", 10)
    assert isinstance(build_network({"kind": "ResidualMLP", "width": 8}, schedule), ResidualMLP)
    assert isinstance(build_network({"kind": "ReverseMLP", "width": 8}, schedule), ReverseMLP)
    small_sizes = {"kind": "WaveGrad", "n_mels": 8}
    assert sum(p.numel() for p in build_network(small_sizes, schedule).parameters()) > 10**7
    with pytest.raises(ValueError, match="UNet"):
        build_network({"kind": "UNet"}, schedule)
