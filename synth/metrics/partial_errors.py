"""Known partials, looked up in a sound: are they in tune and as loud, and what else is there?

Everything is read off one power spectrum, the mean over overlapping frames of 8,192 samples.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from synth import _checks
from synth.features.mel import SAMPLE_RATE
from synth.metrics.spectrogram_distance import RANGE_DB, pairs

Floats = NDArray[np.float64]

FRAME = 8_192
_HOP = FRAME // 4
_PADDING = 8
_HZ = SAMPLE_RATE / (_PADDING * FRAME)
_LOBE_HZ = 5 * SAMPLE_RATE / FRAME  # the window's main lobe is 4 lines to a side
_REACH_CENTS = 100
# The 4-term Blackman-Harris window: a line is 92 dB down beside its main lobe.
_WINDOW_TERMS = (0.35875, -0.48829, 0.14128, -0.01168)


def detuning(waveforms: NDArray[np.floating], frequencies: Sequence[Floats]) -> Floats:
    """By how many cents a sound's partials are off, all together.

        argmax_c Σ_k P(2^{c/1200} f_k),    |c| ≤ 100,

    P the mean power spectrum: the least-squares fit of sines at c to each frame, as far as the
    partials do not overlap (Stoica & Moses 2005, section 4.3).

    Args:
        waveforms: (N, T), T ≥ 8,192, at 22,050 Hz.
        frequencies: N arrays of known partials, Hz; of a `Sound`, `sound.sines(22050)[0]`.

    Returns:
        (N,), cents; positive is sharp.

    Raises:
        ValueError: If a shape or value is out of range, or a sound is silent.
    """
    sounds, _ = pairs(waveforms, waveforms, FRAME)
    cents = np.arange(-_REACH_CENTS, _REACH_CENTS + 1)
    return np.array(
        [
            _peak(cents, _at(_power(y), 2 ** (cents[:, None] / 1200) * f).sum(axis=1))
            for y, f in zip(sounds, _partials(frequencies, len(sounds)), strict=True)
        ]
    )


def partial_errors(
    generated: NDArray[np.floating],
    reference: NDArray[np.floating],
    frequencies: Sequence[Floats],
) -> list[Floats]:
    """How much louder each partial is than in the reference, in dB.

    A partial's power is the highest within one line (2.7 Hz) of where the sound's detuning puts it.

    Args:
        generated: (N, T), T ≥ 8,192, at 22,050 Hz; no sound may be silent.
        reference: (N, T).
        frequencies: N arrays of known partials, Hz.

    Returns:
        N arrays like `frequencies`: 20 log10(A / A_ref); nan where the reference's partial is more
        than 60 dB below its loudest.

    Raises:
        ValueError: If a shape or value is out of range, or a sound is silent.
    """
    a, b = pairs(generated, reference, FRAME)
    known = _partials(frequencies, len(a))
    levels = []
    for sounds in (a, b):
        shifts = 2 ** (detuning(sounds, known) / 1200)
        levels.append(
            [_levels(_power(y), f * s) for y, f, s in zip(sounds, known, shifts, strict=True)]
        )
    return [
        np.where(ref > ref.max() - RANGE_DB, level - ref, np.nan)
        for level, ref in zip(*levels, strict=True)
    ]


def noise_between_partials(
    generated: NDArray[np.floating],
    reference: NDArray[np.floating],
    frequencies: Sequence[Floats],
) -> Floats:
    """The energy of what is no partial, relative to the reference's whole energy, in dB.

        10 log10(Σ_{f ∉ partials} P(f) / Σ_f P_ref(f)),

    where a partial's own lines are those within 13.5 Hz, the main lobe of the analysis window. Of
    the reference itself it gives what is there without any noise: the envelope's side bands.

    Args:
        generated: (N, T), T ≥ 8,192, at 22,050 Hz.
        reference: (N, T).
        frequencies: N arrays of known partials, Hz; of a sound of unknown parameters, the
            multiples of its estimated f0.

    Returns:
        (N,), no less than −120 dB.

    Raises:
        ValueError: If a shape or value is out of range, or partials leave nothing between them.
    """
    a, b = pairs(generated, reference, FRAME)
    lines = np.arange(_PADDING * FRAME // 2 + 1) * _HZ
    levels = []
    for y, expected, partials in zip(a, b, _partials(frequencies, len(a)), strict=True):
        order = np.sort(partials)
        after = np.searchsorted(order, lines)
        below = lines - order[np.maximum(after - 1, 0)]
        above = order[np.minimum(after, len(order) - 1)] - lines
        between = np.minimum(np.abs(below), np.abs(above)) > _LOBE_HZ
        if not between.any():
            raise ValueError(f"frequencies must leave room between them, got {len(order)} partials")
        ratio = _power(y)[between].sum() / _power(expected).sum()
        levels.append(10 * np.log10(max(ratio, 1e-12)))
    return np.array(levels)


def noise_between_peaks(
    generated: NDArray[np.floating],
    reference: NDArray[np.floating],
    counts: Sequence[int],
) -> Floats:
    """The energy beside a sound's own strongest peaks, relative to the reference's whole, in dB.

    `noise_between_partials` with free frequencies: the partials are the `count` strongest lines of
    the sound itself, one after the other, each with the 13.5 Hz to either side. A partial that is
    clean but in the wrong place counts as noise there and not here; hiss counts in both.

    Args:
        generated: (N, T), T ≥ 8,192, at 22,050 Hz.
        reference: (N, T).
        counts: N numbers of peaks, ≥ 1; of a `Sound`, `len(sound.sines(22050)[0])`.

    Returns:
        (N,), no less than −120 dB.

    Raises:
        ValueError: If a shape or value is out of range, or a reference is silent.
    """
    a, b = pairs(generated, reference, FRAME)
    if len(counts) != len(a):
        raise ValueError(f"counts must be {len(a)} numbers, one per sound, got {len(counts)}")
    reach = round(_LOBE_HZ / _HZ)
    levels = []
    for y, expected, count in zip(a, b, counts, strict=True):
        power = _power(y).copy()
        for _ in range(_checks.whole("counts", count, 1, 1_000)):
            peak = int(power.argmax())
            power[max(0, peak - reach) : peak + reach + 1] = 0
        levels.append(10 * np.log10(max(power.sum() / _power(expected).sum(), 1e-12)))
    return np.array(levels)


def _partials(frequencies: Sequence[Floats], count: int) -> list[Floats]:
    if len(frequencies) != count or any(np.size(partials) == 0 for partials in frequencies):
        raise ValueError(
            f"frequencies must be {count} arrays of at least one frequency, one per sound, "
            f"got {len(frequencies)}"
        )
    for partials in frequencies:
        for value in (float(np.min(partials)), float(np.max(partials))):
            _checks.number("frequencies", value, 0, SAMPLE_RATE / 2, exclude_low=True)
    return [np.asarray(partials, dtype=np.float64) for partials in frequencies]


def _power(waveform: Floats) -> Floats:
    """Mean power spectrum, at multiples of `_HZ`."""
    return _power_of_samples(waveform.tobytes())


@lru_cache(maxsize=8)
def _power_of_samples(samples: bytes) -> Floats:
    """`_power` of float64 samples: each measure looks at the same sound, and at its original."""
    waveform = np.frombuffer(samples)
    turn = 2 * np.pi * np.arange(FRAME) / FRAME
    window = sum(term * np.cos(i * turn) for i, term in enumerate(_WINDOW_TERMS))
    frames = np.lib.stride_tricks.sliding_window_view(waveform, FRAME)[::_HOP]
    spectra = scipy.fft.rfft(window * frames, _PADDING * FRAME)
    power: Floats = np.mean(spectra.real**2 + spectra.imag**2, axis=0)
    power.flags.writeable = False
    return power


def _at(power: Floats, frequencies: Floats) -> Floats:
    """Linear interpolation between the lines; 0 beyond half the sample rate."""
    lines = np.arange(len(power)) * _HZ
    result: Floats = np.interp(frequencies, lines, power, right=0)
    return result


def _levels(power: Floats, frequencies: Floats) -> Floats:
    """Level of each partial in dB, the highest within one unpadded line."""
    offsets = np.arange(-_PADDING, _PADDING + 1) * _HZ
    highest = _at(power, frequencies[:, None] + offsets).max(axis=1)
    levels: Floats = 10 * np.log10(np.maximum(highest, 1e-30))
    return levels


def _peak(x: NDArray[np.int_], values: Floats) -> float:
    """Where the values are highest, to a fraction of a step by a parabola through three."""
    i = int(values.argmax())
    if not 0 < i < len(values) - 1:
        return float(x[i])
    before, top, after = values[i - 1 : i + 2]
    bend = before - 2 * top + after
    return float(x[i] + (0.5 * (before - after) / bend if bend < 0 else 0))
