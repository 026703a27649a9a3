"""What *Train DDPM* computes: a network that learns to make points of data while one watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import torch
from torch import nn

from diffusion import State, iterate
from diffusion.sampling.learned_variance import learned_reverse
from diffusion.sampling.samplers import Sampler
from diffusion.training.live_presets import (
    DdpmObjective,
    LiveNetwork,
    RealDistance,
    ddpm_training,
    least_ddpm_loss,
    paced_schedule,
)
from ui.components import Curve, TrainingPlayer
from ui.components.base import Packed, Payload, decode
from ui.shared.cache import computed_once
from ui.shared.controls import frames_per_second
from ui.shared.data import (
    PRIVATE,
    Data,
    HasData,
    distribution_choice,
    distribution_of,
    real_points,
    strokes_text,
)
from ui.shared.kept_answers import not_kept
from ui.shared.live_training import LOSS_STRIDE, Growing, Histories, TrainingHistory, train
from ui.shared.models import frames_to_keep
from ui.shared.settings import Settings, choice, number, seed
from ui.shared.strips import PANELS, Strip
from ui.shared.trajectories import LIMITS, draw_points
from ui.texts import Texts

TEXTS = Texts("train-ddpm")


NUM_POINTS = 2000
NUM_POINTS_AT_THE_END = 10_000
NUM_INFERENCE_STEPS = 20
SAMPLER: Sampler = "dpm++2m"
STEPS_BETWEEN_SAMPLES = 200

ANTITHETIC = "antithetic"
DECAYS = {"up to 0.999": None, "0.9": 0.9, "0": 0.0}
"""d of the averaged weights, by what the control says; None is the trainer's warm-up."""


@dataclass(frozen=True)
class TrainDdpmSettings(HasData, Settings):
    """The controls of *Train DDPM*."""

    title: ClassVar[str] = "Train DDPM"
    old_names: ClassVar[Mapping[str, str]] = {"weighting": "objective"}
    not_linked: ClassVar[Mapping[str, str | None]] = PRIVATE
    objective: str = choice("simple", get_args(DdpmObjective))
    num_train_timesteps: int = number(100, 50, 500, 10)
    width: int = number(96, 16, 128, 16)
    steps: int = number(1000, 200, 5000, 200)
    learning_rate: float = number(0.005, 0.0001, 0.02, 0.0001)
    ema: str = choice("up to 0.999", tuple(DECAYS), {"on": "up to 0.999", "off": "0"})
    seed: int = seed()
    network: str = choice("residual MLP", get_args(LiveNetwork))
    timesteps: str = choice("independent", ("independent", ANTITHETIC))
    distribution: str = distribution_choice()
    strokes: str = strokes_text()


@computed_once(maxsize=64)
def least_loss(objective: str, num_train_timesteps: int, data: Data) -> float:
    """The loss of the exact answer."""
    schedule = paced_schedule(num_train_timesteps)
    checked: Any = objective  # by the settings
    return least_ddpm_loss(checked, schedule, distribution_of(data))


@computed_once(maxsize=16)
def real_distance(num_points: int, data: Data) -> RealDistance:
    """The SW2 ratio of so many points: the more there are, the smaller a fault it sees."""
    return RealDistance(num_points, distribution_of(data))


def start(settings: TrainDdpmSettings) -> Growing:
    """Train from nothing: every few hundred steps samples from one and the same noise."""
    schedule, data = paced_schedule(settings.num_train_timesteps), settings.data()
    trainer = ddpm_training(
        settings.objective,  # type: ignore[arg-type]  # checked by the settings
        schedule,
        width=settings.width,
        steps=settings.steps,
        learning_rate=settings.learning_rate,
        seed=settings.seed,
        network=settings.network,  # type: ignore[arg-type]
        antithetic=settings.timesteps == ANTITHETIC,
        ema_decay=DECAYS[settings.ema],
        distribution=distribution_of(data),
    )

    def states(network: nn.Module, num_points: int) -> Iterator[State]:
        shape, generator = (num_points, 2), torch.Generator().manual_seed(settings.seed)
        if settings.objective == "variational":
            return learned_reverse(network, schedule, shape, generator)
        return iterate(
            network,
            schedule,
            shape,
            SAMPLER,
            num_inference_steps=NUM_INFERENCE_STEPS,
            generator=generator,
        )

    def look(network: nn.Module) -> tuple[Packed, float]:
        *_, last = states(network, NUM_POINTS)
        return TrainingPlayer.points(LIMITS, last.x), real_distance(NUM_POINTS, data)(last.x)

    history = yield from train(trainer, look, STEPS_BETWEEN_SAMPLES)
    for state in states(trainer.ema, NUM_POINTS_AT_THE_END):
        points = state.x
        yield history  # so that it can still be stopped
    history.verdict = real_distance(NUM_POINTS_AT_THE_END, data)(points)
    return history


