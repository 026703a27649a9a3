"""What *Variational bound* computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch

from diffusion.data import swiss_roll
from diffusion.evaluation.exact_probabilities import (
    negative_log_cell_probability,
    negative_log_likelihood,
)
from diffusion.evaluation.variational_bound import Bound, FixedVariance, bounds, exact_bound
from diffusion.process.variational import ReverseNetwork
from ui.shared.cache import computed_once
from ui.shared.models import checkpoint
from ui.shared.settings import Settings, choice, number, seed

LEAST = "least"
DISCRETISED = "discretised"


@dataclass(frozen=True)
class VariationalBoundSettings(Settings):
    """The controls of *Variational bound*."""

    title: ClassVar[str] = "Variational bound"
    old_tabs: ClassVar[tuple[str, ...]] = ("bound",)
    old_defaults: ClassVar[Mapping[str, str]] = {"num_points": "1000"}
    variance_type: str = choice("fixed_large", ("fixed_small", "fixed_large"))
    num_points: int = number(500, 100, 2000, 100)
    seed: int = seed()
    decoder: str = choice("Gaussian", ("Gaussian", DISCRETISED))


@dataclass(frozen=True)
class BoundResult:
    """The bound of each reverse process, in bits per dimension.

    Attributes:
        bounds: by a short name; `LEAST` is the exact reverse process.
        exact: E[-log₂ p(x_0)] on the same points, or that of their cells; each bound is above it.
    """

    bounds: dict[str, Bound]
    exact: float


@computed_once(maxsize=32)
def bound_result(settings: VariationalBoundSettings) -> BoundResult:
    """Measure the bound of two networks, the exact score and the exact reverse process.

    All see the same points and the same noise.
    """
    variational, simple = checkpoint("swiss-roll-variational"), checkpoint("swiss-roll-ddpm")
    schedule = simple.schedule
    variances = {
        "fixed_small": schedule.posterior_variance_clipped,
        "fixed_large": schedule.betas,
    }[settings.variance_type]
    processes: dict[str, ReverseNetwork] = {
        "learned": variational.network,
        "simple": FixedVariance(simple.network, schedule, variances),
        "exact score": FixedVariance(swiss_roll.Oracle(), schedule, variances),
    }
    log_prob = swiss_roll.log_prob
    x_0 = swiss_roll.sample(settings.num_points, _generator(settings.seed))
    cells = settings.decoder == DISCRETISED
    found = bounds(processes, log_prob, x_0, schedule, _generator(settings.seed + 1), cells)
    least = exact_bound(log_prob, x_0, schedule, _generator(settings.seed + 1), cells)
    exact = (negative_log_cell_probability if cells else negative_log_likelihood)(log_prob, x_0)
    return BoundResult(found | {LEAST: least}, exact)


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
