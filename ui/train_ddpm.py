"""Train live, of Diffusion (DDPM): a network learns to make the swiss roll while one watches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, get_args

import torch
from torch import nn

from diffusion import State, iterate
from diffusion.live import RealDistance, Weighting, ddpm_training, paced_schedule
from diffusion.samplers import Sampler
from ui.clouds import LIMITS, real_points
from ui.components import Curve, TrainingPlayer
from ui.components.base import Packed, Payload
from ui.controls import film_speed
from ui.live import LOSS_STRIDE, Film, Films, Growing, train
from ui.settings import Settings, choice, number, seed

NUM_POINTS = 2000
NUM_POINTS_AT_THE_END = 10_000
NUM_INFERENCE_STEPS = 20
SAMPLER: Sampler = "dpm++2m"
STEPS_BETWEEN_SAMPLES = 200


@dataclass(frozen=True)
class TrainDdpmSettings(Settings):
    """The controls of Train live, of Diffusion (DDPM)."""

    tab: ClassVar[str] = "train-ddpm"
    weighting: str = choice("simple", "objective", get_args(Weighting))
    num_train_timesteps: int = number(100, "steps of the process, T", 50, 500, 10)
    width: int = number(96, "network width", 16, 128, 16, "units in each hidden layer")
    steps: int = number(1000, "steps of training", 200, 5000, 200, "of 512 points each")
    learning_rate: float = number(0.005, "learning rate", 0.0001, 0.02, 0.0001)
    ema: str = choice("on", "averaged weights (EMA)", ("on", "off"), "of the samples shown")
    seed: int = seed()


@lru_cache(maxsize=2)
def real_distance(num_points: int) -> RealDistance:
    """The SW2 ratio of so many points: the more there are, the smaller a fault it sees."""
    return RealDistance(num_points)


def start(settings: TrainDdpmSettings) -> Growing:
    """Train from nothing: every few hundred steps samples from one and the same noise."""
    schedule = paced_schedule(settings.num_train_timesteps)
    trainer = ddpm_training(
        settings.weighting,  # type: ignore[arg-type]  # checked by the settings
        schedule,
        width=settings.width,
        steps=settings.steps,
        learning_rate=settings.learning_rate,
        seed=settings.seed,
    )

    def states(network: nn.Module, num_points: int) -> Iterator[State]:
        return iterate(
            network,
            schedule,
            (num_points, 2),
            SAMPLER,
            num_inference_steps=NUM_INFERENCE_STEPS,
            generator=torch.Generator().manual_seed(settings.seed),
        )

    def look(network: nn.Module) -> tuple[Packed, float]:
        *_, last = states(network, NUM_POINTS)
        return TrainingPlayer.points(LIMITS, last.x), real_distance(NUM_POINTS)(last.x)

    average = settings.ema == "on"
    film = yield from train(trainer, look, STEPS_BETWEEN_SAMPLES, average)
    for state in states(trainer.ema if average else trainer.network, NUM_POINTS_AT_THE_END):
        points = state.x
        yield film  # so that it can still be stopped
    film.verdict = real_distance(NUM_POINTS_AT_THE_END)(points)
    return film


FILMS = Films(start)


def payload(settings: TrainDdpmSettings, film: Film, run: str) -> Payload:
    """What the player shows of a film."""
    alt = (
        f"{NUM_POINTS} points that a network makes from noise, more like the swiss roll the longer "
        f"it trains with the {settings.weighting} objective"
    )
    return TrainingPlayer.payload(
        TrainingPlayer.plane(LIMITS, real_points()),
        film.frames,
        film.frame_steps,
        [
            f"step {step} of {settings.steps}, SW2 ratio {ratio:.2f}"
            for step, ratio in zip(film.frame_steps, film.qualities, strict=True)
        ],
        (
            Curve(f"loss, mean of {LOSS_STRIDE} steps", film.loss_steps, film.losses),
            Curve("SW2 ratio (dashed: real)", film.frame_steps, film.qualities, log=True, mark=1.0),
        ),
        last_step=settings.steps,
        run=run,
        alt=alt,
        fps=film_speed(len(film.frames)),
    )


def facts(settings: TrainDdpmSettings, film: Film) -> dict[str, str]:
    """The numbers beside the player."""
    return {
        "steps": f"{film.step} of {settings.steps}",
        "time to train": f"{film.seconds:.1f} s",
        f"SW2 ratio of {NUM_POINTS:,} points": f"{film.qualities[-1]:.2f}",
        f"SW2 ratio of {NUM_POINTS_AT_THE_END:,} points": (
            "measured at the end" if film.verdict is None else f"{film.verdict:.2f}"
        ),
        "loss": f"{film.losses[-1]:.3f}" if film.losses else "–",
    }