HISTORIES = Histories(start)


def payload(settings: TrainDdpmSettings, history: TrainingHistory, run: str) -> Payload:
    """What the player shows of a history."""
    alt = TEXTS.say(
        "alt",
        num_points=NUM_POINTS,
        distribution=settings.data().label,
        objective=settings.objective,
    )
    return TrainingPlayer.payload(
        TrainingPlayer.plane(LIMITS, real_points(settings.data())),
        history.frames,
        history.plain_frames,
        history.frame_steps,
        [
            TEXTS.say("step", step=step, steps=settings.steps, averaged=averaged, plain=plain)
            for step, averaged, plain in zip(
                history.frame_steps, history.qualities, history.plain_qualities, strict=True
            )
        ],
        (
            Curve(
                TEXTS.say("losses", stride=LOSS_STRIDE),
                history.loss_steps,
                history.losses,
                mark=_least(settings),
            ),
            Curve(
                TEXTS["ratios"],
                history.frame_steps,
                history.qualities,
                history.plain_qualities,
                log=True,
                mark=1.0,
            ),
        ),
        last_step=settings.steps,
        run=run,
        alt=alt,
        fps=frames_per_second(len(history.frames)),
    )


@not_kept
def training_strip(settings: TrainDdpmSettings) -> Strip:
    """The samples of a finished training at up to ten of its pictures, with both weights.

    Raises:
        ValueError: if it is not finished.
    """
    history = HISTORIES.so_far(settings)
    if not history.finished:
        raise ValueError(TEXTS["not_trained"])
    kept = frames_to_keep(len(history.frames), PANELS)
    rows = (history.frames, history.plain_frames)
    ratios = (history.qualities, history.plain_qualities)
    return Strip(
        name=f"train-ddpm-{settings.distribution}-{settings.objective}-{settings.network}-ema-{settings.ema}-"
        f"{settings.steps}-steps-seed-{settings.seed}".replace(" ", "-"),
        description=TEXTS.say(
            "strip",
            num_points=NUM_POINTS,
            kept=len(kept),
            qualities=history.qualities[-1],
            plain_qualities=history.plain_qualities[-1],
        ),
        titles=[
            [TEXTS.say("strip_step", step=history.frame_steps[i], ratio=each[i]) for i in kept]
            for each in ratios
        ],
        draw=lambda axes, row, column: draw_points(axes, decode(rows[row][kept[column]])),
        rows=(TEXTS["averaged"], TEXTS["plain"]),
    )


def facts(settings: TrainDdpmSettings, history: TrainingHistory) -> dict[str, str]:
    """The numbers next to the player."""
    loss = f"{history.losses[-1]:#.3g}" if history.losses else "–"
    least = _least(settings)
    return {
        "steps": TEXTS.say("facts.step_is", step=history.step, steps=settings.steps),
        TEXTS["facts.time"]: f"{history.seconds:.1f} s",
        TEXTS.say("facts.ratio", points=NUM_POINTS): TEXTS.say(
            "facts.ratio_is", averaged=history.qualities[-1], plain=history.plain_qualities[-1]
        ),
        TEXTS.say("facts.ratio", points=NUM_POINTS_AT_THE_END): (
            TEXTS["facts.at_the_end"] if history.verdict is None else f"{history.verdict:.2f}"
        ),
        TEXTS["facts.loss"]: f"{loss} ({least:#.2g})",
    }


def _least(settings: TrainDdpmSettings) -> float:
    return least_loss(settings.objective, settings.num_train_timesteps, settings.data())
