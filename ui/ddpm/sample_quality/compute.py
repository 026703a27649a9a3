"""What *Sample quality* computes."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, get_args

import torch

from diffusion.data import swiss_roll
from diffusion.evaluation.sample_quality import Quality, RealPoints, load_table
from diffusion.sampling.config import Grid, Predictor, SamplingConfig
from diffusion.sampling.samplers import Sampler
from ui.ddpm.reverse.compute import describe
from ui.shared.cache import Stepwise, computed_once
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import percent, with_progress
from ui.shared.settings import Settings, choice, number, seed

MEASURES = {"SW2 ratio": "sw2", "MMD² ratio": "mmd2", "fraction off the curve": "off"}
REAL = {"sw2": 1.0, "mmd2": 1.0, "off": 0.0027}
"""What real points have: a ratio of 1, and 0.27 % beyond three standard deviations."""

MARGIN = {"sw2": 0.05, "mmd2": 0.02, "off": 0.0005}
"""Rows within it of the best, or of real points, count as equally good: three seeds do not settle
the last digits."""

BUDGETS = (10, 20, 100)
FRESH_SEED = 1_000_000  # added to that of the settings: no sampler's, and not that of `RealPoints`

Row = dict[str, Any]
"""One row of the measured table: the fields of a plan, its evaluations and its quality."""


@dataclass(frozen=True)
class SampleQualitySettings(Settings):
    """The controls of *Sample quality*: what the chart shows, and a plan to measure now."""

    title: ClassVar[str] = "Sample quality"
    old_tabs: ClassVar[tuple[str, ...]] = ("quality",)
    measure: str = choice(
        "SW2 ratio",
        "measure",
        tuple(MEASURES),
        old_options={"share off the curve": "fraction off the curve"},
    )
    curves: str = choice("karras", "grid of the curves", ("karras", "trailing"))
    sampler: str = choice("dpm++2m", "sampler", get_args(Sampler))
    predictor: str = choice(
        "network", "predictor of ε", get_args(Predictor), "The oracle is the exact E[ε | x_t]."
    )
    steps: int = number(10, "steps", 2, 100, 1)
    grid: str = choice(
        "karras",
        "grid",
        get_args(Grid),
        "Trailing: steps of the training from the noisiest on. Leading: without the noisiest. "
        "Karras: σ of its own, dense near the data.",
    )
    eta: float = number(0.0, "η of DDIM", 0.0, 1.0, 0.05, "0 is deterministic, 1 is like DDPM.")
    num_points: int = number(2000, "points", 500, 10_000, 500)
    seed: int = seed()

    def plan(self) -> SamplingConfig:
        """The plan to measure."""
        checked: Any = self  # its texts are options of the plan
        return SamplingConfig(
            checked.predictor, checked.sampler, self.steps, checked.grid, eta=self.eta
        )


@lru_cache(maxsize=1)
def measured() -> dict[str, Any]:
    """The table that ships with the network."""
    return load_table()


@computed_once(maxsize=4)
def _real(num_points: int) -> RealPoints:
    return RealPoints(num_points)


@Stepwise
def plan_quality(plan: SamplingConfig, num_points: int, seed: int) -> Generator[str, None, Quality]:
    """Measure one sampling by a plan."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(num_points, 2, generator=generator)
    way = plan.states(checkpoint(plan.recipe), noise, generator)
    states = yield from with_progress(way, plan.num_inference_steps)
    yield "comparing real points with one another"
    real = _real(num_points)
    yield "comparing with real points"
    return real.quality([states[-1].x.cpu()])


@computed_once(maxsize=16)
def real_quality(num_points: int, seed: int) -> Quality:
    """The same measures of fresh real points: how far sampling noise alone moves them."""
    generator = torch.Generator().manual_seed(FRESH_SEED + seed)
    return _real(num_points).quality([swiss_roll.sample(num_points, generator)])


def quality_result(settings: SampleQualitySettings) -> Quality:
    """The quality of the plan of the settings."""
    return plan_quality(settings.plan(), settings.num_points, settings.seed)


def quality_facts(settings: SampleQualitySettings) -> dict[str, str]:
    """What was measured now, and the best of the table at some budgets of evaluations."""
    plan, now = settings.plan(), quality_result(settings)
    facts = {
        f"measured now, {settings.num_points} points: {describe(plan)}": (
            f"NFE {plan.evaluations}: {_measures(now)}"
        ),
        "as many fresh real points": _measures(real_quality(settings.num_points, settings.seed)),
    }
    key = MEASURES[settings.measure]
    for budget in BUDGETS:
        network, oracle = (_best(budget, predictor, key) for predictor in ("network", "oracle"))
        facts[f"best {settings.measure} with NFE ≤ {budget}"] = (
            f"{_in_words(network, key)}; with the oracle {_in_words(oracle, key)}"
        )
    return facts


def _measures(quality: Quality) -> str:
    return f"SW2 {quality.sw2:.2f}, MMD² {quality.mmd2:.2f}, {percent(quality.off)} off the curve"


def _best(budget: int, predictor: str, key: str) -> Row:
    """The fewest evaluations within the margin of the best.

    The best fraction off the curve is the nearest to that of real points: fewer is no better. A
    ratio below 1 is as good as 1.
    """
    rows = [
        row
        for row in measured()["rows"]
        if row["predictor"] == predictor and row["evaluations"] <= budget
    ]
    faults = [
        abs(row[key] - REAL[key]) if key == "off" else max(row[key] - REAL[key], 0.0)
        for row in rows
    ]
    most = min(faults) + MARGIN[key]
    good = (row for row, fault in zip(rows, faults, strict=True) if fault <= most)
    return min(good, key=lambda row: row["evaluations"])


def _in_words(row: Row, key: str) -> str:
    value = percent(row[key]) if key == "off" else f"{row[key]:.2f}"
    return f"{value} ({row['sampler']}, {row['grid']}, NFE {row['evaluations']})"
