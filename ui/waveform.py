"""Waveforms (WaveGrad): what its tab computes, sounds composed and sounds generated."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, get_args

import numpy as np
import numpy.typing as npt
import torch

from diffusion import iterate
from diffusion.samplers import Sampler
from synth import (
    Renderer,
    Sound,
    harmonics_to_noise,
    match_loudness,
    nearest_member,
    pooled_spectra,
    render,
)
from ui.models import checkpoint, evaluations, frames_to_keep, state_label
from ui.settings import Settings, choice, number, seed

SAMPLE_RATE = 22_050
NUM_SAMPLES = 16 * 512
FITTED_SAMPLES = 2_048
GENERATED_MAX_FREQUENCY = 6_000.0
MAX_FRAMES = 21

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class WaveformSettings(Settings):
    """The controls of Waveforms (WaveGrad)."""

    tab: ClassVar[str] = "waveform"
    f0: float = number(146.8, "pitch f₀ (Hz)", 40.0, 1000.0, 0.1)
    num_harmonics: int = number(12, "partials", *Sound.RANGES["num_harmonics"], 1)
    inharmonicity: float = number(0.0, "inharmonicity B", *Sound.RANGES["inharmonicity"], 0.0005)
    filter_frequency: float = number(660.0, "filter frequency (Hz)", 50.0, 6000.0, 1.0)
    filter_q: float = number(2.0, "filter Q", *Sound.RANGES["filter_q"], 0.1)
    duration: float = number(1.0, "duration (s)", 0.1, 4.0, 0.1)
    renderer: str = choice("pyo", "renderer", get_args(Renderer), "pyo, or its vectorised twin")
    sampler: str = choice("ddpm", "sampler", get_args(Sampler))
    num_inference_steps: int = number(50, "steps", 4, 200, 1)
    eta: float = number(0.0, "η, of DDIM only", 0.0, 1.0, 0.05, "0: deterministic, 1: like DDPM")
    seed: int = seed()

    def sound(self) -> Sound:
        """The sound that the first five controls describe."""
        return Sound(
            f0=self.f0,
            num_harmonics=self.num_harmonics,
            inharmonicity=self.inharmonicity,
            filter_frequency=self.filter_frequency,
            filter_q=self.filter_q,
        )


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


@lru_cache(maxsize=32)
def compose_result(settings: WaveformSettings) -> SoundSteps:
    """Render the sound that the sliders describe."""
    sound = settings.sound()
    renderer: Any = settings.renderer  # one of its options, as the settings have checked
    wave = render(sound, settings.duration, SAMPLE_RATE, renderer)
    partials = sound.partial_frequencies(SAMPLE_RATE)
    return _steps(
        {"sound": wave},
        max_frequency=SAMPLE_RATE / 2,
        labels=["the sound"],
        facts={
            "partials below half the sample rate": f"{len(partials)} of {sound.num_harmonics}",
            "from … to": f"{partials[0]:.1f} … {partials[-1]:.1f} Hz",
        },
    )


@lru_cache(maxsize=32)
def generate_result(settings: WaveformSettings) -> SoundSteps:
    """Make a sound from noise with the trained network, and keep x_t and x̂₀ on the way."""
    trained = checkpoint("waveform-wavegrad")
    started = time.perf_counter()
    states = list(
        iterate(
            trained.network,
            trained.inference_schedule(settings.num_inference_steps),
            (1, NUM_SAMPLES),
            settings.sampler,  # type: ignore[arg-type]  # checked by the settings
            eta=settings.eta,
            generator=torch.Generator().manual_seed(settings.seed),
        )
    )
    seconds = time.perf_counter() - started
    kept = [states[i] for i in frames_to_keep(len(states), MAX_FRAMES)]
    final = states[-1].x.cpu().numpy()
    return _steps(
        {
            "x_t": torch.cat([state.x for state in kept]).cpu().numpy(),
            "x̂₀": torch.cat([state.pred_original_sample for state in kept]).cpu().numpy(),
        },
        max_frequency=GENERATED_MAX_FREQUENCY,
        labels=[state_label(state) for state in kept],
        facts=_nearest(final)
        | {"network evaluations": evaluations(settings.sampler, settings.num_inference_steps)}
        | {"time": f"{seconds:.2f} s for {NUM_SAMPLES / SAMPLE_RATE:.2f} s of sound"},
    )


def _nearest(wave: Array) -> dict[str, str]:
    """The nearest member of the family to the middle of a generated sound (1, samples)."""
    start = (wave.shape[1] - FITTED_SAMPLES) // 2
    middle = wave[:, start : start + FITTED_SAMPLES]
    residuals, sounds = nearest_member(middle, SAMPLE_RATE)
    sound = sounds[0]
    return {
        "harmonics to noise": f"{harmonics_to_noise(middle, SAMPLE_RATE)[0]:.0f} dB",
        "nearest sound of the family": f"f₀ = {sound.f0:.1f} Hz, {sound.num_harmonics} partials, "
        f"filter {sound.filter_frequency:.0f} Hz, Q {sound.filter_q:.0f}",
        "what is left after fitting it": f"{float(residuals[0]):.3f} of the amplitude",
    }


def _steps(
    waves: dict[str, Array], max_frequency: float, labels: list[str], facts: dict[str, str]
) -> SoundSteps:
    return SoundSteps(
        sounds={name: match_loudness(wave) for name, wave in waves.items()},
        spectra={
            name: pooled_spectra(wave, SAMPLE_RATE, max_frequency) for name, wave in waves.items()
        },
        max_frequency=max_frequency,
        labels=labels,
        facts=facts,
    )
