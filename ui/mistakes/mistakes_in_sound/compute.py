"""The notebook's mistakes in sound: their settings, and their runs as they are heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from diffusion.waveform.sound_mistakes import SOUND_MISTAKES
from diffusion.waveform.sound_takes import SAMPLE_RATE
from synth import (
    common_gain,
    match_together,
    pooled_spectra,
)
from ui.shared.cache import computed_once
from ui.shared.models import frames_to_keep
from ui.shared.settings import Settings, choice, seed
from ui.texts import Texts

TEXTS = Texts("mistakes-in-sound")


MAX_FRAMES = 13

Array = npt.NDArray[np.float32]

LOUDNESS_COUNTS = {"β for √β", "frames of 11 ms"}
"""Where wrong and right are played with one gain, since their loudness is the point."""


@dataclass(frozen=True)
class MistakesInSoundSettings(Settings):
    """The controls of the notebook's mistakes in sound."""

    title: ClassVar[str] = "Mistakes in sound"
    old_tabs: ClassVar[tuple[str, ...]] = ("sound-mistakes",)
    mistake: str = choice(
        next(iter(SOUND_MISTAKES)),
        tuple(SOUND_MISTAKES),
        old_options={"level one step off": "range of √ᾱ without width"},
    )
    seed: int = seed()


@dataclass(frozen=True)
class SoundMistakeResult:
    """The wrong and the right run of one mistake, as they are heard.

    Attributes:
        sounds: "wrong" and "right", each (steps, samples) within [-1, 1].
        spectra: likewise (steps, bins), in dB below the loudest, to half the sample rate.
        labels: one for each step.
        costs: by the name of a measure, its value for wrong and for right.
    """

    sounds: dict[str, Array]
    spectra: dict[str, npt.NDArray[np.float64]]
    labels: list[str]
    costs: dict[str, tuple[float, float]]


@computed_once(maxsize=32)
def sound_mistake_result(settings: MistakesInSoundSettings) -> SoundMistakeResult:
    """Run the wrong and the right way now, and measure both."""
    chosen = SOUND_MISTAKES[settings.mistake]
    wrong, right = chosen.wrong(settings.seed), chosen.right(settings.seed)
    last = len(right.sounds) - 1
    kept = frames_to_keep(last + 1, MAX_FRAMES)
    sounds = {"wrong": wrong.sounds[kept], "right": right.sounds[kept]}
    return SoundMistakeResult(
        sounds=_heard(settings.mistake, sounds),
        spectra={name: pooled_spectra(each, SAMPLE_RATE) for name, each in sounds.items()},
        labels=[TEXTS.say("step", step=i, last=last) for i in kept]
        if last
        else [TEXTS["one_sound"]],
        costs={name: (value, right.costs[name]) for name, value in wrong.costs.items()},
    )


def _heard(name: str, sounds: dict[str, npt.NDArray[np.floating]]) -> dict[str, Array]:
    """Wrong and right in one loudness; where their difference is the point, with one gain."""
    if name in LOUDNESS_COUNTS:
        gain = common_gain(sounds.values())
        return {name: (gain * each).astype(np.float32) for name, each in sounds.items()}
    matched, _ = match_together(sounds.values())
    return dict(zip(sounds, matched, strict=True))
