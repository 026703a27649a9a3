"""Short runs in two dimensions, to see what one line of code changes: see `diffusion.mistakes`."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from diffusion.catalog import recipe
from diffusion.data import swiss_roll
from diffusion.evaluation.metrics import (
    SlicedWassersteinRatio,
    fraction_off_curve,
    relative_error,
)
from diffusion.evaluation.variational_bound import terminal_kl
from diffusion.process.denoising import NoisePredictor
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.score import ScoreFunction, score_of
from diffusion.sampling.langevin import langevin
from diffusion.sampling.samplers import iterate
from diffusion.sampling.solvers import Denoiser, State
from diffusion.training.batches import Objective
from diffusion.training.objectives import score_objective, simple_objective
from diffusion.training.recipe import untrained
from diffusion.training.trainer import update_ema

NUM_POINTS = 500
NUM_WALK_STEPS = 240
SIGMA = 0.1
"""Noise on the roll with which Langevin dynamics finds its way along the curve."""

SCHEDULE = recipe("swiss-roll-ddpm").noise_schedule()
SCORE_STEPS, SCORE_BATCH = 600, 256
NOISE_STEPS, NOISE_BATCH = 2_000, 128
LEARNING_RATE = 5e-3
"""Constant, as in the tutorial, and high: the last weights jitter, and their average does not."""


Distribution = Callable[[torch.Generator], Tensor]
"""Draws points."""


@dataclass(frozen=True)
class Trajectory:
    """A run, and what it should end in.

    Attributes:
        states: points from start to end, (frames, N, 2).
        distribution: draws points as the last state should be.
        width: of the curve that they should lie on, or None if on none.
        measures: other numbers of the run, by their names.
        error: what ended the run before its result, if anything did.
    """

    states: Tensor
    distribution: Distribution
    width: float | None = None
    measures: dict[str, float] = field(default_factory=dict)
    error: str = ""

    def costs(self) -> dict[str, float | str]:
        """The distance to fresh real points, over that among them; and other measures.

        Of a run that ended in an error it is that error, in the distance's place.
        """
        if self.error:
            return {"SW2 ratio": self.error}
        ends = self.states[-1]
        costs: dict[str, float | str] = {"SW2 ratio": real_ratio(self.distribution)(ends)}
        if self.width is not None:
            costs["fraction off the curve"] = fraction_off_curve(ends, self.width)
        return costs | self.measures

    def real_band(self) -> tuple[float, float]:
        """The least and the largest SW2 ratio of 20 sets of real points: sampling noise alone."""
        return real_band(self.distribution)


@lru_cache(maxsize=16)
def real_ratio(distribution: Distribution) -> SlicedWassersteinRatio:
    """The distance to four sets of fresh real points, over that among them."""
    generator = torch.Generator().manual_seed(1_000)
    return SlicedWassersteinRatio([distribution(generator) for _ in range(4)])


@lru_cache(maxsize=16)
def real_band(distribution: Distribution) -> tuple[float, float]:
    """The least and the largest SW2 ratio of 20 sets of real points: sampling noise alone."""
    generator = torch.Generator().manual_seed(2_000)
    ratios = [real_ratio(distribution)(distribution(generator)) for _ in range(20)]
    return min(ratios), max(ratios)


def noised_roll(generator: torch.Generator, sigma: float = 0.0) -> Tensor:
    """Points of the roll with noise σ, (N, 2)."""
    x = swiss_roll.sample(NUM_POINTS, generator)
    return x + sigma * torch.randn(x.shape, generator=generator)


@lru_cache(maxsize=8)
def roll_with_noise(sigma: float) -> Distribution:
    """`noised_roll` with noise σ: one and the same function for one σ."""
    return partial(noised_roll, sigma=sigma)


def standard_normal(generator: torch.Generator) -> Tensor:
    """Points of N(0, I), (N, 2)."""
    return torch.randn(NUM_POINTS, 2, generator=generator)


def walk(
    seed: int,
    sigma: float = SIGMA,
    *,
    score: ScoreFunction | None = None,
    dynamics: Callable[..., Iterator[Tensor]] = langevin,
    from_data: bool = False,
    num_steps: int = NUM_WALK_STEPS,
    **options: float,
) -> Trajectory:
    """Langevin dynamics in the roll with noise σ, by its exact score unless one is given."""

    def exact(x: Tensor) -> Tensor:
        return swiss_roll.score(x, noise_variance=sigma**2).to(x)

    generator = torch.Generator().manual_seed(seed)
    distribution = roll_with_noise(sigma)
    start = distribution(generator) if from_data else standard_normal(generator)
    states = dynamics(score or exact, start, num_steps=num_steps, generator=generator, **options)
    return Trajectory(torch.stack(list(states)), distribution, math.hypot(swiss_roll.WIDTH, sigma))


def learn_score(seed: int, sigma: float) -> Trajectory:
    """Denoising score matching at one σ, and a walk with the averaged weights."""
    network = _network(seed)
    objective = score_objective(swiss_roll.sample, SCORE_BATCH, sigma, sigma)
    score = score_of(_train(network, objective, SCORE_STEPS, seed), sigma)
    trajectory = walk(seed, sigma, score=score, step_size=swiss_roll.WIDTH**2 + sigma**2)
    x = noised_roll(torch.Generator().manual_seed(seed + 1), sigma)
    with torch.no_grad():
        error = relative_error(score(x), swiss_roll.score(x, noise_variance=sigma**2))
    return Trajectory(
        trajectory.states,
        trajectory.distribution,
        trajectory.width,
        {"relative error of the score": error},
    )


@lru_cache(maxsize=4)
def learn_noise(seed: int) -> tuple[nn.Module, nn.Module]:
    """The last and the averaged weights of one short training of a noise predictor."""
    network = _network(seed)
    objective = simple_objective(swiss_roll.sample, NOISE_BATCH, SCHEDULE)
    return network, _train(network, objective, NOISE_STEPS, seed)


def sample_by(
    network: NoisePredictor,
    seed: int,
    schedule: NoiseSchedule = SCHEDULE,
    num_steps: int = 100,
    **options: Any,
) -> Trajectory:
    """DDPM from N(0, I) down a schedule.

    The start is given, as N(0, I) is on purpose also where the schedule does not reach noise.
    """
    generator = torch.Generator().manual_seed(seed)
    states = iterate(
        network,
        schedule,
        (NUM_POINTS, 2),
        num_inference_steps=num_steps,
        generator=generator,
        initial=standard_normal(generator),
        **options,
    )
    return Trajectory(torch.stack([state.x for state in states]), noised_roll, swiss_roll.WIDTH)


def sample_down_steps(sampler: Callable[..., Iterator[State]], seed: int) -> Trajectory:
    """Ten steps of a sampler down the schedule, with the exact score."""
    generator = torch.Generator().manual_seed(seed)
    states = sampler(
        Denoiser(swiss_roll.Oracle(), condition=None, constrain=None),
        standard_normal(generator),
        SCHEDULE.inference_alphas_cumprod(10).tolist(),
        generator,
    )
    return Trajectory(torch.stack([state.x for state in states]), noised_roll, swiss_roll.WIDTH)


def sample_down(schedule: NoiseSchedule, seed: int) -> Trajectory:
    """DDPM with the exact score, and how far the end of the schedule is from its start."""
    trajectory = sample_by(swiss_roll.Oracle(), seed, schedule)
    kl = {"KL(q(x_T) ‖ N(0, I)), nats": terminal_kl(swiss_roll.log_prob, schedule)}
    return Trajectory(trajectory.states, trajectory.distribution, trajectory.width, kl)


def _network(seed: int) -> nn.Module:
    return untrained({"kind": "ResidualMLP", "width": 64, "blocks": 3}, SCHEDULE, seed)


def _train(network: nn.Module, objective: Objective, steps: int, seed: int) -> nn.Module:
    """Adam at a constant rate, as in the tutorial; returns the averaged network."""
    ema = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    generator = torch.Generator().manual_seed(seed)
    for step in range(1, steps + 1):
        loss = objective(network, generator)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        update_ema(ema, network, step)
    return ema
