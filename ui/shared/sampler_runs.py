"""Runs: plans side by side, and the trajectories of points by one, computed step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion import State
from diffusion.evaluation.metrics import fraction_off
from diffusion.evaluation.sample_quality import RealPoints
from diffusion.sampling.config import SamplingConfig
from ui.shared.cache import Stepwise, computed_once
from ui.shared.data import ROLL, Data, distribution_of
from ui.shared.models import checkpoint, frames_to_keep
from ui.shared.trajectories import MAX_FRAMES, Array
from ui.texts import Texts

SHARED = Texts("shared")


NEWS_EVERY = 0.2  # seconds
RUNS = (1, 2, 3, 4)
NO_RUN = "none"
"""The sampler of a run that is not in use."""

NUM_REAL = 50_000
"""Real points in which those far from the data are counted."""


AnyPlan = TypeVar("AnyPlan")


def in_use(
    plan_of: Callable[[int], AnyPlan | None], describe: Callable[[AnyPlan], str]
) -> dict[str, AnyPlan]:
    """The plan of each run that is in use, by its title.

    Raises:
        ValueError: if no run is in use.
    """
    plans = {f"{k}: {describe(plan)}": plan for k in RUNS if (plan := plan_of(k))}
    if not plans:
        raise ValueError(SHARED.say("no_run", none=repr(NO_RUN)))
    return plans


@dataclass(frozen=True)
class SamplerRun:
    """The trajectories of points.

    Attributes:
        views: x_t and x̂₀ (frames, points, 2).
        captions: one for each frame.
        off: which points end more than three widths from the shape of the data (points,).
        sw2_ratio: of the points at the end.
        evaluations: the NFE, number of function evaluations of the predictor.
        seconds: of sampling.
    """

    views: dict[str, Array]
    captions: list[str]
    off: npt.NDArray[np.bool_]
    sw2_ratio: float
    evaluations: int
    seconds: float


@Stepwise
def sampler_run(
    plan: SamplingConfig, num_points: int, seed: int, data: Data = ROLL
) -> Generator[str, None, SamplerRun]:
    """Sample by a plan and keep up to `MAX_FRAMES` states of the trajectory."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(num_points, 2, generator=generator)
    started = time.perf_counter()
    distribution = distribution_of(data)
    way = plan.states(checkpoint(plan.recipe), noise, generator, distribution)
    states = yield from with_progress(way, plan.num_inference_steps)
    seconds = time.perf_counter() - started
    kept = [states[i] for i in frames_to_keep(len(states), MAX_FRAMES)]
    off = []
    for state in kept:
        distances = distribution.distance(state.pred_original_sample.cpu())
        off.append(distances > 3 * distribution.width)
        if len(off) % 10 == 0:
            yield SHARED["news.distances"]
    yield SHARED["news.compare"]
    sw2_ratio = reference(num_points, data).quality([states[-1].x.cpu()]).sw2
    captions = _captions(kept, torch.stack(off), plan, data)
    return SamplerRun(
        views={
            "x_t": _array([state.x for state in kept]),
            "x̂₀": _array([state.pred_original_sample for state in kept]),
        },
        captions=captions,
        off=off[-1].numpy(),
        sw2_ratio=sw2_ratio,
        evaluations=plan.evaluations,
        seconds=seconds,
    )


def with_progress(states: Iterable[State], num_steps: int) -> Generator[str, None, list[State]]:
    """All states of a sampling; about five times a second it yields its progress in words."""
    kept: list[State] = []
    last = time.perf_counter()
    for state in states:
        kept.append(state)
        if time.perf_counter() > last + NEWS_EVERY:
            yield SHARED.say("news.step", step=num_steps - state.index, steps=num_steps)
            last = time.perf_counter()
    return kept


@computed_once(maxsize=32)
def real_fraction_off(data: Data) -> float:
    """The fraction of real points more than three widths from the shape; of the roll 0.3 %."""
    distribution = distribution_of(data)
    points = distribution.sample(NUM_REAL, torch.Generator().manual_seed(1))
    return fraction_off(points, distribution, distribution.width)


@computed_once(maxsize=8)
def reference(num_points: int, data: Data = ROLL) -> RealPoints:
    """Sets of as many real points, to compare with."""
    return RealPoints(num_points, distribution=distribution_of(data))


@computed_once(maxsize=8)
def real_band(num_points: int, data: Data = ROLL) -> dict[str, tuple[float, float]]:
    """Where nine of ten sets of as many real points lie, by the measure."""
    return reference(num_points, data).band()


def percent(fraction: float) -> str:
    """A fraction of points: "0.33 %"."""
    return f"{100 * fraction:.2f} %"


def _captions(states: list[State], off: Tensor, plan: SamplingConfig, data: Data) -> list[str]:
    return [
        SHARED.say(
            "caption",
            step=plan.num_inference_steps - state.index,
            steps=plan.num_inference_steps,
            sqrt_alpha_cumprod=state.noise_level,
            off=percent(float(fraction)),
            where=data.off,
        )
        for state, fraction in zip(states, off.double().mean(dim=1), strict=True)
    ]


def _array(points: list[Tensor]) -> Array:
    return torch.stack(points).double().cpu().numpy()
