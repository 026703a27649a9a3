"""The section In sound of the notebook's mistakes: each heard beside the right way."""

from __future__ import annotations

from typing import Any

from diffusion.waveform.sound_mistakes import FURTHER_CODE, SOUND_MISTAKES
from diffusion.waveform.sound_takes import SAMPLE_RATE
from diffusion.waveform.tutorial_lines import TUTORIAL_SOUND_LINES
from ui.components import SoundPlayer, SoundView
from ui.mistakes.costs import measure_all
from ui.mistakes.mistakes_in_sound.compute import MistakesInSoundSettings, sound_mistake_result
from ui.mistakes.shared_layout import explained, lay_out
from ui.shared.introduction import Introduction
from ui.texts import Texts

TEXTS = Texts("mistakes-in-sound")

INTRODUCTION = Introduction(
    MistakesInSoundSettings,
    {
        "wraps_around": {"mistake": "16-bit file, not in range"},
        "short_frames": {"mistake": "frames of 11 ms"},
        "short_schedule": {"mistake": "schedule short of noise"},
    },
)


def show(settings: MistakesInSoundSettings) -> tuple[dict[str, Any], str, str, str, str, str]:
    """The player's payload, the lines of code, the lesson, the costs, and the sources."""
    result = sound_mistake_result(settings)
    chosen = SOUND_MISTAKES[settings.mistake]
    payload = SoundPlayer.payload(
        {name: SoundView(result.sounds[name], result.spectra[name]) for name in result.sounds},
        result.labels,
        sample_rate=SAMPLE_RATE,
        run=settings.to_query(),
        alt=TEXTS.say("alt", mistake=settings.mistake),
        file_name=f"mistake-seed-{settings.seed}",
    )
    name = settings.mistake
    return payload, *explained(
        chosen,
        TUTORIAL_SOUND_LINES[name],
        TEXTS[f"lessons.{name}"],
        result.costs,
        *FURTHER_CODE.get(name, ()),
    )


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    lay_out(
        MistakesInSoundSettings,
        SoundPlayer,
        INTRODUCTION,
        TEXTS["details"],
        show,
        old_endpoint="sound_mistake",
        overview=measure_all(
            MistakesInSoundSettings, SOUND_MISTAKES, lambda each: sound_mistake_result(each).costs
        ),
    )
