"""Blind listening (ABX): the sounds A and B of a question, X, and how often a class heard it."""

from __future__ import annotations

import hmac
import io
import secrets
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.io import wavfile

from synth.metrics.listening_test import p_value
from ui.sound.side_by_side.compute import SideBySideSettings, sound_run
from ui.sound.sound_views import SAMPLE_RATE, equally_loud

SOUNDS = ("A", "B")
"""The two sounds, and the answers: which of them X is."""


class Draws:
    """Which sound X is, drawn for each student and kept by nobody.

    A draw is one bit of HMAC-SHA256 of who listens to what, with a key that ends with the server.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def x(self, room: str, scene: int, student: str) -> str:
        """A or B: always the same to the same student in the same room and scene."""
        drawn = hmac.digest(self._key, f"{room} {scene} {student}".encode(), "sha256")
        return SOUNDS[drawn[0] % 2]


def sound_files(settings: SideBySideSettings, runs: Sequence[int]) -> dict[str, bytes]:
    """The wav files of A and B, equally loud and equally long.

    Raises:
        ValueError: if a run is not in use.
    """
    waves = {}
    for name, run in zip(SOUNDS, runs, strict=True):
        plan = settings.plan(run)
        if plan is None:
            raise ValueError(f"run {run} is not in use")
        waves[name] = sound_run(plan, settings.sound, settings.duration, settings.seed).wave
    return {name: wav(wave[0]) for name, wave in equally_loud(waves).items()}


def wav(samples: npt.NDArray[np.floating]) -> bytes:
    """The wav file of a sound within [-1, 1]."""
    file = io.BytesIO()
    wavfile.write(file, SAMPLE_RATE, np.round(32_767 * samples).astype(np.int16))
    return file.getvalue()


def score(right: Sequence[bool]) -> dict[str, float | None]:
    """The hits of a class, their fraction, and the p-value of so many or more by guessing.

    Without any answer there is neither fraction nor p-value.
    """
    hits, trials = sum(right), len(right)
    if not trials:
        return {"hits": 0, "hit_rate": None, "p_value": None}
    return {"hits": hits, "hit_rate": hits / trials, "p_value": p_value(hits, trials)}
