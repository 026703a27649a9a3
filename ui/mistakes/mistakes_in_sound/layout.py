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
    "nothing, and hardly any noise takes its place (here both keep the ratio of their powers). The "
    "standard deviation of x_T would have shown it.",
    "schedule short of noise": "50 steps up to β = 0.01 leave √ᾱ_T = 0.88 of the signal, but "
    "sampling starts from N(0, I), where there is none. The network takes what stands above the "
    "noise that it expects for a sound, and keeps it. √ᾱ_T, or x_T listened to, would have "
    "shown it.",
    "noisiest segment not trained": "`range(1, n_steps)` ends before `n_steps`, so √ᾱ between the "
    "last two steps is never drawn. A network may answer anything where it was not trained. Here "
    "the denoiser is linear with the best possible weights, and you hear what it makes of a sound "
    "in this noise in one step. (The tutorial's sampler skips the step too, so there it does not "
    "show.) The least √ᾱ that was drawn, compared with √ᾱ_T, would have shown it.",
    "range of √ᾱ without width": "The text prints both ends of the range as √ᾱ_{t−1}; the code has "
    "two different ends. Read as printed, only the steps themselves are trained, without the last "
    "one, and the noise level is not continuous. The denoiser is linear with the best possible "
    "weights, and you hear what it makes of a sound in the last segment's noise in one step. A "
    "histogram of the √ᾱ that were drawn would show it.",
    "noisiest step skipped": "`range(n_steps - 1)` ends before the noisiest step, so N(0, I) is "
    "taken for x at the step before it. Of the tutorial's 50 steps this one counts little: √ᾱ is "
    "0.887 in place of 0.882. Of six steps it counts: here are the published six of WaveGrad, with "
    "our vocoder. (On the right the distance is large too, since these six steps begin at "
    "√ᾱ = 0.964, where N(0, I) is not what x is.) The first √ᾱ that the network receives, compared "
    "with √ᾱ_T, would have shown it.",
    "partials even, B not used": "The tutorial draws an inharmonicity B and never uses it, and it "
    "multiplies f₀ by 2 (k + 1): after f₀ only even multiples follow. The sound is that of the "
    "next octave with a weak f₀ below. (The tutorial draws B up to 0.099, far more than a string "
    "has; here B is 0.001.) A spectrum of one sound would have shown it.",
    "gates that hardly condition": "The tutorial's layers multiply their features by √ᾱ, "
    "which its schedule keeps between 0.88 and 1: such a gate is nearly constant. "
    "WaveGrad multiplies √ᾱ by 5,000 and takes sines and cosines, which change from step to step. "
    "Both denoisers here are linear, with the best possible weights. To plot the gates over the "
    "steps would have shown it.",
    "batch norm in training mode": "The tutorial never calls `model.eval()`. Each sound is then "
    "normalised by the mean and variance of the others in the batch, at this one √ᾱ. To sample "
    "the same noise alone and in a batch would have shown it. Our network has no batch norms, so "
    "three were put in that in evaluation mode change nothing.",
}
"""What went wrong, and what a reader would have noticed."""


def show(settings: MistakesInSoundSettings) -> tuple[dict[str, Any], str, str, str, str, str]:
    """The player's payload, the lines of code, the lesson, the costs, and the sources."""
    result = sound_mistake_result(settings)
    chosen = SOUND_MISTAKES[settings.mistake]
    payload = SoundPlayer.payload(
        {name: SoundView(result.sounds[name], result.spectra[name]) for name in result.sounds},
        result.labels,
        sample_rate=SAMPLE_RATE,
        run=settings.to_query(),
        alt=f"Waveform and spectrum: {settings.mistake}",
        file_name=f"mistake-seed-{settings.seed}",
    )
    name = settings.mistake
    return payload, *explained(
        chosen,
        TUTORIAL_SOUND_LINES[name],
        LESSONS[name],
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
