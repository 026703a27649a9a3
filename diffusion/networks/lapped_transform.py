"""The modulated lapped transform: an orthonormal picture of a waveform in time and frequency."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LappedTransform(nn.Module):
    """Blocks of `size` samples to as many frequency bins each, and back (Malvar 1992; the MDCT).

    Neighbouring blocks overlap by a rotation across their border, with a sine window, so that a
    sinusoid falls into a few bins; then each block takes an orthonormal DCT-IV. At the two ends of
    the signal there is no overlap. The whole is orthonormal: white noise stays white noise.

    Args:
        size: samples in a block, and bins; even.
    """

    cosine_basis: Tensor
    sine_basis: Tensor
    cosine: Tensor
    sine: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        centres = torch.arange(size, dtype=torch.float64) + 0.5
        phase = math.pi / size * centres[:, None] * centres
        norm = math.sqrt(2 / size)
        angle = math.pi / 4 * (1 + 2 * centres[: size // 2] / size)
        # Derived from `size` alone, so they are not saved with the weights.
        self.register_buffer("cosine_basis", (norm * phase.cos()).float(), persistent=False)
        self.register_buffer("sine_basis", (norm * phase.sin()).float(), persistent=False)
        self.register_buffer("cosine", angle.sin().float(), persistent=False)
        self.register_buffer("sine", angle.cos().float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Waveforms (B, T) to bins (B, T / size, size).

        Raises:
            ValueError: if T is not a multiple of the block size.
        """
        return self._rotate(self._blocks(x), self.sine) @ self.cosine_basis.to(x)

    def quadrature(self, x: Tensor) -> Tensor:
        """The same with sines (the MDST): 90° apart, so that the squares of both add up to power.

        A sinusoid's bins alone change with its phase from block to block; its power does not.
        """
        return self._rotate(self._blocks(x), -self.sine) @ self.sine_basis.to(x)

    def inverse(self, bins: Tensor) -> Tensor:
        """Bins (B, K, size) back to waveforms (B, K · size)."""
        return self._rotate(bins @ self.cosine_basis.to(bins), -self.sine).reshape(len(bins), -1)

    def _blocks(self, x: Tensor) -> Tensor:
        if x.shape[-1] % self.size:
            raise ValueError(f"length must be a multiple of {self.size}, got {x.shape[-1]}")
        return x.reshape(len(x), -1, self.size)

    def _rotate(self, blocks: Tensor, sine: Tensor) -> Tensor:
        """Rotate the samples on both sides of each inner border, mirror images of each other."""
        half = self.size // 2
        cosine, sine = self.cosine.to(blocks), sine.to(blocks)
        before = blocks[:, :-1, half:].flip(-1)
        after = blocks[:, 1:, :half]
        new_before = (cosine * before - sine * after).flip(-1)
        new_after = cosine * after + sine * before
        left = torch.cat([blocks[:, :1, :half], new_after], dim=1)
        right = torch.cat([new_before, blocks[:, -1:, half:]], dim=1)
        return torch.cat([left, right], dim=2)
