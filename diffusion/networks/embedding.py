"""Sinusoidal encoding of the continuous noise level."""

import torch
from torch import Tensor, nn


class PositionalEncoding(nn.Module):
    """Encode the noise level √ᾱ as sines and cosines (no parameters).

    With half = C / 2 and i = 0 … half − 1,

        PE(√ᾱ)[i]        = sin(5000 · √ᾱ · 1e-4^(i / half))
        PE(√ᾱ)[half + i] = cos(5000 · √ᾱ · 1e-4^(i / half))

    The scale 5,000 maps √ᾱ ∈ (0, 1] to the range of positions for which Transformers
    were built. Source: Chen et al. 2020 (WaveGrad, arXiv 2009.00713), section 3, after
    Vaswani et al. 2017, section 3.5.

    Args:
        num_channels: C, even and at least 2.
        scale: multiplies √ᾱ before the encoding.
    """

    def __init__(self, num_channels: int, scale: float = 5_000.0) -> None:
        super().__init__()
        if num_channels < 2 or num_channels % 2:
            raise ValueError(f"num_channels is {num_channels}; it must be even and at least 2")
        self.num_channels = num_channels
        self.scale = scale

    def forward(self, noise_level: Tensor) -> Tensor:
        """Map levels √ᾱ (B,), float32 or float64, to encodings (B, C) of the same type."""
        if noise_level.ndim != 1:
            raise ValueError(f"noise_level has shape {tuple(noise_level.shape)}; it must be (B,)")
        half = self.num_channels // 2
        # Angles reach 5,000 radians: half precision would lose them.
        level = noise_level.to(torch.promote_types(noise_level.dtype, torch.float32))
        exponents = torch.arange(half, dtype=level.dtype, device=level.device) / half
        angles = self.scale * level[:, None] * 1e-4**exponents
        return torch.cat([angles.sin(), angles.cos()], dim=-1)
