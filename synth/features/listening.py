"""Spectra and spectrograms that make sounds fit to be compared by eye."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from synth import _checks
from synth.features import mel
from synth.metrics.spectral_distance import log_spectra

FLOOR_DB = 80.0
"""Below a picture's loudest: what is quieter is drawn as silence."""

DB_PER_NEPER = 20 / math.log(10)


class Spectrograms(NamedTuple):
    """Levels over time and frequency, in few cells, as a picture shows them.

    Attributes:
        levels: (N, rows, columns) in dB below each sound's loudest cell, floored at -80; the first
            row is the lowest.
        edges: of the rows, (rows + 1,) in Hz.
        seconds: what all the columns last; the last of them may reach beyond the sound.
    """

    levels: NDArray[np.float32]
    edges: NDArray[np.float64]
    seconds: float


def pooled_spectra(
    sounds: NDArray[np.floating],
    sample_rate: int,
    max_frequency: float,
    bins: int = 512,
    reference: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """Log-spectra from 0 Hz to `max_frequency` in few bins, the loudest line of each for a plot.

    Args:
        sounds: (N, samples).
        sample_rate: In Hz.
        max_frequency: In Hz, up to half the sample rate.
        bins: Columns of the result, at most; no more than there are lines.
        reference: (N, samples); the loudest line of each of these is 0 dB, if they are given.

    Returns:
        (N, bins) in dB below each sound's loudest line, floored at -80.
    """
    spectra = log_spectra(sounds, floor_db=FLOOR_DB)
    if reference is not None:
        louder = 20 * np.log10(_loudest_line(sounds) / _loudest_line(reference))
        spectra = np.maximum(spectra + louder, -FLOOR_DB)
    lines = int(max_frequency / (sample_rate / 2) * (spectra.shape[1] - 1)) + 1
    edges = np.linspace(0, lines, min(bins, lines) + 1).astype(int)[:-1]
    pooled: NDArray[np.float64] = np.maximum.reduceat(spectra[:, :lines], edges, axis=1)
    return pooled


def _loudest_line(sounds: NDArray[np.floating]) -> NDArray[np.float64]:
    window = np.hanning(sounds.shape[1] + 1)[:-1]
    loudest: NDArray[np.float64] = np.abs(np.fft.rfft(window * sounds)).max(axis=1, keepdims=True)
    return np.maximum(loudest, mel.FLOOR)


def pooled_spectrograms(
    sounds: NDArray[np.floating],
    max_frequency: float,
    rows: int,
    columns: int,
    reference: NDArray[np.floating] | None = None,
) -> Spectrograms:
    """Magnitude spectrograms |X| of `synth.mel`, from 0 Hz up to `max_frequency`, in dB.

    Of several lines or hops in one cell the loudest counts.

    Args:
        sounds: (N, samples) at 22,050 Hz, 1,174 samples or more.
        max_frequency: In Hz, up to 11,025.
        rows: At most.
        columns: At most.
        reference: (N, samples); the loudest cell of each of these is 0 dB, if they are given.

    Raises:
        ValueError: If a shape or number is out of range.
    """
    high = mel.SAMPLE_RATE / 2
    max_frequency = _checks.number("max_frequency", max_frequency, 0, high, exclude_low=True)
    line = mel.SAMPLE_RATE / mel.N_FFT
    lines = round(max_frequency / line) + 1
    lines_a_row = -(-lines // _checks.whole("rows", rows, 1, 10_000))

    def nepers(waves: NDArray[np.floating]) -> torch.Tensor:
        magnitudes = mel.magnitudes_of_padded(mel.pad(torch.from_numpy(waves)))[:, :lines]
        return magnitudes.clamp(min=mel.FLOOR).log()

    compared = None if reference is None else nepers(reference)
    levels, seconds = _pooled(nepers(sounds), lines_a_row, columns, compared)
    edges = np.arange(levels.shape[1] + 1) * lines_a_row * line - line / 2
    return Spectrograms(levels, edges, seconds)


def pooled_mels(
    sounds: NDArray[np.floating], columns: int, reference: NDArray[np.floating] | None = None
) -> Spectrograms:
    """Log-mel spectrograms of `synth.mel`, in dB: what the vocoder is conditioned on.

    Args:
        sounds: (N, samples) at 22,050 Hz, 1,174 samples or more.
        columns: At most; of several hops in one the loudest counts.
        reference: (N, samples); the loudest cell of each of these is 0 dB, if they are given.

    Raises:
        ValueError: If a shape or number is out of range.
    """
    compared = None if reference is None else mel.log_mel(torch.from_numpy(reference))
    levels, seconds = _pooled(mel.log_mel(torch.from_numpy(sounds)), 1, columns, compared)
    return Spectrograms(levels, mel.band_edges(), seconds)


def _pooled(
    nepers: torch.Tensor, lines_a_row: int, columns: int, reference: torch.Tensor | None
) -> tuple[NDArray[np.float32], float]:
    """Levels (N, rows, columns) in dB, and what all the columns last, in seconds.

    All cells hold equally many lines and hops, so that places on the picture are exact.
    """
    hops = -(-nepers.shape[2] // _checks.whole("columns", columns, 1, 10_000))
    pooled = torch.nn.functional.max_pool2d(nepers, (lines_a_row, hops), ceil_mode=True)
    # What nobody hears must not look loud: from -70 dB of full scale down, pictures get darker.
    least = math.log(mel.FLOOR) + FLOOR_DB / DB_PER_NEPER
    compared = nepers if reference is None else reference
    loudest = compared.amax(dim=(1, 2), keepdim=True).clamp(min=least)
    levels = (DB_PER_NEPER * (pooled - loudest)).clamp(min=-FLOOR_DB)
    return levels.float().numpy(), pooled.shape[2] * hops * mel.HOP / mel.SAMPLE_RATE
