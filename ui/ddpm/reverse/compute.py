"""What *Reverse* computes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, get_args

from diffusion.sampling.config import Grid, Predictor, SamplingConfig
from diffusion.sampling.samplers import Sampler
from ui.components import Panel, PointPlayer
from ui.shared.controls import frames_per_second
from ui.shared.data import (
    Data,
    HasData,
    distribution_choice,
    distribution_of,
    real_points,
    strokes_text,
)
from ui.shared.models import checkpoint, frames_to_keep
from ui.shared.sampler_runs import (
    NO_RUN,
    RUNS,
    SamplerRun,
    in_use,
    percent,
    real_band,
    real_fraction_off,
    sampler_run,
)
from ui.shared.settings import Settings, choice, number, seed
from ui.shared.strips import PANELS, Strip
from ui.shared.trajectories import LIMITS, draw_points
from ui.texts import Texts

TEXTS = Texts("reverse")


FIXED_LARGE = "ddpm fixed_large"
LEARNED = "learned"
SAMPLERS = (*get_args(Sampler), FIXED_LARGE, LEARNED, NO_RUN)


def _sampler(default: str) -> Any:
    return choice(default, SAMPLERS)


def _predictor(default: str) -> Any:
    return choice(default, get_args(Predictor))


def _steps(default: int) -> Any:
    return number(default, 2, 100, 1)


def _grid(default: str) -> Any:
    return choice(default, get_args(Grid))


def _eta() -> Any:
    return number(0.0, 0.0, 1.0, 0.05)


@dataclass(frozen=True)
class ReverseSettings(HasData, Settings):
    """The controls of *Reverse*: up to four runs from the same noise to data."""

    title: ClassVar[str] = "Reverse"
    sampler_1: str = _sampler("ddpm")
    predictor_1: str = _predictor("network")
    steps_1: int = _steps(100)
    grid_1: str = _grid("trailing")
    eta_1: float = _eta()
    sampler_2: str = _sampler("ddim")
    predictor_2: str = _predictor("network")
    steps_2: int = _steps(10)
    grid_2: str = _grid("trailing")
    eta_2: float = _eta()
    sampler_3: str = _sampler("dpm++2m")
    predictor_3: str = _predictor("network")
    steps_3: int = _steps(10)
    grid_3: str = _grid("karras")
    eta_3: float = _eta()
    sampler_4: str = _sampler("dpm++2m")
    predictor_4: str = _predictor("oracle")
    steps_4: int = _steps(10)
    grid_4: str = _grid("karras")
    eta_4: float = _eta()
    rho: float = number(3.0, 1.0, 10.0, 0.5)
    num_points: int = number(600, 50, 2000, 50)
    seed: int = seed()
    distribution: str = distribution_choice()
    strokes: str = strokes_text()

    def plans(self) -> dict[str, SamplingConfig]:
        """The plan of each run that is in use, by its title.

        Where no network was trained, the exact predictor takes its place, and ddpm that of the
        learned variance.

        Raises:
            ValueError: if no run is in use.
        """
        return in_use(self._plan, describe)

    def _plan(self, run: int) -> SamplingConfig | None:
        sampler, predictor, steps, grid, eta = (
            getattr(self, f"{name}_{run}")
            for name in ("sampler", "predictor", "steps", "grid", "eta")
        )
        if sampler == NO_RUN:
            return None
        if not self.data().has_network:
            predictor, sampler = "oracle", "ddpm" if sampler == "learned" else sampler
        plan = SamplingConfig(predictor, "ddpm", steps, grid, rho=self.rho, eta=eta)
        if sampler == FIXED_LARGE:
            return replace(plan, variance_type="fixed_large")
        plan = replace(plan, sampler=sampler)
        if sampler == "learned":  # it knows the steps of its training only
            return SamplingConfig(sampler="learned", num_inference_steps=_trained_steps(plan))
        return plan


def options(*, has_network: bool) -> dict[str, tuple[str, ...]]:
    """The samplers and predictors of each run, by the names of their controls.

    Args:
        has_network: whether networks learned the distribution.
    """
    samplers = tuple(each for each in SAMPLERS if has_network or each != LEARNED)
    predictors = get_args(Predictor) if has_network else ("oracle",)
    return {f"sampler_{run}": samplers for run in RUNS} | {
        f"predictor_{run}": predictors for run in RUNS
    }


def describe(plan: SamplingConfig) -> str:
    """A plan in a few words."""
    if plan.sampler == "learned":
        return TEXTS.say("learned_variance", steps=plan.num_inference_steps)
    variance = f" {plan.variance_type}" if plan.variance_type != "fixed_small" else ""
    eta = f" η = {plan.eta:g}" if plan.sampler == "ddim" and plan.eta else ""
    steps = TEXTS.say("steps", steps=plan.num_inference_steps)
    predictor = TEXTS.option("predictor", plan.predictor)
    return f"{plan.sampler}{variance}{eta}, {steps}, {plan.grid}, {predictor}"


def _trained_steps(plan: SamplingConfig) -> int:
    return len(checkpoint(plan.recipe).schedule)


def reverse_steps(settings: ReverseSettings) -> Iterator[str]:
    """Sample the runs that are not finished yet; yields the progress in words."""
    plans, data = settings.plans(), settings.data()
    for k, (title, plan) in enumerate(plans.items(), start=1):
        for step in sampler_run.steps(plan, settings.num_points, settings.seed, data):
            yield TEXTS.say("news", run=k, runs=len(plans), title=title, step=step)


def reverse_result(settings: ReverseSettings) -> dict[str, SamplerRun]:
    """Every run in use by its title, from the same noise."""
    data = settings.data()
    return {
        title: sampler_run(plan, settings.num_points, settings.seed, data)
        for title, plan in settings.plans().items()
    }


def reverse_payload(settings: ReverseSettings) -> dict[str, Any]:
    """What `PointPlayer` shows of the runs."""
    runs, data = reverse_result(settings), settings.data()
    alt = TEXTS.say("alt", points=settings.num_points, distribution=data.label)
    return PointPlayer.side_by_side(
        [Panel(title, way.views, way.captions, way.off) for title, way in runs.items()],
        limits=LIMITS,
        run="reverse " + settings.to_query(),
        alt=alt,
        background=real_points(data),
        fps=frames_per_second(max(len(way.captions) for way in runs.values())),
        mark=f"end {data.off}",
    )


def reverse_strip(settings: ReverseSettings) -> Strip:
    """Ten states x_t of the denoising, a row for each run."""
    runs = reverse_result(settings)
    ways = list(runs.values())
    kept = [frames_to_keep(len(way.captions), PANELS) for way in ways]
    return Strip(
        name=f"reverse-x_t-{settings.distribution.replace(' ', '-')}-"
        + "-".join(f"{p.sampler}-{p.num_inference_steps}" for p in settings.plans().values())
        + f"-seed-{settings.seed}",
        description=TEXTS.say("strip", distribution=settings.data().label, runs="; ".join(runs)),
        titles=[
            [", ".join(way.captions[frame].split(", ")[:2]) for frame in frames]
            for way, frames in zip(ways, kept, strict=True)
        ],
        draw=lambda axes, row, column: draw_points(axes, ways[row].views["x_t"][kept[row][column]]),
        rows=[title.replace(", ", "\n") for title in runs],
    )


def reverse_facts(settings: ReverseSettings) -> dict[str, str]:
    """What each run cost and what came of it, beside real points."""
    data = settings.data()
    real, width = percent(real_fraction_off(data)), distribution_of(data).width
    low, high = real_band(settings.num_points, data)["sw2"]
    facts = {} if data.has_network else {TEXTS["facts.predictor"]: _no_network(data)}
    facts |= {
        title: TEXTS.say(
            "facts.run_is",
            evaluations=way.evaluations,
            seconds=way.seconds,
            ratio=way.sw2_ratio,
            off=percent(way.off.mean()),
            where=data.off,
            real=real,
        )
        for title, way in reverse_result(settings).items()
    }
    facts[TEXTS["facts.real"]] = TEXTS.say(
        "facts.real_is",
        low=low,
        high=high,
        points=settings.num_points,
        off=real,
        where=data.off,
        distance=3 * width,
    )
    return facts


def _no_network(data: Data) -> str:
    return TEXTS.say("facts.no_network", distribution=data.label)
