"""The mel-conditioned WaveGrad network against its equations and a plain reference."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.networks.embedding import PositionalEncoding
from diffusion.networks.wavegrad import WaveGrad, WaveGradConfig
from diffusion.networks.wavegrad_blocks import (
    FiLM,
    ModulatedConv,
    UpsampledConv,
    UpsamplingBlock,
    _resample,
)

SMALL = WaveGradConfig.scaled(8)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small tensors: a second thread only waits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def network() -> WaveGrad:
    torch.manual_seed(0)
    return WaveGrad(SMALL)


def inputs(frames: int, batch: int = 2, config: WaveGradConfig = SMALL) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(frames)
    x_t = torch.randn(batch, frames * config.hop, generator=generator)
    noise_level = torch.rand(batch, generator=generator)
    return x_t, noise_level, torch.randn(batch, config.n_mels, frames, generator=generator)


# A plain reference: every step in the order in which the tutorial writes it, nothing reordered.


def plain_conv(x: Tensor, weight: Tensor, bias: Tensor, dilation: int = 1) -> Tensor:
    padding = dilation * (weight.shape[-1] // 2)
    return F.conv1d(x, weight, bias, padding=padding, dilation=dilation)


def plain_interpolate(x: Tensor, length: int) -> Tensor:
    return F.interpolate(x, size=length, mode="linear", align_corners=False)


def plain_encoding(noise_level: Tensor, channels: int) -> Tensor:
    half = channels // 2
    exponents = 1e-4 ** (torch.arange(half) / half)
    angles = 5e3 * noise_level.unsqueeze(1) * exponents.unsqueeze(0)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def plain_trajectory(film: FiLM, x: Tensor, noise_level: Tensor) -> tuple[Tensor, Tensor]:
    h = F.leaky_relu(plain_conv(x, film.input.weight, film.input.bias), 0.2)
    h = h + plain_encoding(noise_level, x.shape[1]).unsqueeze(-1)
    half = film.output.weight.shape[0] // 2
    scale = plain_conv(h, film.output.weight[:half], film.output.bias[:half])
    shift = plain_conv(h, film.output.weight[half:], film.output.bias[half:])
    return scale, shift


def plain_modulated(block: ModulatedConv, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    h = F.leaky_relu(scale * x + shift, 0.2)
    return plain_conv(h, block.conv.weight, block.conv.bias, block.conv.dilation[0])


def plain_upsampling(block: UpsamplingBlock, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    first, second, third = block.modulated
    length, conv = x.shape[-1] * block.upsampled.factor, block.upsampled.conv
    h = plain_interpolate(F.leaky_relu(x, 0.2), length)
    h = plain_conv(h, conv.weight, conv.bias, conv.dilation[0])
    h = plain_modulated(first, h, scale, shift)
    shortcut = plain_interpolate(x, length)
    h = h + plain_conv(shortcut, block.shortcut.weight, block.shortcut.bias)
    residual = plain_modulated(second, h, scale, shift)
    return h + plain_modulated(third, residual, scale, shift)


def plain_forward(network: WaveGrad, x_t: Tensor, noise_level: Tensor, mel: Tensor) -> Tensor:
    h = plain_conv(x_t.unsqueeze(1), network.signal_conv.weight, network.signal_conv.bias)
    statistics = [plain_trajectory(network.films[0], h, noise_level)]
    for block, film in zip(network.downsampling, list(network.films)[1:], strict=True):
        length = h.shape[-1] // block.factor
        shortcut = plain_conv(h, block.shortcut.weight, block.shortcut.bias)
        shortcut = plain_interpolate(shortcut, length)
        h = plain_interpolate(h, length)
        for conv in block.convs:
            h = plain_conv(F.leaky_relu(h, 0.2), conv.weight, conv.bias, conv.dilation[0])
        h = h + shortcut
        statistics.append(plain_trajectory(film, h, noise_level))
    h = plain_conv(mel, network.mel_conv.weight, network.mel_conv.bias)
    for block, (scale, shift) in zip(network.upsampling, statistics[::-1], strict=True):
        h = plain_upsampling(block, h, scale, shift)
    return plain_conv(h, network.output_conv.weight, network.output_conv.bias).squeeze(1)


def test_agrees_with_the_plain_reference(network: WaveGrad) -> None:
    x_t, noise_level, mel = inputs(frames=5, batch=3)
    expected = plain_forward(network, x_t, noise_level, mel)
    with torch.inference_mode():
        eps = network(x_t, noise_level, mel)
    torch.testing.assert_close(eps, expected.detach(), rtol=1e-4, atol=1e-5)


def test_gradients_agree_with_the_plain_reference(network: WaveGrad) -> None:
    x_t, noise_level, mel = inputs(frames=2)
    target = torch.randn(x_t.shape, generator=torch.Generator().manual_seed(1))

    def gradients(eps: Tensor) -> tuple[Tensor, ...]:
        return torch.autograd.grad((eps - target).square().mean(), list(network.parameters()))

    ours = gradients(network(x_t, noise_level, mel))
    plain = gradients(plain_forward(network, x_t, noise_level, mel))
    for (name, _), a, b in zip(network.named_parameters(), ours, plain, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4, msg=lambda m, n=name: f"{n}: {m}")


@pytest.mark.parametrize(("factor", "dilation"), [(1, 1), (2, 1), (3, 2), (5, 7)])
@pytest.mark.parametrize("length", [1, 2, 9])
def test_upsampled_conv_is_conv_after_upsampling(factor: int, dilation: int, length: int) -> None:
    block = UpsampledConv(6, 4, factor, dilation).double()
    x = torch.randn(2, 6, length, dtype=torch.float64)
    expected = block.conv(plain_interpolate(x, factor * length))
    torch.testing.assert_close(block(x), expected)


def test_parameter_count_is_the_papers() -> None:
    with torch.device("meta"):
        network = WaveGrad()
    assert sum(p.numel() for p in network.parameters()) == 15_810_401
    assert network.config.hop == 300


def test_scaled_network_is_small() -> None:
    with torch.device("meta"):
        sizes = [
            sum(p.numel() for p in WaveGrad(WaveGradConfig.scaled(d)).parameters())
            for d in (1, 2, 4, 8, 16)
        ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 15_810_401
    assert sizes[3] < 300_000
    assert sizes[4] < 100_000


@pytest.mark.parametrize("frames", [1, 2, 7, 13])
def test_any_multiple_of_the_hop(network: WaveGrad, frames: int) -> None:
    x_t, noise_level, mel = inputs(frames)
    with torch.inference_mode():
        eps = network(x_t, noise_level, mel)
    assert eps.shape == x_t.shape
    assert eps.dtype == x_t.dtype
    assert torch.isfinite(eps).all()


def test_half_a_second() -> None:
    x_t, noise_level, mel = inputs(frames=37, batch=1)  # 11,100 samples at 22,050 Hz
    with torch.inference_mode():
        assert WaveGrad(SMALL)(x_t, noise_level, mel).shape == (1, 11_100)


def test_other_factors_give_another_hop() -> None:
    config = WaveGradConfig(
        n_mels=20,
        factors=(4, 2),
        upsampling_preconv_channels=12,
        upsampling_channels=(10, 7),
        upsampling_dilations=((1, 2, 1, 2), (1, 2, 4, 8)),
        downsampling_preconv_channels=4,
        downsampling_channels=(8,),
        downsampling_dilations=((1, 2),),
    )
    x_t, noise_level, mel = inputs(frames=3, config=config)
    assert config.hop == 8
    assert WaveGrad(config)(x_t, noise_level, mel).shape == x_t.shape


def test_double_precision_and_bfloat16() -> None:
    x_t, noise_level, mel = inputs(frames=2)
    for dtype in (torch.float64, torch.bfloat16):
        eps = WaveGrad(SMALL).to(dtype)(x_t.to(dtype), noise_level, mel.to(dtype))
        assert eps.dtype == dtype
        assert torch.isfinite(eps).all()


def test_gradient_reaches_every_parameter(network: WaveGrad) -> None:
    network.zero_grad()
    network(*inputs(frames=2)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
    network.zero_grad()


def test_noise_level_and_condition_matter(network: WaveGrad) -> None:
    x_t, _, mel = inputs(frames=2, batch=1)
    with torch.inference_mode():
        low, high = (network(x_t, torch.tensor([level]), mel) for level in (0.3, 0.9))
        other = network(x_t, torch.tensor([0.3]), mel + 1)
    assert (low - high).abs().max() > 1e-2
    assert (low - other).abs().max() > 1e-2


def test_a_sample_does_not_depend_on_its_batch(network: WaveGrad) -> None:
    x_t, noise_level, mel = inputs(frames=3, batch=3)
    with torch.inference_mode():
        together = network(x_t, noise_level, mel)
        alone = network(x_t[1:2], noise_level[1:2], mel[1:2])
    torch.testing.assert_close(together[1:2], alone, rtol=1e-4, atol=1e-4)


def test_weights_start_orthogonal() -> None:
    film = FiLM(8, 6)
    for half in film.output.weight.detach().chunk(2):
        rows = half.flatten(1)
        torch.testing.assert_close(rows @ rows.T, torch.eye(6), rtol=0, atol=1e-5)


def test_inputs_are_left_alone(network: WaveGrad) -> None:
    tensors = inputs(frames=1)
    before = [t.clone() for t in tensors]
    with torch.inference_mode():
        network(*tensors)
    assert all(torch.equal(a, b) for a, b in zip(tensors, before, strict=True))


@pytest.mark.parametrize(
    ("x_shape", "level_shape", "mel_shape", "message"),
    [
        ((2, 600), (2,), None, r"condition is None; need a mel \(2, 80, 2\)"),
        ((2, 601), (2,), (2, 80, 2), r"x_t is \(2, 601\).*multiple of 300"),
        ((2, 0), (2,), (2, 80, 0), r"x_t is \(2, 0\)"),
        ((2, 1, 600), (2,), (2, 80, 2), r"x_t is \(2, 1, 600\)"),
        ((2, 600), (2, 1), (2, 80, 2), r"noise_level is \(2, 1\); need \(2,\)"),
        ((2, 600), (), (2, 80, 2), r"noise_level is \(\)"),
        ((2, 600), (2,), (2, 80, 3), r"condition is \(2, 80, 3\); need a mel \(2, 80, 2\)"),
        ((2, 600), (2,), (2, 128, 2), r"condition is \(2, 128, 2\)"),
        ((2, 600), (2,), (1, 80, 2), r"condition is \(1, 80, 2\)"),
    ],
)
def test_shapes_that_do_not_fit(
    network: WaveGrad, x_shape: Any, level_shape: Any, mel_shape: Any, message: str
) -> None:
    mel = None if mel_shape is None else torch.zeros(mel_shape)
    with pytest.raises(ValueError, match=message):
        network(torch.zeros(x_shape), torch.ones(level_shape), mel)


def test_config_goes_through_json() -> None:
    config = replace(WaveGradConfig.scaled(4), n_mels=40)
    assert WaveGradConfig(**json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_mels": 0}, "n_mels has 0"),
        ({"n_mels": 2.5}, r"n_mels has 2\.5"),
        ({"factors": (5, 5, 3, 2, -2)}, "factors has -2"),
        ({"factors": ()}, r"factors has \(\)"),
        ({"factors": (5, 5, 3, 2)}, "upsampling_channels is .* 4 factors need 4"),
        ({"downsampling_channels": (128, 256)}, "downsampling_channels is .* need 4"),
        ({"downsampling_dilations": ((1,),)}, "downsampling_dilations is .* need 4"),
        ({"upsampling_dilations": ((1, 2, 4),) * 5}, "upsampling_dilations is .* need 4 each"),
        ({"downsampling_preconv_channels": 31}, "downsampling channels are .*31.* even"),
    ],
)
def test_config_refuses(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WaveGradConfig(**change)


@pytest.mark.parametrize("divisor", [0, 3, 32])
def test_scaled_refuses(divisor: int) -> None:
    with pytest.raises(ValueError, match=f"divisor is {divisor}"):
        WaveGradConfig.scaled(divisor)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_positional_encoding_formula(dtype: torch.dtype) -> None:
    levels = [1e-3, 0.25, 0.5, 1.0]
    encoding = PositionalEncoding(6)(torch.tensor(levels, dtype=dtype))
    angles = [[5_000 * level * 1e-4 ** (i / 3) for i in range(3)] for level in levels]
    expected = [[*map(math.sin, row), *map(math.cos, row)] for row in angles]
    assert encoding.dtype == dtype
    torch.testing.assert_close(encoding, torch.tensor(expected, dtype=dtype), rtol=0, atol=1e-3)
    if dtype == torch.float64:
        torch.testing.assert_close(encoding, torch.tensor(expected, dtype=dtype), rtol=0, atol=1e-6)


def test_positional_encoding_refuses() -> None:
    with pytest.raises(ValueError, match="num_channels is 5"):
        PositionalEncoding(5)
    with pytest.raises(ValueError, match=r"noise_level has shape \(2, 1\)"):
        PositionalEncoding(4)(torch.ones(2, 1))


@pytest.mark.parametrize("length", [60, 24, 12, 6, 4])
def test_it_interpolates_linearly(length: int, generator: torch.Generator) -> None:
    x = torch.randn(2, 3, 12, generator=generator, dtype=torch.float64)
    expected = torch.nn.functional.interpolate(x, size=length, mode="linear", align_corners=False)
    torch.testing.assert_close(_resample(x, length), expected, rtol=0, atol=1e-12)
