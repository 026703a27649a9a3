"""The tutorial's first network for waveforms: conditional convolutions, then two linear layers.

    h_1 = LeakyReLU(BN(PE(√ᾱ) · conv(x_t)))        64 channels
    h_2 = LeakyReLU(BN(PE(√ᾱ) · conv(h_1)))        64 channels
    h_3 = LeakyReLU(conv(h_2))                     one channel, five samples longer than x_t
    ε̂   = W_2 softplus(√ᾱ · (W_1 h_3 + b_1)) + b_2

The positional encoding of the noise level is a gain on each channel. The linear layers join every
sample of a frame with every other, so a network knows frames of one length. Mended are that
length, which is set, and the batch normalisation: in evaluation it normalises by the statistics
of the training, where the tutorial's sampler normalised each sound by its own batch.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.networks.embedding import PositionalEncoding
from diffusion.process.denoising import refuse_condition

KERNEL = 16
CHANNELS = 64
LONGER = 5
"""Samples that the three even kernels with their padding add to a frame: 1 + 2 + 2."""

SLOPE = 0.2  # of every leaky ReLU


class ConditionalConv1d(nn.Module):
    """PE(√ᾱ) · conv(x): a convolution, each of its channels times one gain in [-1, 1]."""

    def __init__(self, in_channels: int, out_channels: int, padding: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(in_channels, out_channels, KERNEL, padding=padding, dilation=dilation)
        self.encoding = PositionalEncoding(out_channels)
        nn.init.orthogonal_(self.conv.weight)

    def forward(self, x: Tensor, noise_level: Tensor) -> Tensor:
        """Map x (B, in, T) and noise_level (B,) to (B, out, T + added)."""
        h: Tensor = self.conv(x)
        gains: Tensor = self.encoding(noise_level).to(h.dtype)
        return h * gains[:, :, None]


class SimpleWaveGrad(nn.Module):
    """ε̂ = network(x_t, √ᾱ): the noise in a frame of sound, without any other condition.

    Args:
        frame_samples: T, at least 1; the tutorial's is 250.
        hidden: units between the linear layers, at least T, or some noise could not be predicted;
            the tutorial's is 512.

    Raises:
        ValueError: for a size out of range.
    """

    def __init__(self, frame_samples: int = 250, hidden: int = 512) -> None:
        super().__init__()
        for name, value, low in (("frame_samples", frame_samples, 1), ("hidden", hidden, 1)):
            if type(value) is not int or value < low:
                raise ValueError(f"{name} is {value!r}; it must be an integer of at least {low}")
        if hidden < frame_samples:
            raise ValueError(f"hidden is {hidden}; it must be at least {frame_samples}, the frame")
        self.frame_samples = frame_samples
        self.first = ConditionalConv1d(1, CHANNELS, padding=8, dilation=1)
        self.first_norm = nn.BatchNorm1d(CHANNELS)
        self.second = ConditionalConv1d(CHANNELS, CHANNELS, padding=16, dilation=2)
        self.second_norm = nn.BatchNorm1d(CHANNELS)
        self.third = nn.Conv1d(CHANNELS, 1, KERNEL, padding=16, dilation=2)
        self.inner = nn.Linear(frame_samples + LONGER, hidden)
        self.outer = nn.Linear(hidden, frame_samples)

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict the noise ε̂, of the shape of x_t.

        Args:
            x_t: noisy frames, (B, frame_samples).
            noise_level: √ᾱ in (0, 1], (B,).
            condition: must be None.

        Raises:
            ValueError: for another shape, or a condition.
        """
        if x_t.ndim != 2 or x_t.shape[1] != self.frame_samples:
            raise ValueError(f"x_t is {tuple(x_t.shape)}; need (B, {self.frame_samples})")
        if noise_level.shape != x_t.shape[:1]:
            raise ValueError(f"noise_level is {tuple(noise_level.shape)}; need ({len(x_t)},)")
        refuse_condition(condition)
        h = F.leaky_relu(self.first_norm(self.first(x_t[:, None], noise_level)), SLOPE)
        h = F.leaky_relu(self.second_norm(self.second(h, noise_level)), SLOPE)
        h = F.leaky_relu(self.third(h), SLOPE)[:, 0]
        gain = noise_level.to(x_t.dtype)[:, None]
        eps: Tensor = self.outer(F.softplus(gain * self.inner(h)))
        return eps
