"""The answers to the questions of a lecture, computed from the settings of the view."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from diffusion.evaluation.metrics import energy_distances
from diffusion.waveform.sound_mistakes import SOUND_MISTAKES
from diffusion.waveform.vocoder_quality import GRIFFIN_LIM
from synth.rendering.partials import stretch_in_cents
from ui.ddpm.forward.compute import ForwardSettings, forward_result, schedules
from ui.ddpm.likelihood.compute import LikelihoodSettings, likelihood_result
from ui.ddpm.reverse.compute import ReverseSettings, reverse_result
from ui.ddpm.sample_quality.compute import MEASURES, SampleQualitySettings
from ui.ddpm.sample_quality.compute import measured as measured_points
from ui.mistakes.mistakes_in_sound.compute import MistakesInSoundSettings, sound_mistake_result
from ui.score.score_field.compute import ANNEALED, PLAIN, ScoreFieldSettings, score_results
from ui.score.score_field.facts import (
    NUM_REAL,
    REAL_SEED,
    fraction_far,
    fraction_on_training_points,
)
from ui.score.score_field.fields import data_bound, noised_points, score_at
from ui.sound.sound_designer.compute import SoundDesignerSettings
from ui.sound.sound_views import SAMPLE_RATE
from ui.sound.vocoder.compute import VocoderSettings
from ui.sound.vocoder_quality.compute import MEASURES as SOUND_MEASURES
from ui.sound.vocoder_quality.compute import VocoderQualitySettings
from ui.sound.vocoder_tables import row_of

NFE = 10
"""The network evaluations at which `nearest_sampler` compares."""

Truth = Callable[[Any], str | float]


def walkers_far(settings: ScoreFieldSettings) -> float:
    """How many of the walkers are far from the data after the last step."""
    fraction = fraction_far(settings.subject(), settings.sigma, _walkers(settings))
    return fraction * settings.walkers


def largest_step_size(settings: ScoreFieldSettings) -> float:
    """The stability bound 4/L of ε, from the exact curvature of −log p where the data are."""
    return data_bound(settings.subject(), settings.sigma)


def nearer_dynamics(settings: ScoreFieldSettings) -> str:
    """The dynamics whose walkers are nearer to the data (energy distance) after as many steps."""
    real = noised_points(settings.subject(), settings.sigma, NUM_REAL, REAL_SEED)
    names = (PLAIN, ANNEALED)
    ends = [_walkers(replace(settings, dynamics=name)) for name in names]
    return min(zip(energy_distances(ends, real), names, strict=True))[1]


def walkers_on_training_points(settings: ScoreFieldSettings) -> float:
    """The percentage of walkers whose denoised place is a training point."""
    subject, sigma = settings.subject(), settings.sigma
    score = score_at(subject, sigma)
    return 100 * fraction_on_training_points(subject, score, sigma, _walkers(settings))


def variance_left(settings: ForwardSettings) -> float:
    """ᾱ_T of the sigmoid schedule in percent: how much of the data's variance is left."""
    return 100 * float(schedules(settings)["sigmoid"].alphas_cumprod[-1])


def best_schedule(settings: ForwardSettings) -> str:
    """The schedule whose points come back with the smallest SW2 ratio."""
    ends = forward_result(settings).ends
    return min(ends, key=lambda name: ends[name].sw2_ratio)


def points_off(settings: ReverseSettings) -> float:
    """How many points of the first run end more than 0.09 from the curve."""
    first = next(iter(reverse_result(settings).values()))
    return float(first.off.sum())


def evaluations(settings: ReverseSettings) -> float:
    """How often the first run evaluates the network (NFE)."""
    return float(next(iter(settings.plans().values())).evaluations)


def best_grid(settings: ReverseSettings) -> str:
    """The grid of the run with the fewest points off the curve."""
    plans, runs = settings.plans(), reverse_result(settings)
    return str(plans[min(runs, key=lambda title: float(runs[title].off.mean()))].grid)


def log_density_error(settings: LikelihoodSettings) -> float:
    """By how many nats the network's log-density of the point is too high."""
    result = likelihood_result(settings)
    return result.log_likelihoods[0] - result.exact


def nearest_sampler(settings: SampleQualitySettings) -> str:
    """The sampler whose points are the most like real ones, with ten evaluations."""
    key = MEASURES[settings.measure]
    rows = [
        row
        for row in measured_points()["rows"]
        if row["evaluations"] == NFE
        and (row["predictor"], row["grid"]) == ("network", settings.curves)
    ]
    return str(min(rows, key=lambda row: float(row[key]))["sampler"])


def highest_partial_stretch(settings: SoundDesignerSettings) -> float:
    """By how many cents the inharmonicity raises the highest partial."""
    return float(stretch_in_cents(settings.sound(), SAMPLE_RATE)[-1])


def signal_to_noise(settings: VocoderSettings) -> float:
    """The power of the sound relative to that of the noise that it starts in, in dB."""
    sigma = settings.sigma()
    if sigma is None:
        return -math.inf
    power = float(np.square(settings.subject().wave).mean())
    return 10 * math.log10(power / sigma**2)


def griffin_lim_error(settings: VocoderQualitySettings) -> float:
    """The error of Griffin-Lim in the measure of the chart."""
    row = row_of(settings.network, GRIFFIN_LIM)
    return float(row[SOUND_MEASURES[settings.measure]]) if row else math.nan


def cost_of_mistake(settings: MistakesInSoundSettings) -> float:
    """What is measured of the wrong run."""
    measure = SOUND_MISTAKES[settings.mistake].measure
    return sound_mistake_result(settings).costs[measure][0]


def _walkers(settings: ScoreFieldSettings) -> torch.Tensor:
    """Where the walkers end, (walkers, 2)."""
    return torch.from_numpy(score_results.last(settings).walkers[-1]).float()


TRUTHS: dict[str, Truth] = {
    each.__name__: each
    for each in (
        walkers_far,
        largest_step_size,
        nearer_dynamics,
        walkers_on_training_points,
        variance_left,
        best_schedule,
        points_off,
        evaluations,
        best_grid,
        log_density_error,
        nearest_sampler,
        highest_partial_stretch,
        signal_to_noise,
        griffin_lim_error,
        cost_of_mistake,
    )
}
"""By their names, which a scene's `truth` gives."""
