"""WRONG ON PURPOSE: the tutorial's loss calls a function that no cell of it defines."""

# ruff: noqa: F821
# mypy: disable-error-code="name-defined"

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from diffusion.data import swiss_roll
from diffusion.mistakes.experiments import NUM_POINTS, SCHEDULE, Trajectory
from diffusion.process.variational import posterior

Target = Callable[[Tensor, Tensor, Tensor], Tensor]
"""The mean of q(x_{t-1} | x_t, x_0), from x_0, x_t and t."""


def target_undefined(x_0: Tensor, x_t: Tensor, t: Tensor) -> Tensor:
    """WRONG: no code gives this name a meaning, so that the call is a NameError."""
    mean, _ = q_posterior_mean_variance(x_0, x_t, t)
    target: Tensor = mean
    return target


def target_defined(x_0: Tensor, x_t: Tensor, t: Tensor) -> Tensor:
    """The mean of q(x_{t-1} | x_t, x_0), which the network's mean is compared with."""
    mean, _ = posterior(x_0, x_t, t, SCHEDULE)
    target: Tensor = mean
    return target


def called_before_defined(seed: int) -> Trajectory:
    """WRONG."""
    return _run(target_undefined, seed)


def called_when_defined(seed: int) -> Trajectory:
    """Right."""
    return _run(target_defined, seed)


def _run(target: Target, seed: int) -> Trajectory:
    """Points of the roll, the same with noise, and the target of the loss, if there is one."""
    x_0, x_t, t = _noised(torch.Generator().manual_seed(seed))
    states = [x_0, x_t]
    try:
        states.append(target(x_0, x_t, t))
        error = ""
    except NameError as caught:
        states.append(x_t)  # the run ends here, and no point moves any more
        error = f"{type(caught).__name__}: {caught}"
    return Trajectory(torch.stack(states), _targets, error=error)


def _targets(generator: torch.Generator) -> Tensor:
    return target_defined(*_noised(generator))


def _noised(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """x_0, x_t and t, the same step for all points: one in the middle of the schedule."""
    x_0 = swiss_roll.sample(NUM_POINTS, generator)
    noise = torch.randn(x_0.shape, generator=generator)
    t = torch.full((NUM_POINTS,), len(SCHEDULE) // 2)
    return x_0, SCHEDULE.q_sample(x_0, noise, t), t
