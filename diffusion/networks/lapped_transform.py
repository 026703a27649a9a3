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

    twiddle: Tensor
    cosine: Tensor
    sine: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        centres = torch.arange(size, dtype=torch.float64) + 0.5
        turn = torch.exp(-1j * math.pi / size * (centres[: size // 2] - 0.375))
        angle = math.pi / 4 * (1 + 2 * centres[: size // 2] / size)
        # Derived from `size` alone, so they are not saved with the weights. The complex factors are
        # pairs of reals: of a complex buffer `Module.to(dtype)` would drop the imaginary part.
        self.register_buffer("twiddle", torch.view_as_real(turn), persistent=False)
        self.register_buffer("cosine", angle.sin(), persistent=False)
        self.register_buffer("sine", angle.cos(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Waveforms (B, T) to bins (B, T / size, size).

        Raises:
            ValueError: if T is not a multiple of the block size.
        """
        return self._cosines(self._rotate(self._blocks(x), self.sine))

    def quadrature(self, x: Tensor) -> Tensor:
        """The same with sines (the MDST): 90° apart, so that the squares of both add up to power.

        A sinusoid's bins alone change with its phase from block to block; its power does not.
        """
        return self._sines(self._rotate(self._blocks(x), -self.sine))

    def inverse(self, bins: Tensor) -> Tensor:
        """Bins (B, K, size) back to waveforms (B, K · size)."""
        return self._rotate(self._cosines(bins), -self.sine).reshape(len(bins), -1)

    def _cosines(self, blocks: Tensor) -> Tensor:
        """DCT-IV, √(2/N) Σ_n x_n cos(π/N (n + ½)(k + ½)): an FFT of half the size.

        It is its own inverse (Malvar 1992, section 5.4).
        """
        real = torch.promote_types(blocks.dtype, torch.float32)
        twiddle = torch.view_as_complex(self.twiddle.to(real))
        pairs = torch.complex(blocks[..., ::2], blocks[..., 1::2].flip(-1))
        turned = torch.fft.fft(pairs * twiddle) * twiddle * math.sqrt(2 / self.size)
        return torch.stack([turned.real, -turned.imag.flip(-1)], dim=-1).flatten(-2)

    def _sines(self, blocks: Tensor) -> Tensor:
        """DST-IV, the same with sines: that of the reversed block, every second sign changed."""
        bins = self._cosines(blocks.flip(-1))
        return torch.stack([bins[..., ::2], -bins[..., 1::2]], dim=-1).flatten(-2)

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
