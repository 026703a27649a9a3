"""A sound of the visitor's own, made fit for the vocoder."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from synth import _checks
from synth.features.mel import SAMPLE_RATE


def _recordings() -> dict[str, Path]:
    pyo = find_spec("pyo")
    if pyo is None or pyo.origin is None:  # a machine that only trains may lack it
        return {}
    folder = Path(pyo.origin).parent
    return {
        "flute": folder / "examples/snds/flute.aif",
        "drum loop": folder / "examples/snds/drumloop.wav",
        "accordion": folder / "lib/snds/accord.aif",
    }


RECORDINGS = _recordings()
"""Recordings that pyo brings for its own examples, under its licence (LGPL 3)."""

LONGEST = 4.0
SHORTEST = 0.1
"""Seconds."""

MIN_PEAK = 1e-4
"""A peak below, 80 dB under full scale, is taken for silence."""

RMS = 0.12
"""The root mean square of the result, where its peaks allow it."""

MAX_MEGABYTES = 20
LONGEST_SILENCE = 60.0
"""Seconds in front of the sound that are skipped; behind them a file is taken to be silent."""

_LEAD = 0.05  # seconds that stay before the first sample that is heard
_RATES = (4_000, 384_000)
_FORMATS = "wav, flac, ogg, opus, mp3, aiff or m4a"
# FFmpeg also knows playlists, which would open other files: only containers of sound may pass.
_FFMPEG_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,aac,asf",
    "protocol_whitelist": "file",
}

Floats = NDArray[np.float64]
Blocks = Iterator[tuple[int, Floats]]


class Excerpt(NamedTuple):
    """A piece of an audio file.

    Attributes:
        waveform: float32 (T,), T ≤ 88,200, at 22,050 Hz.
        start: Where it begins in the file, in seconds, behind the silence that was skipped.
    """

    waveform: NDArray[np.float32]
    start: float


def load_sound(path: str | os.PathLike[str], start: float = 0.0) -> NDArray[np.float32]:
    """The waveform of `load_excerpt`, which takes and refuses the same."""
    return load_excerpt(path, start).waveform


def load_excerpt(path: str | os.PathLike[str], start: float = 0.0) -> Excerpt:
    """Up to 4 s of an audio file: one channel, 22,050 Hz, of one root mean square.

    libsndfile reads wav, flac, ogg, opus, mp3 and aiff; FFmpeg, through PyAV, reads the rest, such
    as m4a. Silence in front is skipped, a constant offset is taken away, and the channels are
    averaged; where they cancel one another, the louder one is taken. No more of the file is read
    than is used, however long it is. Resampled by soxr's "HQ", which has no numba to warm up.

    Args:
        path: The file, of at most 20 MB.
        start: Where the excerpt begins, in [0, 3600] s; silence that follows is skipped as well.

    Returns:
        The excerpt, of root mean square 0.12 unless that would exceed [−1, 1].

    Raises:
        ValueError: If it is no such file, or what is in it is too short, silent or not finite;
            one sentence for the visitor.
    """
    start = _checks.number("excerpt start", start, 0, 3600)
    name = Path(path).name
    import av  # takes a while, and loads only where a sound is uploaded

    try:
        megabytes = os.stat(path).st_size / 1e6
        if megabytes > MAX_MEGABYTES:
            raise ValueError(
                f"{name} must have at most {MAX_MEGABYTES} MB, got {megabytes:.0f} MB; "
                f"{LONGEST:g} s of it are used"
            )
        try:
            return _prepared(*_excerpt(_by_libsndfile(path), name, start), name, start)
        except soundfile.LibsndfileError:
            return _prepared(*_excerpt(_by_ffmpeg(path), name, start), name, start)
    except (OSError, av.FFmpegError) as error:
        raise ValueError(f"{name} cannot be read as {_FORMATS}") from error


def _by_libsndfile(path: str | os.PathLike[str]) -> Blocks:
    """The sample rate and a second at a time, (T, channels)."""
    with soundfile.SoundFile(path) as file:
        empty = np.zeros((0, file.channels))
        yield file.samplerate, empty  # so that a file without samples has a rate as well
        while len(block := file.read(file.samplerate, dtype="float64", always_2d=True)):
            yield file.samplerate, block


def _by_ffmpeg(path: str | os.PathLike[str]) -> Blocks:
    """The same from FFmpeg, a packet at a time."""
    import av

    with av.open(os.fspath(path), options=_FFMPEG_OPTIONS) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise OSError("no audio stream")
        rate = stream.rate
        yield rate, np.zeros((0, stream.channels))
        to_floats = av.AudioResampler("fltp", rate=rate)
        for frame in container.decode(stream):
            for each in to_floats.resample(frame):
                yield rate, each.to_ndarray().T.astype(np.float64)


def _excerpt(blocks: Blocks, name: str, start: float) -> tuple[Floats, int, int]:
    """What is used of a file, (T, channels), with at most a block in front.

    Then the sample rate, and which sample of the file is the first.
    """
    rate, before = next(blocks)
    if not _RATES[0] <= rate <= _RATES[1]:
        raise ValueError(
            f"{name}: the sample rate must be in [{_RATES[0]}, {_RATES[1]}] Hz, got {rate}"
        )
    first = skip = round(start * rate)
    silent = 0
    kept: list[Floats] = []
    for _, block in blocks:
        skip, block = max(skip - len(block), 0), block[skip:]
        if not np.isfinite(block).all():
            raise ValueError(f"{name} must hold finite samples, got nan or infinity")
        if not kept and _is_silent(block):
            silent += len(block)
            before = np.concatenate([before, block])[-rate:]
            if silent > LONGEST_SILENCE * rate:
                break
            continue
        kept.append(block)
        if sum(map(len, kept)) >= LONGEST * rate + len(kept[0]):
            break
    return np.concatenate([before, *kept]), rate, first + silent - len(before)


def _is_silent(block: Floats) -> bool:
    return not len(block) or bool(np.abs(block - block.mean(axis=0)).max() < MIN_PEAK)


def _prepared(channels: Floats, rate: int, first: int, name: str, start: float) -> Excerpt:
    seconds = len(channels) / rate
    where = f" after excerpt start = {start:g} s" if start else ""
    if seconds < SHORTEST:
        raise ValueError(f"{name} must last at least {SHORTEST} s{where}, got {seconds:.2g} s")
    # Before resampling: an offset that begins and ends at once rings like two clicks.
    mono = _one_channel(channels - channels.mean(axis=0))
    if np.abs(mono).max() < MIN_PEAK:
        longer = f", or its first {LONGEST_SILENCE:g} s are" if seconds >= 1 else ""
        raise ValueError(f"{name} is silent{where}{longer}")
    onset = _onset(mono, rate)
    mono = mono[onset:][: int(LONGEST * rate)]
    import soxr  # loads only where a sound is uploaded

    resampled: Floats = soxr.resample(mono - mono.mean(), rate, SAMPLE_RATE)
    used = resampled[: int(LONGEST * SAMPLE_RATE)]
    gain = min(RMS / np.sqrt(np.square(used).mean()), 1 / np.abs(used).max())
    return Excerpt((gain * used).astype(np.float32), (first + onset) / rate)


def _one_channel(channels: Floats) -> Floats:
    """The average, or the loudest channel where the average loses more than 20 dB of it."""
    mono: Floats = channels.mean(axis=1)
    powers = np.square(channels).mean(axis=0)
    if np.square(mono).mean() >= 0.01 * powers.max():
        return mono
    loudest: Floats = channels[:, powers.argmax()]
    return loudest


def _onset(mono: Floats, rate: int) -> int:
    """The sample at which an excerpt begins, so that 0.1 s of it at least are left."""
    first = int(np.argmax(np.abs(mono) >= MIN_PEAK)) - round(_LEAD * rate)
    return max(min(first, len(mono) - int(np.ceil(SHORTEST * rate))), 0)
