"""The section In sound of the notebook's mistakes: each heard beside the right way."""

from __future__ import annotations

from typing import Any

from ui.components import SoundPlayer, SoundView
from ui.mistakes.mistakes_in_sound.compute import (
    BESIDE,
    SAMPLE_RATE,
    SOUND_MISTAKES,
    MistakesInSoundSettings,
    sound_mistake_result,
)
from ui.mistakes.shared_layout import lay_out, told
from ui.shared.introduction import Introduction

INTRODUCTION = Introduction("", (), "")

TEXT = """
The tutorial's mistakes with sounds. Each runs now, wrong and right by one line, from one seed.
**Listen**, and switch between **wrong** and **right** while it plays.
"""

LESSONS = {
    "16-bit file, not in range": "The tutorial's recorder writes 16-bit numbers and does not clip. "
    "Up to 20 partials of amplitude 1 add up to far more than full scale, and each number beyond "
    "it keeps its lowest 16 bits: it wraps around to the other end. Of 64 random sounds, you hear "
    "the one that suffers most. To listen to the data set would have shown it.",
    "max for max |y|": "A sound is not symmetric about zero. Divided by max y it still reaches "
    "far below −1. The sampler clamps x̂₀ to [−1, 1], so that no network can ever make such a "
    "sound. Of 64 random sounds, you hear the one that suffers most. The least sample of the data "
    "set would have shown it.",
    "frames of 11 ms": "250 samples at 22,050 Hz are less than one period of the lowest pitch, and "
    "a line in the spectrum is wider than the distance of two partials: in a click there is no "
    "pitch to be heard, nor to be learned. To listen to one training example would have shown it.",
    "β for √β": "β is a variance; a standard deviation scales the noise. The signal still fades to "
    "nothing, and hardly any noise takes its place (here both are as loud as they are). The spread "
    "of x_T would have shown it.",
    "schedule short of noise": "50 steps up to β = 0.01 leave √ᾱ_T = 0.88 of the signal, but "
    "sampling starts from N(0, I), where there is none. The network takes what stands above the "
    "noise that it expects for a sound, and keeps it. √ᾱ_T, or x_T listened to, would have "
    "shown it.",
    "level one step off": "The tutorial writes `alphas_prod_p_sqrt[t+1]`. It is right by a detour: "
    "its `alphas_prod_p` is ᾱ shifted by one step, so that [t+1] is √ᾱ_t. A reader who overlooks "
    "the p takes the level of the next noisier step, and in 12 steps loses about this much. In "
    "50 steps the levels lie so close that nothing can be heard, which is why nobody would notice.",
    "batch norm in training mode": "The tutorial never calls `model.eval()`. Each sound is then "
    "normalised by the mean and variance of those beside it, at this one noise level. To sample "
    "the same noise alone and in a batch would have shown it. Our network has no batch norms, so "
    "three were put in that in evaluation mode change nothing.",
}
"""What went wrong, and what a reader would have noticed."""


def show(settings: MistakesInSoundSettings) -> tuple[dict[str, Any], str, str, str, str, str]:
    """The player's payload, both lines of code, the lesson, the costs, and the sources."""
    result = sound_mistake_result(settings)
    chosen = SOUND_MISTAKES[settings.mistake]
    payload = SoundPlayer.payload(
        {name: SoundView(result.sounds[name], result.spectra[name]) for name in result.sounds},
        result.labels,
        sample_rate=SAMPLE_RATE,
        max_frequency=SAMPLE_RATE / 2,
        run=settings.to_query(),
        alt=f"Waveform and spectrum: {settings.mistake}",
        file_name=f"mistake-seed-{settings.seed}",
    )
    return payload, *told(
        chosen, LESSONS[settings.mistake], result.costs, *BESIDE.get(settings.mistake, ())
    )


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    lay_out(
        MistakesInSoundSettings, SoundPlayer, INTRODUCTION, TEXT, show, old_endpoint="sound_mistake"
    )
