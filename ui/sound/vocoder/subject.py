"""The sound that a vocoder makes again: one of the synthesiser, a recording, a visitor's own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth import load_excerpt, render
from synth.features.mel import SAMPLE_RATE
from ui.shared.cache import computed_once
from ui.sound.sound_text import decode_sound, in_words
from ui.texts import Texts

TEXTS = Texts("sound-choice")


Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Subject:
    """The sound that is made again.

    Attributes:
        wave: (1, samples).
        partials: their frequencies, Hz; None of a recording, where nobody knows them.
        key: tells it from others.
        words: what the page says of it.
    """

    wave: Array
    partials: npt.NDArray[np.float64] | None
    key: str
    words: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return float(self.wave.shape[1] / SAMPLE_RATE)


@computed_once(maxsize=64)
def synthesised(sound: str, duration: float) -> Subject:
    """The sound that a text of `encode_sound` describes."""
    decoded = decode_sound(sound)
    wave = render([decoded], duration, SAMPLE_RATE)
    words = f"{in_words(decoded)}; {duration:g} s"
    return Subject(wave, decoded.sines(SAMPLE_RATE)[0], sound, words)


def recorded(path: str | None, start: float = 0.0, name: str = "") -> Subject:
    """An excerpt of a recording, from its file.

    Args:
        path: of the file.
        start: where the excerpt begins, seconds.
        name: what the page calls it; if empty, the visitor's own.

    Raises:
        ValueError: if there is no sound in it, in one sentence.
    """
    if path is None:
        raise ValueError(TEXTS["not_arrived"])
    waveform, begins = load_excerpt(path, start)
    key = f"own {zlib.crc32(waveform.tobytes()):08x}"
    return Subject(
        waveform[None], None, key, f"{name or TEXTS['your_own']}, {_place(waveform, begins)}"
    )


def _place(waveform: Array, begins: float) -> str:
    """Which part of its file it is, in words."""
    seconds = len(waveform) / SAMPLE_RATE
    return TEXTS.say("place", seconds=seconds, begins=begins, ends=begins + seconds)
