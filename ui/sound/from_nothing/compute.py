"""From nothing, of Waveforms (WaveGrad): what its section computes, a sound made from noise."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar, get_args

import numpy as np
import numpy.typing as npt
import torch

from diffusion import iterate
from diffusion.sampling.samplers import Sampler
from diffusion.waveform.typical_seed import load_seeds, num_smaller
from synth import harmonics_to_noise, nearest_member
from ui.shared.cache import computed_once
from ui.shared.models import checkpoint, evaluations, frames_to_keep, state_label
from ui.shared.settings import Settings, choice, number, seed
from ui.sound.sound_steps import SoundSteps
from ui.sound.sound_views import SAMPLE_RATE, sound_views

NUM_SAMPLES = 16 * 512
FITTED_SAMPLES = 2_048
GENERATED_MAX_FREQUENCY = 6_000.0
MAX_FRAMES = 21
ETA_INFO = "only ddim uses it: 0 adds no noise, 1 as much as ddpm"


@dataclass(frozen=True)
class FromNothingSettings(Settings):
    """The controls of From nothing."""

    title: ClassVar[str] = "From nothing"
    old_tabs: ClassVar[tuple[str, ...]] = ("waveform",)
    sampler: str = choice("ddpm", "sampler", get_args(Sampler))
    num_inference_steps: int = number(50, "steps", 4, 200, 1)
    eta: float = number(0.0, "DDIM noise η", 0.0, 1.0, 0.05, ETA_INFO)
    seed: int = seed()


@computed_once(maxsize=32)
def generate_result(settings: FromNothingSettings) -> SoundSteps:
    """Make a sound from noise with the trained network, and keep x_t and x̂₀ on the way."""
    trained = checkpoint("waveform-wavegrad")
    started = time.perf_counter()
    states = list(
        iterate(
            trained.network,
            trained.inference_schedule(settings.num_inference_steps),
            (1, NUM_SAMPLES),
            settings.sampler,  # type: ignore[arg-type]  # checked by the settings
            eta=settings.eta if settings.sampler == "ddim" else None,
            generator=torch.Generator().manual_seed(settings.seed),
        )
    )
    seconds = time.perf_counter() - started
    kept = [states[i] for i in frames_to_keep(len(states), MAX_FRAMES)]
    final = states[-1].x.cpu().numpy()
    waves = {
        "x_t": torch.cat([state.x for state in kept]).cpu().numpy(),
        "x̂₀": torch.cat([state.pred_original_sample for state in kept]).cpu().numpy(),
    }
    return SoundSteps(
        sound_views(waves, GENERATED_MAX_FREQUENCY),
        max_frequency=GENERATED_MAX_FREQUENCY,
        labels=[state_label(state) for state in kept],
        facts=_nearest(final)
        | {"network evaluations (NFE)": evaluations(settings.sampler, settings.num_inference_steps)}
        | {"sampling time": f"{seconds:.2f} s for {NUM_SAMPLES / SAMPLE_RATE:.2f} s of sound"},
    )


def _nearest(wave: npt.NDArray[np.float32]) -> dict[str, str]:
    """The nearest member of the family to the middle of a generated sound (1, samples)."""
    start = (wave.shape[1] - FITTED_SAMPLES) // 2
    middle = wave[:, start : start + FITTED_SAMPLES]
    residuals, sounds = nearest_member(middle, SAMPLE_RATE)
    sound = sounds[0]
    return {
        "harmonics-to-noise ratio": f"{harmonics_to_noise(middle, SAMPLE_RATE)[0]:.0f} dB",
        "nearest sound of the training family": f"f₀ = {sound.f0:.1f} Hz, "
        f"{sound.num_harmonics} partials, filter at {sound.filter_frequency:.0f} Hz, "
        f"Q {sound.filter_q:.0f}",
        "residual after fitting that sound": f"{float(residuals[0]):.3f} of the amplitude",
    } | _how_typical(float(residuals[0]))


def _how_typical(residual: float) -> dict[str, str]:
    """Where a residual stands among those that were measured, if they were."""
    try:
        measured = load_seeds()
    except ValueError:
        return {}
    residuals = measured["residuals"]
    return {
        f"sounds of {len(residuals)} seeds, by ddpm in {measured['num_steps']} steps": (
            f"{num_smaller(residual, residuals)} have a smaller residual; the median is "
            f"{float(np.median(residuals)):.2f}"
        )
    }
