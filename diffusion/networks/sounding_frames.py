"""Where in a spectrogram a sound is heard: before it and after it there may be silence."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

QUIETEST = -11.5
"""Nepers of a frame's energy relative to the loudest frame's, 50 dB: less is silence."""


def frame_energies(log_mels: Tensor) -> Tensor:
    """Σ_b exp(2 L), relative to the loudest cell, (B, K), of log-mels (B, n_mels, K)."""
    return (2 * (log_mels - log_mels.amax(dim=(1, 2), keepdim=True))).exp().sum(dim=1)


def sounding_spans(log_mels: Tensor) -> Iterator[tuple[Tensor, slice]]:
    """The rows of (B, n_mels, K) whose first and last frame that sounds are the same, and these.

    Yields:
        Indices of rows, and the frames; each row once.
    """
    energies = frame_energies(log_mels).log()
    sounds = energies > energies.amax(dim=1, keepdim=True) + QUIETEST
    first = sounds.int().argmax(dim=1)
    last = sounds.shape[1] - 1 - sounds.flip(1).int().argmax(dim=1)
    for start, end in sorted(set(zip(first.tolist(), last.tolist(), strict=True))):
        rows = ((first == start) & (last == end)).nonzero()[:, 0]
        yield rows, slice(start, end + 1)
