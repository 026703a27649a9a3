"""What makes sounds fit to be compared by ear and eye."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth import _checks
from synth.metrics import log_spectra


def match_loudness(sounds: NDArray[np.floating], rms: float = 0.12) -> NDArray[np.float32]:
    """Scale each sound to one root mean square, so that noise and notes are equally loud.

    A sound whose peaks would then leave [-1, 1] is scaled to a peak of 1 instead; silence stays.

    Args:
        sounds: (N, samples).
        rms: of each result, in (0, 1].

    Returns:
        float32 (N, samples), within [-1, 1].

    Raises:
        ValueError: If `sounds` is not a matrix of finite numbers, or `rms` out of range.
    """
    rms = _checks.number("rms", rms, 0, 1, exclude_low=True)
    sounds = np.asarray(sounds, dtype=np.float64)
    if sounds.ndim != 2 or not np.isfinite(sounds).all():
        raise ValueError(f"sounds must be a finite (N, samples) array, got shape {sounds.shape}")
    loudness = np.sqrt(np.mean(sounds**2, axis=1, keepdims=True))
    scaled = sounds * np.divide(rms, loudness, out=np.zeros_like(loudness), where=loudness > 0)
    peaks = np.abs(scaled).max(axis=1, keepdims=True)
    result: NDArray[np.float32] = (scaled / np.maximum(peaks, 1)).astype(np.float32)
    return result


def pooled_spectra(
    sounds: NDArray[np.floating], sample_rate: int, max_frequency: float, bins: int = 512
) -> NDArray[np.float64]:
    """Log-spectra from 0 Hz to `max_frequency` in few bins, the loudest line of each for a plot.

    Args:
        sounds: (N, samples).
        sample_rate: In Hz.
        max_frequency: In Hz, up to half the sample rate.
        bins: Columns of the result, at most; no more than there are lines.

    Returns:
        (N, bins) in dB below each sound's loudest line, floored at -80.
    """
    spectra = log_spectra(sounds, floor_db=80.0)
    lines = int(max_frequency / (sample_rate / 2) * (spectra.shape[1] - 1)) + 1
    edges = np.linspace(0, lines, min(bins, lines) + 1).astype(int)[:-1]
    pooled: NDArray[np.float64] = np.maximum.reduceat(spectra[:, :lines], edges, axis=1)
    return pooled
