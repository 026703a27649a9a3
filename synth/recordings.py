"""A sound of the visitor's own, made fit for the vocoder."""

import os
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from synth.features.listening import match_loudness
from synth.features.mel import SAMPLE_RATE

LONGEST = 4.0
SHORTEST = 0.1
"""Seconds."""

SILENCE = 1e-4
"""A peak below, 80 dB under full scale, is taken for silence."""

_RATES = (4_000, 384_000)


def load_sound(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    """The first 4 s of a wav, flac, ogg or mp3 file: one channel, 22,050 Hz, of even loudness.

    Channels are averaged and a constant offset is taken away; no more of the file is read than
    is used, however long it is. Resampled by soxr's "HQ", which has no numba to warm up.

    Args:
        path: The file.

    Returns:
        float32 (T,), T ≤ 88,200, of root mean square 0.12 unless that would exceed [−1, 1].

    Raises:
        ValueError: If it is no such file, or what is in it is too short, silent or not finite;
            one sentence for the visitor.
    """
    name = Path(path).name
    try:
        with soundfile.SoundFile(path) as file:
            rate = file.samplerate
            if not _RATES[0] <= rate <= _RATES[1]:
                raise ValueError(
                    f"{name}: the sample rate must be in [{_RATES[0]}, {_RATES[1]}] Hz, got {rate}"
                )
            channels = file.read(int(LONGEST * rate), dtype="float64", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise ValueError(f"{name} cannot be read as wav, flac, ogg or mp3") from error
    return _prepared(channels, rate, name)


def _prepared(channels: NDArray[np.float64], rate: int, name: str) -> NDArray[np.float32]:
    seconds = len(channels) / rate
    if seconds < SHORTEST:
        raise ValueError(f"{name} must last at least {SHORTEST} s, got {seconds:.2g} s")
    if not np.isfinite(channels).all():
        raise ValueError(f"{name} must hold finite samples, got nan or infinity")
    import soxr  # loads only where a sound is uploaded

    mono: NDArray[np.float64] = soxr.resample(channels.mean(axis=1), rate, SAMPLE_RATE)
    mono = mono[: int(LONGEST * SAMPLE_RATE)] - mono.mean()
    if np.abs(mono).max() < SILENCE:
        raise ValueError(f"{name} is silent, or its first {LONGEST:g} s are")
    sound: NDArray[np.float32] = match_loudness(mono[None])[0]
    return sound
