"""Quality of sampled points against the number of network evaluations that they cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import product
from statistics import mean
from typing import Any, NamedTuple, get_args

import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint, find
from diffusion.data.distributions import SWISS_ROLL, Distribution
from diffusion.evaluation import metrics
from diffusion.sampling.config import Predictor, SamplingConfig
from diffusion.sampling.solvers import LANGEVIN_STEPS

NUM_POINTS = 10_000
SEEDS = (0, 1, 2)
NUM_FRESH = 20
"""Fresh real sets that show how far chance alone moves a measure."""

EVALUATIONS = {"network": (5, 10, 20, 50, 100), "oracle": (5, 10, 20, 50)}
"""The budgets; the exact predictor takes a minute for 100 evaluations of so many points."""

CURVES: tuple[dict[str, Any], ...] = (
    {"sampler": "ddpm", "grid": "trailing"},
    {"sampler": "ddim", "grid": "trailing"},
    {"sampler": "dpm++2m", "grid": "trailing"},
    {"sampler": "ddpm", "grid": "karras"},
    {"sampler": "ddim", "grid": "karras"},
    {"sampler": "heun", "grid": "karras"},
    {"sampler": "dpm++2m", "grid": "karras"},
    {"sampler": "langevin", "grid": "karras"},
)
"""The samplers of the table, each on its grid. Euler's method is left out: it equals DDIM."""


class Quality(NamedTuple):
    """How far sets of points are from real ones; `sw2` and `mmd2` are 1 for real points."""

    sw2: float
    mmd2: float
    off: float


class RealPoints:
    """Sets of fresh real points, and their distances from one another: what a ratio stands on.

    The ratios are those of `metrics.ratio_to_real`; what each set gives to them is computed once.
    """

    def __init__(
        self, num_points: int, num_sets: int = 4, distribution: Distribution = SWISS_ROLL
    ) -> None:
        self.num_points = num_points
        self.distribution = distribution
        if num_points < 2:
            raise ValueError(f"num_points must be >= 2, got {num_points}")
        generator = torch.Generator().manual_seed(1_000)  # no seed of a sampler
        self.sets = [distribution.sample(num_points, generator) for _ in range(num_sets)]
        self._parts = [_parts(x) for x in self.sets]
        neighbours = zip(self._parts, self._parts[1:] + self._parts[:1], strict=True)
        self._sw2, self._mmd2 = _mean_distances(list(neighbours))

    def quality(self, generated: Sequence[Tensor]) -> Quality:
        """The mean over generated sets (N, 2), each of as many points as a real one."""
        parts = [_parts(x) for x in generated]
        sw2, mmd2 = _mean_distances(list(product(parts, self._parts)))
        off = mean(
            metrics.fraction_off(x, self.distribution, self.distribution.width) for x in generated
        )
        return Quality(sw2 / self._sw2, mmd2 / self._mmd2, off)

    def band(self) -> dict[str, tuple[float, float]]:
        """Where nine of ten fresh real sets lie: the 5 and 95 % quantiles of each measure.

        What lies inside cannot be told from real points by one set of as many.
        """
        generator = torch.Generator().manual_seed(2_000)
        fresh = [
            self.quality([self.distribution.sample(self.num_points, generator)])
            for _ in range(NUM_FRESH)
        ]
        of_each = torch.tensor(fresh, dtype=torch.float64)
        low, high = of_each.quantile(torch.tensor([0.05, 0.95], dtype=torch.float64), dim=0)
        return dict(
            zip(Quality._fields, zip(low.tolist(), high.tolist(), strict=True), strict=True)
        )


Parts = tuple[Tensor, Tensor]
"""The sorted projections and the kernel mean of a set."""


def _parts(x: Tensor) -> Parts:
    return metrics.sorted_projections(x), metrics.kernel_mean(x)


def _mean_distances(pairs: list[tuple[Parts, Parts]]) -> tuple[float, float]:
    """The mean sliced Wasserstein-2 distance and the mean squared MMD of pairs of sets."""
    sw2 = mean(metrics.root_mean_square(a, b) for (a, _), (b, _) in pairs)
    return sw2, mean(metrics.squared_distance(a, b) for (_, a), (_, b) in pairs)


def steps_for(sampler: str, evaluations: int) -> int:
    """The most steps that a budget of evaluations allows."""
    if sampler == "heun":
        return (evaluations + 1) // 2
    return evaluations // (LANGEVIN_STEPS if sampler == "langevin" else 1)


def plans() -> list[SamplingConfig]:
    """Every row of the table: each curve at each budget that allows two steps or more."""
    return [
        SamplingConfig(predictor=predictor, num_inference_steps=steps, **curve)
        for predictor in get_args(Predictor)
        for curve, budget in product(CURVES, EVALUATIONS[predictor])
        if (steps := steps_for(curve["sampler"], budget)) >= 2
    ]


def measure(checkpoint: Checkpoint, num_points: int = NUM_POINTS) -> Iterator[dict[str, Any]]:
    """Measure every plan, one row at a time: the plan, its evaluations and its quality.

    The quality is the mean over `SEEDS`; `seeds` holds that of each.
    """
    real = RealPoints(num_points)
    for plan in plans():
        of_seeds = [real.quality([plan.sample(checkpoint, num_points, seed)]) for seed in SEEDS]
        each = {
            name: [round(quality, 4) for quality in values]
            for name, values in zip(Quality._fields, zip(*of_seeds, strict=True), strict=True)
        }
        means = {name: round(mean(values), 4) for name, values in each.items()}
        yield asdict(plan) | {"evaluations": plan.evaluations} | means | {"seeds": each}


def table_of(rows: list[dict[str, Any]], num_points: int) -> dict[str, Any]:
    """The measured rows, the same measures of fresh real points, and how to measure them again."""
    band = RealPoints(num_points).band()
    return {
        "command": f"python -m diffusion quality --points {num_points} --out FILE",
        "num_points": num_points,
        "seeds": list(SEEDS),
        "real": {name: [round(end, 4) for end in ends] for name, ends in band.items()},
        "rows": rows,
    }


def load_table(name: str = "swiss-roll-ddpm") -> dict[str, Any]:
    """The table that a checkpoint ships in quality.json.

    Raises:
        ValueError: if there is no such checkpoint, or it has none.
    """
    file = find(name) / "quality.json"
    if not file.is_file():
        raise ValueError(f"{name} has no quality.json: python -m diffusion quality {name} makes it")
    table: dict[str, Any] = json.loads(file.read_text())
    return table
