"""Train live, of Diffusion (DDPM): a network learns to make the swiss roll while one watches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, get_args

import torch
from torch import nn

from diffusion import State, iterate
from diffusion.sampling.samplers import Sampler
from diffusion.training.live_presets import RealDistance, Weighting, ddpm_training, paced_schedule
from ui.components import Curve, TrainingPlayer
from ui.components.base import Packed, Payload
from ui.shared.cache import computed_once
from ui.shared.controls import frames_per_second
from ui.shared.live_training import LOSS_STRIDE, Growing, Histories, TrainingHistory, train
from ui.shared.settings import Settings, choice, number, seed
from ui.shared.trajectories import LIMITS, real_points

NUM_POINTS = 2000
NUM_POINTS_AT_THE_END = 10_000
NUM_INFERENCE_STEPS = 20
SAMPLER: Sampler = "dpm++2m"
STEPS_BETWEEN_SAMPLES = 200


@dataclass(frozen=True)
class TrainDdpmSettings(Settings):
    """The controls of *Train DDPM*."""

    title: ClassVar[str] = "Train DDPM"
    weighting: str = choice("simple", "objective", get_args(Weighting))
    num_train_timesteps: int = number(100, "number of steps T of the process", 50, 500, 10)
    width: int = number(96, "network width", 16, 128, 16, "Units in each hidden layer.")
    steps: int = number(1000, "steps of training", 200, 5000, 200, "Each step sees 512 points.")
    learning_rate: float = number(0.005, "learning rate", 0.0001, 0.02, 0.0001)
    ema: str = choice("on", "averaged weights (EMA)", ("on", "off"), "They make the samples shown.")
    seed: int = seed()


@computed_once(maxsize=2)
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
    history = yield from train(trainer, look, STEPS_BETWEEN_SAMPLES, average)
    for state in states(trainer.ema if average else trainer.network, NUM_POINTS_AT_THE_END):
        points = state.x
        yield history  # so that it can still be stopped
    history.verdict = real_distance(NUM_POINTS_AT_THE_END)(points)
    return history


HISTORIES = Histories(start)


def payload(settings: TrainDdpmSettings, history: TrainingHistory, run: str) -> Payload:
    """What the player shows of a history."""
    alt = (
        f"{NUM_POINTS} points that a network makes from noise; they become more like the swiss "
        f"roll the longer it trains with the {settings.weighting} objective"
    )
    return TrainingPlayer.payload(
        TrainingPlayer.plane(LIMITS, real_points()),
        history.frames,
        history.frame_steps,
        [
            f"step {step} of {settings.steps}, SW2 ratio {ratio:.2f}"
            for step, ratio in zip(history.frame_steps, history.qualities, strict=True)
        ],
        (
            Curve(f"loss, mean of {LOSS_STRIDE} steps", history.loss_steps, history.losses),
            Curve(
                "SW2 ratio (dashed: that of real points)",
                history.frame_steps,
                history.qualities,
                log=True,
                mark=1.0,
            ),
        ),
        last_step=settings.steps,
        run=run,
        alt=alt,
        fps=frames_per_second(len(history.frames)),
    )


def facts(settings: TrainDdpmSettings, history: TrainingHistory) -> dict[str, str]:
    """The numbers next to the player."""
    return {
        "steps": f"{history.step} of {settings.steps}",
        "training time": f"{history.seconds:.1f} s",
        f"SW2 ratio of {NUM_POINTS:,} points": f"{history.qualities[-1]:.2f}",
        f"SW2 ratio of {NUM_POINTS_AT_THE_END:,} points": (
            "measured at the end" if history.verdict is None else f"{history.verdict:.2f}"
        ),
        "loss": f"{history.losses[-1]:.3f}" if history.losses else "–",
    }
