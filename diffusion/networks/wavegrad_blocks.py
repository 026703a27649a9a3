"""The parts of WaveGrad: convolutions, FiLM, and the blocks of its two streams (Chen et al. 2020).

`diffusion.networks.wavegrad` says how they fit together.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.networks.embedding import PositionalEncoding

SLOPE = 0.2  # of every leaky ReLU


def same_conv(
    in_channels: int, out_channels: int, kernel_size: int, dilation: int = 1
) -> nn.Conv1d:
    """Make a convolution that keeps the length, with orthogonal weights (as in the paper)."""
    padding = dilation * (kernel_size // 2)
    conv = nn.Conv1d(in_channels, out_channels, kernel_size, padding=padding, dilation=dilation)
    nn.init.orthogonal_(conv.weight)
    return conv


def _resample(x: Tensor, length: int) -> Tensor:
    """Interpolate linearly in time: (B, C, T) to (B, C, length)."""
    # As a picture of height 1 whose channels lie side by side: the same numbers. On a GPU the mode
    # "linear" takes 87 % of a training step of WaveGrad Base (`docs/scaling.md`).
    picture = x[:, :, None].contiguous(memory_format=torch.channels_last)
    size = (1, length)
    resampled = F.interpolate(picture, size=size, mode="bilinear", align_corners=False)
    return resampled[:, :, 0].contiguous()


class FiLM(nn.Module):
    """Features and noise level to a scale and a shift (paper, FiLM module).

    h = LeakyReLU(conv(x)) + PE(√ᾱ);  (scale, shift) = conv(h), both from one convolution.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.input = same_conv(in_channels, in_channels, 3)
        self.encoding = PositionalEncoding(in_channels)
        self.output = same_conv(in_channels, 2 * out_channels, 3)
        for half in self.output.weight.data.chunk(2):
            nn.init.orthogonal_(half)  # scale and shift are two maps: each orthogonal by itself

    def forward(self, x: Tensor, noise_level: Tensor) -> tuple[Tensor, Tensor]:
        """Map x (B, in, T) and noise_level (B,) to scale and shift, each (B, out, T)."""
        h = F.leaky_relu(self.input(x), SLOPE, inplace=True)
        h = h + self.encoding(noise_level).to(h.dtype)[:, :, None]
        scale, shift = self.output(h).chunk(2, dim=1)
        return scale, shift


class ModulatedConv(nn.Module):
    """conv(LeakyReLU(scale · x + shift)): one step of an upsampling block."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.conv = same_conv(channels, channels, 3, dilation)

    def forward(self, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Map x, scale and shift, each (B, C, T), to (B, C, T)."""
        h = F.leaky_relu(torch.addcmul(shift, scale, x), SLOPE, inplace=True)
        y: Tensor = self.conv(h)
        return y


class UpsampledConv(nn.Module):
    """conv(upsample(x)), a convolution of width 3, with its products at the low rate.

    Upsampling U acts on time and each tap W_k on channels, so they commute:

        Σ_k W_k · U(x)[n + k·d] = Σ_k U(W_k · x)[n + k·d],    k = −1, 0, 1.

    The right-hand side multiplies matrices at T instead of factor·T samples.
    """

    def __init__(self, in_channels: int, out_channels: int, factor: int, dilation: int) -> None:
        super().__init__()
        self.conv = same_conv(in_channels, out_channels, 3, dilation)
        self.factor = factor
        self.dilation = dilation

    def forward(self, x: Tensor) -> Tensor:
        """Map x (B, in, T) to (B, out, factor · T)."""
        length, d = x.shape[-1] * self.factor, self.dilation
        left, centre, right = self.conv.weight[..., None].unbind(2)  # each (out, in, 1)
        y = _resample(F.conv1d(x, centre, self.conv.bias), length)
        y[..., d:] += _resample(F.conv1d(x, left), length)[..., :-d]
        y[..., :-d] += _resample(F.conv1d(x, right), length)[..., d:]
        return y


class UpsamplingBlock(nn.Module):
    """Raise the rate of the mel stream, in two residual halves (paper, UBlock).

    The 1×1 convolution of the shortcut runs before its interpolation: the two commute.
    """

    def __init__(self, size_in: int, size_out: int, factor: int, dilations: tuple[int, ...]):
        super().__init__()
        self.shortcut = same_conv(size_in, size_out, 1)
        self.upsampled = UpsampledConv(size_in, size_out, factor, dilations[0])
        self.modulated = nn.ModuleList(ModulatedConv(size_out, d) for d in dilations[1:])

    def forward(self, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Map x (B, in, T), scale and shift (B, out, factor · T) to (B, out, factor · T)."""
        first, second, third = self.modulated
        h: Tensor = first(self.upsampled(F.leaky_relu(x, SLOPE)), scale, shift)
        h += _resample(self.shortcut(x), h.shape[-1])
        y: Tensor = third(second(h, scale, shift), scale, shift)
        return y.add_(h)


class DownsamplingBlock(nn.Module):
    """Lower the rate of the signal stream: dilated convolutions and a shortcut (paper, DBlock).

    The shortcut's 1×1 convolution commutes with the interpolation, so one serves both branches.
    """

    def __init__(self, size_in: int, size_out: int, factor: int, dilations: tuple[int, ...]):
        super().__init__()
        self.factor = factor
        self.shortcut = same_conv(size_in, size_out, 1)
        sizes = (size_in, *[size_out] * (len(dilations) - 1))
        self.convs = nn.ModuleList(
            same_conv(size, size_out, 3, d) for size, d in zip(sizes, dilations, strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map x (B, in, T) to (B, out, T / factor)."""
        x = h = _resample(x, x.shape[-1] // self.factor)
        for conv in self.convs:
            h = conv(F.leaky_relu(h, SLOPE))
        y: Tensor = self.shortcut(x)
        return y.add_(h)
