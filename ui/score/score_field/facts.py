"""What *Score field* measures, in words."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from diffusion.evaluation.metrics import energy_distances, fraction_off
from diffusion.process.score import ScoreFunction
from diffusion.sampling.langevin import annealed_step_size, stability_bound
from ui.score.score_field.fields import (
    EMPIRICAL,
    EXACT,
    LEARNED,
    Subject,
    data_bound,
    data_distribution,
    field,
    followed_distribution,
    noised_points,
    score_at,
    score_name,
    training_set,
)
from ui.texts import Texts

TEXTS = Texts("score-field")


NUM_REAL = 1000
REAL_SEED, FRESH_SEED = 1, 3
ON_A_POINT = 0.01  # a third of the swiss roll's width


def field_facts(subject: Subject, wanted_score: str, sigma: float) -> dict[str, str]:
    """How far the shown score is from the exact one, on data with noise σ."""
    if subject.score == EXACT:
        missing = TEXTS.say("facts.no_network", distribution=subject.data.label)
        return {TEXTS["facts.learned"]: missing} if wanted_score == LEARNED else {}
    shown = field(subject, sigma)
    return {
        TEXTS.say(
            "facts.relative_error", score=score_name(subject.score)
        ): f"{shown.relative_error:.3f}",
        TEXTS["facts.angle"]: f"{shown.median_angle:.1f}°",
    }


def notes_of(subject: Subject, sigma: float, frames: list[Tensor]) -> list[str]:
    """For each frame of walkers (N, 2) how far it is from the data with noise σ."""
    distances = energy_distances(frames, noised_points(subject, sigma, NUM_REAL, REAL_SEED))
    far = [fraction_far(subject, sigma, frame) for frame in frames]
    return [
        TEXTS.say("note", distance=_text(distance), fraction=fraction)
        for distance, fraction in zip(distances, far, strict=True)
    ]


def walk_facts(
    subject: Subject, sigma: float, bound: float, step_size: float, ends: Tensor
) -> dict[str, str]:
    """The step size against its bound, and where the walkers are now (N, 2)."""
    real = noised_points(subject, sigma, NUM_REAL, REAL_SEED)
    fresh = noised_points(subject, sigma, len(ends), FRESH_SEED)
    distance, floor = energy_distances([ends, fresh], real)
    verdict = TEXTS["facts.below"] if step_size < bound else TEXTS["facts.above"]
    off, exactly_off = (fraction_far(subject, sigma, points) for points in (ends, real))
    facts = {
        TEXTS["facts.bound"]: TEXTS.say("facts.bound_is", bound=bound, verdict=verdict),
        TEXTS["facts.distance"]: TEXTS.say(
            "facts.distance_is", distance=_text(distance), floor=floor
        ),
        TEXTS.say("facts.far", width=3 * _width(subject, sigma)): TEXTS.say(
            "facts.far_is", off=off, exactly_off=exactly_off
        ),
    }
    return facts | _memory_facts(subject, sigma, ends) if subject.score == EMPIRICAL else facts


def unstable(step_size: float, bound: float) -> str:
    """Why walkers diverge, if the step size is above its bound."""
    if step_size < bound:
        return ""
    return TEXTS.say("unstable", step_size=step_size, bound=bound)


def _text(distance: float) -> str:
    """A distance in words; above the bound, walkers soon leave the range of floating point."""
    return f"{distance:.2g}" if math.isfinite(distance) else TEXTS["facts.diverged"]


def step_bound(subject: Subject, sigmas: list[float], ends: Tensor) -> float:
    """The bound 4/L of the last step size that all σ set, at the data and at the walkers."""
    last = sigmas[-1]
    bounds = [data_bound(subject, each) / annealed_step_size(1.0, each, last) for each in sigmas]
    inside = ends[torch.isfinite(ends).all(dim=1)]
    if len(inside):
        curvatures = followed_distribution(subject).curvature(inside, noise_variance=last**2)
        bounds.append(stability_bound(curvatures))
    return min(bounds)


def _width(subject: Subject, sigma: float) -> float:
    return math.hypot(data_distribution(subject).width, sigma)


def fraction_far(subject: Subject, sigma: float, points: Tensor) -> float:
    """Fraction of points (N, 2) that are farther from the data than three of its widths."""
    return fraction_off(points, data_distribution(subject), _width(subject, sigma))


def _memory_facts(subject: Subject, sigma: float, ends: Tensor) -> dict[str, str]:
    """How many walkers the empirical score pulls onto a point that it knows."""
    known, known_exactly = (
        fraction_on_training_points(subject, score_at(which, sigma), sigma, ends)
        for which in (subject, replace(subject, score=EXACT))
    )
    return {
        TEXTS.say("facts.memory", training_points=subject.training_points): TEXTS.say(
            "facts.memory_is", known=known, known_exactly=known_exactly
        )
    }


def fraction_on_training_points(
    subject: Subject, score: ScoreFunction, sigma: float, points: Tensor
) -> float:
    """Fraction of points whose best guess of x_0 (Tweedie's formula) is a training point."""
    denoised = points + sigma**2 * score(points)
    near = training_set(subject).distance(denoised) < ON_A_POINT
    return float(near.double().mean())
