"""WRONG ON PURPOSE: what the tutorial does to its sounds, each beside the right way.

Never build on this module. Wrong and right differ in one line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth.sound import Sound

Floats = NDArray[np.floating]

FULL_SCALE = 32_767
"""The largest number in a 16-bit file."""

LIMIT_DB = 120.0


@dataclass(frozen=True)
class Kept:
    """Sounds before and after something that cannot hold samples outside [-1, 1].

    Attributes:
        samples: what was to be kept, (N, T).
        kept: what is left of it, (N, T).
    """

    samples: Floats
    kept: Floats

    def fraction_outside(self) -> NDArray[np.float64]:
        """The fraction of each sound's samples beyond full scale, (N,)."""
        fraction: NDArray[np.float64] = (np.abs(self.samples) > 1).mean(axis=1)
        return fraction

    def signal_to_distortion(self) -> NDArray[np.float64]:
        """10 log10(‖y‖² / ‖ŷ - y‖²) of each sound, at most 120 dB, (N,)."""
        noise = np.square(self.kept - self.samples, dtype=np.float64).sum(axis=1)
        signal = np.square(self.samples, dtype=np.float64).sum(axis=1)
        ratio: NDArray[np.float64] = 10 * np.log10(
            signal / np.maximum(noise, signal * 10 ** (-LIMIT_DB / 10))
        )
        return ratio


def sixteen_bits(samples: Floats) -> Floats:
    """Through a 16-bit file that is written without clipping, as pyo's are.

    Numbers beyond full scale keep their lowest 16 bits: they wrap around to the other end.
    """
    numbers = np.rint(samples * FULL_SCALE).astype(np.int64).astype(np.int16)
    read: Floats = numbers / np.float32(FULL_SCALE + 1)
    return read


def file_as_it_comes(waveforms: Floats) -> Kept:
    """WRONG: a sum of many partials is far beyond full scale."""
    samples = waveforms
    return Kept(samples, sixteen_bits(samples))


def file_in_range(waveforms: Floats) -> Kept:
    """Right."""
    samples = waveforms / np.abs(waveforms).max(axis=1, keepdims=True)
    return Kept(samples, sixteen_bits(samples))


def divided_by_max(waveforms: Floats) -> Kept:
    """WRONG: nothing bounds what lies below zero, and the sampler clamps it."""
    samples = waveforms / waveforms.max(axis=1, keepdims=True)
    return Kept(samples, samples.clip(-1, 1))


def divided_by_peak(waveforms: Floats) -> Kept:
    """Right."""
    samples = waveforms / np.abs(waveforms).max(axis=1, keepdims=True)
    return Kept(samples, samples.clip(-1, 1))


def frames_of_11_ms(waveforms: Floats) -> Floats:
    """WRONG: shorter than a period of the lowest pitch."""
    frames = waveforms[:, 250:500]
    return frames


def frames_of_a_second(waveforms: Floats) -> Floats:
    """Right."""
    frames = waveforms[:, :22_050]
    return frames


def even_partials(sounds: Sequence[Sound]) -> list[Sound]:
    """WRONG: only even multiples follow f0, and the inharmonicity that was drawn is not used."""
    made = [replace(sound, series="notebook") for sound in sounds]
    return made


def stretched_partials(sounds: Sequence[Sound]) -> list[Sound]:
    """Right."""
    made = [replace(sound, series="harmonic") for sound in sounds]
    return made
