"""Sounds as the player shows them: equally loud, with their spectra, named step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synth import match_loudness, pooled_spectra
from ui.components import SoundPlayer, SoundView

SAMPLE_RATE = 22_050

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SoundSteps:
    """A sound, or the steps of its making, in one or more views.

    Attributes:
        sounds: for each view's name the steps (steps, samples), made equally loud, within [-1, 1].
        spectra: (steps, bins) in dB below the loudest, from 0 Hz to `max_frequency`.
        max_frequency: in Hz.
        labels: one for each step.
        facts: numbers with their names.
    """

    sounds: dict[str, Array]
    spectra: dict[str, npt.NDArray[np.float64]]
    max_frequency: float
    labels: list[str]
    facts: dict[str, str]

    def payload(self, run: str, alt: str, file_name: str) -> dict[str, Any]:
        """What a `SoundPlayer` shows; its arguments as there."""
        return SoundPlayer.payload(
            {name: SoundView(sounds, self.spectra[name]) for name, sounds in self.sounds.items()},
            self.labels,
            sample_rate=SAMPLE_RATE,
            max_frequency=self.max_frequency,
            run=run,
            alt=alt,
            file_name=file_name,
        )


def sound_steps(
    waves: Mapping[str, Array], max_frequency: float, labels: Sequence[str], facts: dict[str, str]
) -> SoundSteps:
    """Steps of waves (steps, samples) at 22,050 Hz, by their views' names."""
    return SoundSteps(
        sounds={name: match_loudness(wave) for name, wave in waves.items()},
        spectra={
            name: pooled_spectra(wave, SAMPLE_RATE, max_frequency) for name, wave in waves.items()
        },
        max_frequency=max_frequency,
        labels=list(labels),
        facts=facts,
    )
