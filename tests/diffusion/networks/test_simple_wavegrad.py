"""The tutorial's first network for waveforms against its equations, and its mends."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.networks import SimpleWaveGrad, build_network
from diffusion.networks.simple_wavegrad import ConditionalConv1d
from diffusion.process.schedule import NoiseSchedule


@pytest.fixture
def network() -> SimpleWaveGrad:
    torch.manual_seed(0)
    return SimpleWaveGrad()


def inputs(batch: int = 3, length: int = 250) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(batch, length, generator=generator), torch.tensor([0.1, 0.5, 0.9])[:batch]


def test_by_default_it_has_the_tutorials_parameters(network: SimpleWaveGrad) -> None:
    convolutions = 16 * (64 + 64 * 64 + 64) + 64 + 64 + 1
    norms, linear = 4 * 64, 512 * 255 + 512 + 250 * 512 + 250
    assert sum(p.numel() for p in network.parameters()) == convolutions + norms + linear


def test_it_is_the_tutorials_function(network: SimpleWaveGrad) -> None:
    x_t, level = inputs()
    h = x_t[:, None]
    for block, norm in (
        (network.first, network.first_norm),
        (network.second, network.second_norm),
    ):
        gain = block.encoding(level)[:, :, None]
        dilation = block.conv.dilation[0]
        h = gain * F.conv1d(
            h, block.conv.weight, block.conv.bias, padding=8 * dilation, dilation=dilation
        )
        mean, variance = h.mean((0, 2)), h.var((0, 2), correction=0)
        h = (h - mean[:, None]) / (variance[:, None] + norm.eps).sqrt()
        h = F.leaky_relu(h, 0.2)
    h = F.conv1d(h, network.third.weight, network.third.bias, padding=16, dilation=2)
    h = F.leaky_relu(h, 0.2)[:, 0]
    assert h.shape == (3, 255)
    expected = network.outer(F.softplus(level[:, None] * network.inner(h)))
    assert torch.allclose(network.train()(x_t, level), expected, atol=1e-5)


def test_in_evaluation_a_frame_does_not_depend_on_its_batch(network: SimpleWaveGrad) -> None:
    x_t, level = inputs()
    network.train()(x_t, level)
    alone, together = network(x_t[:2], level[:2]), network(x_t, level)[:2]
    assert not torch.allclose(alone, together, atol=1e-2)
    network.eval()
    assert torch.allclose(network(x_t[:2], level[:2]), network(x_t, level)[:2], atol=1e-6)


def test_the_noise_level_is_a_gain_on_each_channel() -> None:
    conv = ConditionalConv1d(1, 8, padding=8, dilation=1)
    x, level = torch.randn(2, 1, 40), torch.tensor([0.3, 0.8])
    assert conv(x, level).shape == (2, 8, 41)
    assert torch.allclose(conv(2 * x, level) - conv(x, level), conv(x, level) - conv(0 * x, level))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"frame_samples": 0}, "frame_samples is 0"),
        ({"frame_samples": 2.5}, "frame_samples is 2.5"),
        ({"frame_samples": 64, "hidden": 63}, "at least 64"),
    ],
)
def test_bad_sizes_are_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        build_network({"kind": "SimpleWaveGrad", **options}, NoiseSchedule.from_name())


def test_other_frames_and_conditions_are_refused(network: SimpleWaveGrad) -> None:
    x_t, level = inputs()
    with pytest.raises(ValueError, match=r"need \(B, 250\)"):
        network(x_t[:, :249], level)
    with pytest.raises(ValueError, match=r"need \(3,\)"):
        network(x_t, level[:2])
    with pytest.raises(ValueError, match="no condition"):
        network(x_t, level, x_t)
