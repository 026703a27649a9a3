"""The sound that the vocoder makes again: one of the synthesiser, or a visitor's own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth import load_excerpt
from synth.features.mel import SAMPLE_RATE

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Subject:
    """The sound that is made again.

    Attributes:
        wave: (1, samples).
        partials: their frequencies, Hz; None of a visitor's own sound, where nobody knows them.
        key: tells it from others.
        start: where a visitor's own sound begins in its file, seconds.
    """

    wave: Array
    partials: npt.NDArray[np.float64] | None
    key: str
    start: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it is."""
        return float(self.wave.shape[1] / SAMPLE_RATE)


def own_subject(path: str | None, start: float = 0.0) -> Subject:
    """An excerpt of a sound of the visitor's own, from its file.

    Raises:
        ValueError: if there is no sound in it, in one sentence.
    """
    if path is None:
        raise ValueError("no sound has arrived: record or upload one")
    waveform, begins = load_excerpt(path, start)
    key = f"own {zlib.crc32(waveform.tobytes()):08x}"
    return Subject(waveform[None], None, key, begins)
