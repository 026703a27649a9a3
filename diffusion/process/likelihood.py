"""Exact likelihood by the probability-flow ODE: a diffusion model as a continuous normalising flow.

In y = x_t/√ᾱ with σ² = (1 - ᾱ)/ᾱ the ODE is dy/dσ = ε(y, σ) (Karras et al. 2022, eq. 4). It carries
the data's distribution to that of the noise, and the density with it (Song et al. 2021, eq. 39):

    log p(y_0) = log p_max(y_max) + ∫ ∇·ε(y, σ) dσ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from diffusion.process.denoising import Moments, NoisePredictor
from diffusion.process.score import divergence, score_of


@dataclass(frozen=True)
class FlowState:
    """Points on the way from data to noise.

    Attributes:
        sigma: the noise beside unscaled data.
        y: the points x_t/√ᾱ, shape (B, D).
        log_volume: ∫ ∇·ε dσ so far: by how much their neighbourhood grew, in nats, shape (B,).
    """

    sigma: float
    y: Tensor
    log_volume: Tensor


Velocity = Callable[[Tensor, float], tuple[Tensor, Tensor]]
"""d(y, log-volume)/d ln σ."""


def flow(network: NoisePredictor, y: Tensor, sigmas: list[float]) -> Iterator[FlowState]:
    """Solve the ODE by the classic Runge-Kutta method (RK4), one step in ln σ between two levels.

    d/d ln σ (y, log-volume) = (σ ε, σ ∇·ε), with the exact divergence: D backward passes.

    Args:
        network: the noise predictor, a differentiable network or oracle.
        y: the points at the first level, shape (B, D), of the network's dtype.
        sigmas: the levels > 0; from low to high for the likelihood of data.

    Yields:
        The state at each level.
    """

    def velocity(y: Tensor, log_sigma: float) -> tuple[Tensor, Tensor]:
        sigma = math.exp(log_sigma)
        y = y.detach().requires_grad_()
        with torch.enable_grad():
            eps = -sigma * score_of(network, sigma)(y)
            return sigma * eps.detach(), sigma * divergence(eps, y).detach()

    log_volume = torch.zeros(len(y), dtype=y.dtype, device=y.device)
    yield FlowState(sigmas[0], y, log_volume)
    for low, high in pairwise(sigmas):
        dy, growth = _runge_kutta(velocity, y, math.log(low), math.log(high / low))
        y, log_volume = y + dy, log_volume + growth
        yield FlowState(high, y, log_volume)


def log_likelihood(end: FlowState, data_moments: Moments) -> Tensor:
    """The log p(y_0) of points whose `flow` ended in this state, in nats, shape (B,).

    At σ_max it is taken as N(m, C + σ² I), with the data's mean and covariance: it is off by
    terms of the order (standard deviation of the data / σ_max)³.
    """
    mean, covariance = (part.to(end.y) for part in data_moments)
    unit = torch.eye(len(mean), dtype=end.y.dtype, device=end.y.device)
    distribution = MultivariateNormal(mean, covariance + end.sigma**2 * unit)
    log_density: Tensor = distribution.log_prob(end.y)  # type: ignore[no-untyped-call]
    return log_density + end.log_volume


def log_spaced(low: float, high: float, steps: int) -> list[float]:
    """The steps + 1 levels from `low` to `high` in equal steps of ln σ.

    Raises:
        ValueError: if not 0 < low < high, or steps < 1.
    """
    if not 0 < low < high < float("inf"):
        raise ValueError(f"need 0 < low < high, got {low} and {high}")
    if steps < 1:
        raise ValueError(f"steps must be >= 1, got {steps}")
    return [low * (high / low) ** (k / steps) for k in range(steps + 1)]


def _runge_kutta(velocity: Velocity, y: Tensor, time: float, step: float) -> tuple[Tensor, Tensor]:
    """The change of y and of the log-volume in one step of RK4."""
    v1, g1 = velocity(y, time)
    v2, g2 = velocity(y + step / 2 * v1, time + step / 2)
    v3, g3 = velocity(y + step / 2 * v2, time + step / 2)
    v4, g4 = velocity(y + step * v3, time + step)
    return step / 6 * (v1 + 2 * v2 + 2 * v3 + v4), step / 6 * (g1 + 2 * g2 + 2 * g3 + g4)
