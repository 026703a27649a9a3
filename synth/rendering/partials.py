"""The partials of a sound as they are meant: where they lie, how loud the filter leaves them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth import _checks
from synth.rendering.biquad import bandpass, response
from synth.sound import Sound, partial_ranks

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PartialDecibels:
    """Every sine of a sound, those of the first note first; 0 dB is an amplitude of 1.

    Attributes:
        frequencies: (S,), Hz.
        before: Amplitudes in front of the filter, (S,), dB.
        after: Amplitudes behind it, (S,), dB.
        first_note: How many of them are the first note's.
    """

    frequencies: Floats
    before: Floats
    after: Floats
    first_note: int


def partial_decibels(sound: Sound, sample_rate: float) -> PartialDecibels:
    """20 log10 a_k and 20 log10(a_k |H(f_k)|) of all that sounds; see `Sound.sines`.

    Args:
        sound: The sound; nothing of it need sound.
        sample_rate: In Hz, more than twice the filter's frequency.

    Raises:
        ValueError: If the sample rate is too low.
    """
    frequencies, amplitudes = sound.sines(sample_rate)
    before = 20 * np.log10(amplitudes)
    first = sound.partial_frequencies(sample_rate)
    heard = sound.partial_amplitudes()[: len(first)] > 0
    return PartialDecibels(
        frequencies=frequencies,
        before=before,
        after=before + filter_gain(sound, frequencies, sample_rate),
        first_note=int(heard.sum()),
    )


def filter_gain(sound: Sound, frequencies: Floats, sample_rate: float) -> Floats:
    """The gain 20 log10 |H(exp(2πi f / sample_rate))| of a sound's filter; see `synth.biquad`.

    Args:
        sound: The sound.
        frequencies: Above 0 Hz and below half the sample rate, any shape.
        sample_rate: In Hz, more than twice the filter's frequency.

    Returns:
        dB, at most 0, shaped like `frequencies`.

    Raises:
        ValueError: If the sample rate is too low.
    """
    _checks.number("sample_rate", sample_rate, 2 * sound.filter_frequency, 1e9, exclude_low=True)
    centre, q = np.array(sound.filter_frequency), np.array(sound.filter_q)
    z = np.exp(2j * np.pi * np.asarray(frequencies) / sample_rate)
    gain: Floats = 20 * np.log10(np.abs(response(z, *bandpass(centre, q, sample_rate))))
    return gain


def stretch_in_cents(sound: Sound, sample_rate: float) -> Floats:
    """How much sharper than the multiple of f0 each partial is, 1200 log2(f_k / k f0).

    Args:
        sound: The sound.
        sample_rate: In Hz; partials at or above half of it are left out.

    Returns:
        (P,), P ≤ num_harmonics, cents.

    Raises:
        ValueError: If the sample rate is not a positive number.
    """
    frequencies = sound.partial_frequencies(sample_rate)
    ranks = partial_ranks(sound.num_harmonics, sound.series)[: len(frequencies)]
    cents: Floats = 1200 * np.log2(frequencies / (ranks * sound.f0))
    return cents
