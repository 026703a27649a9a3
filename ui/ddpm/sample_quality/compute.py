"""What *Sample quality* computes."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, get_args

import torch

from diffusion.evaluation.sample_quality import Quality, load_table
from diffusion.sampling.config import Grid, Predictor, SamplingConfig
from diffusion.sampling.samplers import Sampler
from ui.ddpm.reverse.compute import describe
from ui.shared.cache import Stepwise
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import percent, real_band, reference, with_progress
from ui.shared.settings import Settings, choice, number, seed
from ui.texts import Texts

TEXTS = Texts("sample-quality")


MEASURES = {"SW2 ratio": "sw2", "MMD² ratio": "mmd2", "fraction off the curve": "off"}
BUDGETS = (10, 20, 100)

Row = dict[str, Any]
"""One row of the measured table: the fields of a plan, its evaluations and its quality."""

Band = dict[str, tuple[float, float]]
"""Where nine of ten real sets lie, for each measure."""


@dataclass(frozen=True)
class SampleQualitySettings(Settings):
    """The controls of *Sample quality*: what the chart shows, and a plan to measure now."""

    title: ClassVar[str] = "Sample quality"
    old_tabs: ClassVar[tuple[str, ...]] = ("quality",)
    measure: str = choice(
        "SW2 ratio", tuple(MEASURES), old_options={"share off the curve": "fraction off the curve"}
    )
    curves: str = choice("karras", ("karras", "trailing"))
    sampler: str = choice("dpm++2m", get_args(Sampler))
    predictor: str = choice("network", get_args(Predictor))
    steps: int = number(10, 2, 100, 1)
    grid: str = choice("karras", get_args(Grid))
    eta: float = number(0.0, 0.0, 1.0, 0.05)
    num_points: int = number(2000, 500, 10_000, 500)
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


@Stepwise
def plan_quality(plan: SamplingConfig, num_points: int, seed: int) -> Generator[str, None, Quality]:
    """Measure one sampling by a plan."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(num_points, 2, generator=generator)
    way = plan.states(checkpoint(plan.recipe), noise, generator)
    states = yield from with_progress(way, plan.num_inference_steps)
    yield TEXTS["news.real"]
    real = reference(num_points)
    yield TEXTS["news.compare"]
    return real.quality([states[-1].x.cpu()])


def quality_result(settings: SampleQualitySettings) -> Quality:
    """The quality of the plan of the settings."""
    return plan_quality(settings.plan(), settings.num_points, settings.seed)


def quality_facts(settings: SampleQualitySettings) -> dict[str, str]:
    """What was measured now, and the best of the table at some budgets of evaluations."""
    plan, now, band = settings.plan(), quality_result(settings), band_of(settings.num_points)
    facts = {
        TEXTS.say("facts.now", points=settings.num_points, plan=describe(plan)): (
            TEXTS.say("facts.now_is", evaluations=plan.evaluations, measures=_measures(now, band))
        ),
        TEXTS["facts.real"]: _ranges(band),
    }
    key, measure = MEASURES[settings.measure], TEXTS.option("measure", settings.measure)
    for budget in BUDGETS:
        network, oracle = (_best(budget, predictor, key) for predictor in ("network", "oracle"))
        facts[TEXTS.say("facts.closest", measure=measure, budget=budget)] = TEXTS.say(
            "facts.closest_is", network=_in_words(network, key), oracle=_in_words(oracle, key)
        )
    return facts


def band_of(num_points: int) -> Band:
    """Where sets of as many real points lie; of those of the table, as the table has it."""
    table = measured()
    of_table: Band = table["real"]
    return of_table if num_points == table["num_points"] else real_band(num_points)


def too_concentrated(off: float, band: Band) -> bool:
    """Whether fewer points are off the curve than of nearly all real sets."""
    return off < band["off"][0]


def _measures(quality: Quality, band: Band) -> str:
    fault = f": {TEXTS['too_concentrated']}" if too_concentrated(quality.off, band) else ""
    return TEXTS.say(
        "facts.measures", sw2=quality.sw2, mmd2=quality.mmd2, off=percent(quality.off), fault=fault
    )


def _ranges(band: Band) -> str:
    (sw2, sw2_most), (mmd2, mmd2_most), (off, off_most) = (band[key] for key in Quality._fields)
    return TEXTS.say(
        "facts.range",
        sw2=sw2,
        sw2_most=sw2_most,
        mmd2=mmd2,
        mmd2_most=mmd2_most,
        off=percent(off),
        off_most=percent(off_most),
    )


def _best(budget: int, predictor: str, key: str) -> Row:
    """The row closest to real points; of several inside their band, the fewest evaluations."""
    rows = [
        row
        for row in measured()["rows"]
        if row["predictor"] == predictor and row["evaluations"] <= budget
    ]
    return min(rows, key=lambda row: (distance_to_real(row[key], key), row["evaluations"]))


def distance_to_real(value: float, key: str) -> float:
    """How far a measure of the table lies outside the band of real sets; 0 inside."""
    band: Band = measured()["real"]
    low, high = band[key]
    return max(low - value, value - high, 0.0)


def _in_words(row: Row, key: str) -> str:
    value = percent(row[key]) if key == "off" else f"{row[key]:.2f}"
    if key == "off" and too_concentrated(row[key], measured()["real"]):
        value += f", {TEXTS['too_concentrated']}"
    return TEXTS.say(
        "facts.row",
        value=value,
        sampler=row["sampler"],
        grid=row["grid"],
        evaluations=row["evaluations"],
    )
