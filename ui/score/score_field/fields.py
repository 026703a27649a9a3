"""The distributions, scores and fields that Score & Langevin shows, each computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion import score_of
from diffusion.data.distributions import Distribution, GaussianMixture
from diffusion.evaluation.metrics import angles_between, relative_error, relative_sizes
from diffusion.process.score import ScoreFunction
from diffusion.sampling.langevin import stability_bound
from ui.components import Heat, Mixture
from ui.shared.cache import computed_once
from ui.shared.data import WITH_NETWORK, Data, distribution_of
from ui.shared.drawing import LIMITS
from ui.shared.models import checkpoint
from ui.texts import Texts

TEXTS = Texts("score-field")


LEARNED, EXACT, EMPIRICAL = "learned", "exact", "empirical"
HEAT_CELLS = 128
ARROWS = 22
HEAT_RANGE = 12.0  # nats below the highest log-density that still have a colour of their own
NUM_DATA = 1500
TRAINING_SEED = 2

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Subject:
    """A distribution, and the score that is shown in its place.

    Attributes:
        data: the distribution.
        score: which score is shown and followed.
        training_points: how many points the empirical score knows.
    """

    data: Data
    score: str
    training_points: int


@dataclass(frozen=True)
class Field:
    """A score field at one σ.

    Attributes:
        heats: log p, and how far the shown score is from the exact one.
        arrows_xy: where the arrows start (N, 2).
        arrows_uv: the shown score there (N, 2).
        relative_error: of the shown score on data with noise σ.
        median_angle: between it and the exact score there, in degrees.
    """

    heats: dict[str, Heat]
    arrows_xy: Array
    arrows_uv: Array
    relative_error: float
    median_angle: float


def scores_of(distribution: str) -> tuple[str, ...]:
    """The scores that can be shown of a distribution; a network learned only one of them."""
    return (*([LEARNED] if distribution == WITH_NETWORK else []), EXACT, EMPIRICAL)


def score_name(score: str) -> str:
    """What the page calls a score."""
    return TEXTS.option("score", score)


def data_distribution(subject: Subject) -> Distribution:
    """The distribution that the subject names."""
    return distribution_of(subject.data)


@computed_once(maxsize=32)
def training_set(subject: Subject) -> GaussianMixture:
    """The empirical distribution: the training points of the empirical score, without noise."""
    points = data_distribution(subject).sample(
        subject.training_points, torch.Generator().manual_seed(TRAINING_SEED)
    )
    return GaussianMixture(points, width=0.0)


def followed_distribution(subject: Subject) -> Distribution:
    """The distribution whose score the walkers follow, or (if it was learned) should follow."""
    return training_set(subject) if subject.score == EMPIRICAL else data_distribution(subject)


def score_at(subject: Subject, sigma: float) -> ScoreFunction:
    """The score that the subject names, of data with noise σ."""
    if subject.score == LEARNED:
        network = checkpoint("swiss-roll-score").network
        device = next(network.parameters()).device
        learned = score_of(network, sigma)
        return lambda x: learned(x.to(device)).to(x.device)
    distribution = followed_distribution(subject)
    return lambda x: distribution.score(x, noise_variance=sigma**2).to(x.dtype)


@computed_once(maxsize=64)
def noised_points(subject: Subject, sigma: float, count: int = NUM_DATA, seed: int = 0) -> Tensor:
    """Fresh points of the distribution with noise σ, float32 (count, 2)."""
    generator = torch.Generator().manual_seed(seed)
    points = data_distribution(subject).sample(count, generator)
    return points + sigma * torch.randn(points.shape, generator=generator)


@computed_once(maxsize=128)
def data_bound(subject: Subject, sigma: float) -> float:
    """The bound of the step size for the followed distribution, where data with noise σ lies."""
    points = noised_points(subject, sigma)
    return stability_bound(
        followed_distribution(subject).curvature(points, noise_variance=sigma**2)
    )


@computed_once(maxsize=64)
def field(subject: Subject, sigma: float) -> Field:
    """The heat maps and arrows at one σ."""
    shown, distribution = score_at(subject, sigma), data_distribution(subject)
    starts = _grid(torch.linspace(LIMITS[0], LIMITS[1], ARROWS + 2)[1:-1]).reshape(-1, 2)
    data = noised_points(subject, sigma)
    exact = distribution.score(data, noise_variance=sigma**2)
    heats = {"log p": log_prob_heat([_log_probs(data_distribution, subject, sigma)])}
    if subject.score == EMPIRICAL:
        heats["empirical"] = log_prob_heat([_log_probs(training_set, subject, sigma)])
    if subject.score != EXACT:
        heats |= _error_heats(shown, distribution, sigma)
    return Field(
        heats=heats,
        arrows_xy=starts.double().numpy(),
        arrows_uv=shown(starts).double().numpy(),
        relative_error=relative_error(shown(data), exact),
        median_angle=float(angles_between(shown(data).double(), exact).median()),
    )


def mixtures_of(subject: Subject, sigma_min: float) -> dict[str, Mixture]:
    """What the browser computes the maps of log-densities of, for σ ≥ sigma_min."""
    named = {"log p": data_distribution(subject)}
    if subject.score == EMPIRICAL:
        named["empirical"] = training_set(subject)
    found = {name: (each, each.gaussians(sigma_min**2)) for name, each in named.items()}
    return {
        name: Mixture(tables[0].numpy(), tables[1].numpy(), each.width)
        for name, (each, tables) in found.items()
        if tables is not None
    }


def annealed_heats(subject: Subject, sigmas: list[float]) -> dict[str, Heat]:
    """The log-density with each of several σ, as one heat map with a layer for each."""
    return {
        "log p": log_prob_heat([_log_probs(data_distribution, subject, sigma) for sigma in sigmas])
    }


def log_prob_heat(layers: list[Tensor]) -> Heat:
    """A heat map of log-densities, each down to twelve nats below its highest."""
    values = torch.stack([layer - layer.max() for layer in layers]).numpy()
    return Heat(values, -HEAT_RANGE, 0.0, (TEXTS.say("heat.low", range=HEAT_RANGE), "max"))


def _error_heats(shown: ScoreFunction, distribution: Distribution, sigma: float) -> dict[str, Heat]:
    points = _heat_points()
    estimate = shown(points.float().reshape(-1, 2)).double().reshape(points.shape)
    exact = distribution.score(points, noise_variance=sigma**2)
    sizes = relative_sizes(estimate, exact).clamp(min=1e-12).log10().numpy()
    angles = angles_between(estimate, exact).numpy()
    return {
        "error": Heat(sizes, -2.0, 0.0, (TEXTS["heat.error_low"], TEXTS["heat.error_high"])),
        "angle": Heat(angles, 0.0, 90.0, ("0°", TEXTS["heat.angle_high"])),
    }


@computed_once(maxsize=128)
def _log_probs(which: Callable[[Subject], Distribution], subject: Subject, sigma: float) -> Tensor:
    return which(subject).log_prob(_heat_points(), noise_variance=sigma**2)


def _heat_points() -> Tensor:
    axis = torch.linspace(*LIMITS, HEAT_CELLS + 1, dtype=torch.float64)
    return _grid((axis[1:] + axis[:-1]) / 2)


def _grid(axis: Tensor) -> Tensor:
    """Points of a square grid, (rows, columns, 2), rows from the lowest y."""
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x, y], dim=-1)
