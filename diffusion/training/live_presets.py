"""Training small enough to watch: two trainings of seconds, and how to follow one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from diffusion.data.distributions import SWISS_ROLL, Distribution, Oracle
from diffusion.evaluation.exact_probabilities import NATS, negative_log_likelihood
from diffusion.evaluation.metrics import SlicedWassersteinRatio
from diffusion.evaluation.variational_bound import terminal_kl
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.variational import prior_kl
from diffusion.training.batches import Objective
from diffusion.training.objectives import (
    ScoreMatching,
    one_sigma_objective,
    simple_objective,
    variational_objective,
    weighted_objective,
)
from diffusion.training.recipe import untrained
from diffusion.training.swiss_roll_recipes import HUNDRED_STEPS
from diffusion.training.trainer import Trainer

DdpmObjective = Literal["simple", "weighted", "variational"]
"""The names of `simple_objective`, `weighted_objective` and `variational_objective`."""

LiveNetwork = Literal["residual MLP", "softplus MLP"]
"""This project's network, or the tutorial's."""

SCORE_KINDS: dict[LiveNetwork, str] = {
    "residual MLP": "ResidualMLP",
    "softplus MLP": "SoftplusMLP",
}
NOISE_KINDS: dict[LiveNetwork, str] = {
    "residual MLP": "ResidualMLP",
    "softplus MLP": "ConditionalSoftplusMLP",
}
REVERSE_KINDS: dict[LiveNetwork, str] = {
    "residual MLP": "ReverseMLP",
    "softplus MLP": "SoftplusReverseMLP",
}

BLOCKS = 3
BATCH_SIZE = 512
REAL_SETS = 3
LEAST_LOSS_DRAWS = 20_000


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
    """Train, and report how it goes after every `stride` steps and after the last one.

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
    network: LiveNetwork = "residual MLP",
    distribution: Distribution = SWISS_ROLL,
) -> Trainer:
    """Prepare to learn the score of data with noise σ, from nothing, on the CPU."""
    objective = one_sigma_objective(distribution.sample, BATCH_SIZE, sigma, method)
    built = _untrained(SCORE_KINDS[network], width, paced_schedule(100), seed)
    return _trainer(built, objective, steps, learning_rate, seed)


def ddpm_training(
    objective: DdpmObjective,
    schedule: NoiseSchedule,
    *,
    width: int,
    steps: int,
    learning_rate: float,
    seed: int,
    network: LiveNetwork = "residual MLP",
    antithetic: bool = False,
    ema_decay: float | None = None,
    distribution: Distribution = SWISS_ROLL,
) -> Trainer:
    """Prepare to train a DDPM from nothing, on the CPU.

    The network predicts ε, or with the variational objective mean and log-variance of a step back.

    Raises:
        ValueError: for an unknown objective.
    """
    loss = _ddpm_objective(objective, distribution, BATCH_SIZE, schedule, antithetic)
    kinds = REVERSE_KINDS if objective == "variational" else NOISE_KINDS
    built = _untrained(kinds[network], width, schedule, seed)
    return _trainer(built, loss, steps, learning_rate, seed, ema_decay)


def least_ddpm_loss(
    objective: DdpmObjective, schedule: NoiseSchedule, distribution: Distribution = SWISS_ROLL
) -> float:
    """The loss of the exact answer, which no network is below on average.

    Of a predictor of ε it is the loss of the exact one, over many draws. Of the bound it is that of
    the exact q(x_{t-1} | x_t), whose T terms and L_T sum to h(x_0) + KL(q(x_T) ‖ N(0, I)), see
    `exact_bound`. That step is not Gaussian, so a network with a mean and a variance stays above.
    """
    generator = torch.Generator().manual_seed(1_000)
    if objective == "variational":
        log_prob, x_0 = distribution.log_prob, distribution.sample(LEAST_LOSS_DRAWS, generator)
        entropy = NATS * negative_log_likelihood(log_prob, x_0)
        last = float(prior_kl(x_0, schedule).mean())
        terms = entropy + terminal_kl(log_prob, schedule) / x_0.shape[1] - last
        return terms / len(schedule)
    exact = _ddpm_objective(objective, distribution, LEAST_LOSS_DRAWS, schedule, antithetic=True)
    return float(exact(Oracle(distribution), generator))


class RealDistance:
    """The SW2 ratio of sets of one size to real sets that are drawn once.

    Args:
        num_points: of each set.
        distribution: of the real points.
    """

    def __init__(self, num_points: int, distribution: Distribution = SWISS_ROLL) -> None:
        generator = torch.Generator().manual_seed(1_000)
        self.real = [distribution.sample(num_points, generator) for _ in range(REAL_SETS)]
        self._ratio = SlicedWassersteinRatio(self.real)

    def __call__(self, generated: Tensor) -> float:
        """The ratio of one generated set, (num_points, 2); 1 is that of real points."""
        return self._ratio(generated)


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


def _ddpm_objective(
    objective: DdpmObjective,
    distribution: Distribution,
    batch_size: int,
    schedule: NoiseSchedule,
    antithetic: bool,
) -> Objective:
    if objective not in get_args(DdpmObjective):
        raise ValueError(f"objective must be one of {get_args(DdpmObjective)}, got {objective!r}")
    makers: dict[str, Callable[..., Objective]] = {
        "simple": simple_objective,
        "weighted": weighted_objective,
        "variational": variational_objective,
    }
    return makers[objective](distribution.sample, batch_size, schedule, antithetic)


def _untrained(kind: str, width: int, schedule: NoiseSchedule, seed: int) -> nn.Module:
    blocks = {"blocks": BLOCKS} if kind in ("ResidualMLP", "ReverseMLP") else {}
    return untrained({"kind": kind, "width": width} | blocks, schedule, seed)


def _trainer(
    network: nn.Module,
    objective: Objective,
    steps: int,
    learning_rate: float,
    seed: int,
    ema_decay: float | None = None,
) -> Trainer:
    from accelerate import Accelerator  # takes a second to import: only where one trains

    return Trainer(
        network,
        objective,
        steps=steps,
        learning_rate=learning_rate,
        seed=seed,
        accelerator=Accelerator(cpu=True),  # so small a network gains nothing from a GPU
        ema_decay=ema_decay,
    )
