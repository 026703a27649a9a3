"""Training small enough to watch: two trainings of seconds, and how to follow one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from diffusion.data import swiss_roll
from diffusion.evaluation.metrics import sliced_wasserstein
from diffusion.process.schedule import NoiseSchedule
from diffusion.training.objectives import (
    ScoreMatching,
    one_level_objective,
    simple_objective,
    weighted_objective,
)
from diffusion.training.recipe import untrained
from diffusion.training.swiss_roll_recipes import HUNDRED_STEPS
from diffusion.training.trainer import Objective, Trainer

Weighting = Literal["simple", "weighted"]

BLOCKS = 3
BATCH_SIZE = 512
REAL_SETS = 3


@dataclass(frozen=True)
class Progress:
    """Where a training stands.

    Attributes:
        step: number of optimiser steps that have been made.
        seconds: that they took, without what the consumer did meanwhile.
        loss: mean over the steps since the last `Progress`.
    """

    step: int
    seconds: float
    loss: float


def watch(trainer: Trainer, stride: int) -> Iterator[Progress]:
    """Train, and tell how it goes after every `stride` steps and after the last one.

    Raises:
        ValueError: if `stride` is below 1.
    """
    if stride < 1:
        raise ValueError(f"stride must be >= 1, got {stride}")
    states = iter(trainer)
    seconds = 0.0
    while trainer.step < trainer.steps:
        started = time.monotonic()
        count = min(stride, trainer.steps - trainer.step)
        losses = [next(states).loss for _ in range(count)]
        loss = float(torch.stack(losses).mean())  # on a GPU this waits for the work
        seconds += time.monotonic() - started
        yield Progress(trainer.step, seconds, loss)


def score_training(
    method: ScoreMatching,
    sigma: float,
    *,
    width: int,
    steps: int,
    learning_rate: float,
    seed: int,
) -> Trainer:
    """Prepare to learn the score of the swiss roll with noise σ, from nothing, on the CPU."""
    objective = one_level_objective(swiss_roll.sample, BATCH_SIZE, sigma, method)
    return _trainer(objective, paced_schedule(100), width, steps, learning_rate, seed)


def ddpm_training(
    weighting: Weighting,
    schedule: NoiseSchedule,
    *,
    width: int,
    steps: int,
    learning_rate: float,
    seed: int,
) -> Trainer:
    """Prepare to train a DDPM of the swiss roll from nothing, on the CPU.

    Raises:
        ValueError: for an unknown weighting.
    """
    if weighting not in get_args(Weighting):
        raise ValueError(f"weighting must be one of {get_args(Weighting)}, got {weighting!r}")
    make = simple_objective if weighting == "simple" else weighted_objective
    objective = make(swiss_roll.sample, BATCH_SIZE, schedule)
    return _trainer(objective, schedule, width, steps, learning_rate, seed)


class RealDistance:
    """The SW2 ratio of sets of one size, with its real sets drawn and compared once.

    Mean distance to real sets over the mean distance among them: `metrics.ratio_to_real`.

    Args:
        num_points: of each set.
    """

    def __init__(self, num_points: int) -> None:
        generator = torch.Generator().manual_seed(1_000)
        self.real = [swiss_roll.sample(num_points, generator) for _ in range(REAL_SETS)]
        pairs = zip(self.real, self.real[1:] + self.real[:1], strict=True)
        self.among_real = statistics.mean(sliced_wasserstein(a, b) for a, b in pairs)

    def __call__(self, generated: Tensor) -> float:
        """The ratio of one generated set, (num_points, 2); 1 cannot be told from real."""
        to_real = statistics.mean(sliced_wasserstein(generated, each) for each in self.real)
        return to_real / self.among_real


def paced_schedule(num_train_timesteps: int) -> NoiseSchedule:
    """The schedule of `swiss-roll-ddpm` with any number of steps T, at the same pace.

    β is 100/T of its β, so that about the same signal is left at the end.
    """
    pace = 100 / num_train_timesteps
    return NoiseSchedule.from_name(
        "scaled_linear",
        num_train_timesteps,
        pace * HUNDRED_STEPS["beta_start"],
        pace * HUNDRED_STEPS["beta_end"],
    )


def _trainer(
    objective: Objective,
    schedule: NoiseSchedule,
    width: int,
    steps: int,
    learning_rate: float,
    seed: int,
) -> Trainer:
    from accelerate import Accelerator  # takes a second to import: only where one trains

    return Trainer(
        untrained({"kind": "ResidualMLP", "width": width, "blocks": BLOCKS}, schedule, seed),
        objective,
        steps=steps,
        learning_rate=learning_rate,
        seed=seed,
        accelerator=Accelerator(cpu=True),  # so small a network gains nothing from a GPU
    )
