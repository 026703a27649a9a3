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
    bins: int = 512,
    reference: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """Log-spectra in few bins, the loudest line of each for a plot.

    A bin without a line of its own has the value between the lines around it.

    Args:
        sounds: (N, samples).
        sample_rate: In Hz.
        bins: Columns of the result, even on the mel scale from 0 Hz to half the sample rate.
        reference: (N, samples); the loudest line of each of these is 0 dB, if they are given.

    Returns:
        (N, bins) in dB below each sound's loudest line, floored at -80.
    """
    spectra = log_spectra(sounds, floor_db=FLOOR_DB)
    if reference is not None:
        louder = 20 * np.log10(_loudest_line(sounds) / _loudest_line(reference))
        spectra = np.maximum(spectra + louder, -FLOOR_DB)
    frequencies = np.fft.rfftfreq(sounds.shape[1], 1 / sample_rate)
    edges = mel.to_hz(np.linspace(0, mel.to_mel(sample_rate / 2), bins + 1))
    first = np.searchsorted(frequencies, edges[:-1])
    pooled: NDArray[np.float64] = np.maximum.reduceat(spectra, first, axis=1)
    empty = np.diff(first, append=len(frequencies)) == 0
    middles = ((edges[1:] + edges[:-1]) / 2)[empty]
    pooled[:, empty] = [np.interp(middles, frequencies, spectrum) for spectrum in spectra]
    return pooled


def _loudest_line(sounds: NDArray[np.floating]) -> NDArray[np.float64]:
    window = np.hanning(sounds.shape[1] + 1)[:-1]
    loudest: NDArray[np.float64] = np.abs(np.fft.rfft(window * sounds)).max(axis=1, keepdims=True)
    return np.maximum(loudest, mel.FLOOR)


def pooled_spectrograms(
    sounds: NDArray[np.floating],
    lines: int,
    columns: int,
    reference: NDArray[np.floating] | None = None,
) -> Spectrograms:
    """Magnitude spectrograms |X| of `synth.mel` in dB, on the mel scale as `pooled_mels` are.

    Of several lines or hops in one cell the loudest counts.

    Args:
        sounds: (N, samples) at 22,050 Hz, 1,174 samples or more.
        lines: Those of the lowest row, 10.8 Hz each; the others are as high on the mel scale.
        columns: At most.
        reference: (N, samples); the loudest cell of each of these is 0 dB, if they are given.

    Raises:
        ValueError: If a shape or number is out of range.
    """
    line = mel.SAMPLE_RATE / mel.N_FFT
    row = mel.to_mel(_checks.whole("lines", lines, 1, 50) * line)
    places = np.arange(0, mel.to_mel(mel.F_MAX), row)
    first = np.round(mel.to_hz(places) / line).astype(int)

    def nepers(waves: NDArray[np.floating]) -> torch.Tensor:
        magnitudes = mel.magnitudes_of_padded(mel.pad(torch.from_numpy(waves)))
        loudest = np.maximum.reduceat(magnitudes.numpy(), first, axis=1)
        return torch.from_numpy(loudest).clamp(min=mel.FLOOR).log()

    compared = None if reference is None else nepers(reference)
    levels, seconds = _pooled(nepers(sounds), columns, compared)
    ends = np.append(first, mel.N_FFT // 2 + 1)
    return Spectrograms(levels, ends * line - line / 2, seconds)


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
    levels, seconds = _pooled(mel.log_mel(torch.from_numpy(sounds)), columns, compared)
    return Spectrograms(levels, mel.band_edges(), seconds)


def _pooled(
    nepers: torch.Tensor, columns: int, reference: torch.Tensor | None
) -> tuple[NDArray[np.float32], float]:
    """Levels (N, rows, columns) in dB, and what all the columns last, in seconds.

    All cells hold equally many hops, so that places on the picture are exact.
    """
    hops = -(-nepers.shape[2] // _checks.whole("columns", columns, 1, 10_000))
    pooled = torch.nn.functional.max_pool2d(nepers, (1, hops), ceil_mode=True)
    # What nobody hears must not look loud: from -70 dB of full scale down, pictures get darker.
    least = math.log(mel.FLOOR) + FLOOR_DB / DB_PER_NEPER
    compared = nepers if reference is None else reference
    loudest = compared.amax(dim=(1, 2), keepdim=True).clamp(min=least)
    levels = (DB_PER_NEPER * (pooled - loudest)).clamp(min=-FLOOR_DB)
    return levels.float().numpy(), pooled.shape[2] * hops * mel.HOP / mel.SAMPLE_RATE
