"""The variational bound, for a reverse process whose mean and variance are learned.

A reverse network takes x_t (B, D) and √ᾱ_t (B,), and returns the mean and the
log-variance of p_θ(x_{t-1} | x_t), each (B, D). It is the tutorial's first, "naive" model.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from diffusion.process.denoising import (
    like_samples,
    posterior_mean,
)
from diffusion.process.schedule import NoiseSchedule

LOG_2PI = math.log(2 * math.pi)

CELL = 2 / 255
"""The distance between two of the 256 values of a picture that is scaled to [-1, 1]."""

Decoder = Callable[[Tensor, Tensor, Tensor], Tensor]
"""-ln p(x_0 | x_1) for each coordinate, from x_0, the mean and the log-variance."""


class ReverseNetwork(Protocol):
    """A learned reverse step."""

    def __call__(self, x_t: Tensor, noise_level: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of p_θ(x_{t-1} | x_t)."""
        ...


def normal_kl(mean1: Tensor, log_var1: Tensor, mean2: Tensor, log_var2: Tensor) -> Tensor:
    """KL(N(mean1, var1) ‖ N(mean2, var2)) in nats, for each coordinate.

    ½ (ln v₂ - ln v₁ + v₁/v₂ - 1 + (m₁ - m₂)²/v₂).
    """
    return 0.5 * (
        log_var2
        - log_var1
        + torch.exp(log_var1 - log_var2)
        - 1
        + (mean1 - mean2).square() * torch.exp(-log_var2)
    )


def normal_nll(x: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """-ln N(x; mean, var) in nats, for each coordinate: the decoder term for continuous data."""
    return 0.5 * (LOG_2PI + log_var + (x - mean).square() * torch.exp(-log_var))


def discretized_nll(x: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """-ln ∫ N(y; mean, var) dy over the cell of `x`, in nats, for each coordinate.

    Space is cut into cells of width `CELL`, centred on its multiples: this is the decoder for data
    of 256 values (Ho et al. 2020, eq. 13), without their open cells at ±1, for points lie beyond.
    """
    std = torch.exp(0.5 * log_var)
    below = (cell_centres(x) - 0.5 * CELL - mean) / std
    above = below + CELL / std
    # In the lower tail the digits of Φ(above) - Φ(below) survive, and the upper tail mirrors it.
    upper = below + above > 0
    high, low = torch.where(upper, -below, above), torch.where(upper, -above, below)
    log_high, log_low = torch.special.log_ndtr(high), torch.special.log_ndtr(low)
    log_probability: Tensor = log_high + torch.log(-torch.expm1(log_low - log_high))
    return -log_probability


def cell_centres(x: Tensor) -> Tensor:
    """The centre of the cell of width `CELL` that each coordinate lies in."""
    return CELL * torch.round(x / CELL)


def prior_kl(x_0: Tensor, schedule: NoiseSchedule) -> Tensor:
    """L_T = KL(q(x_T | x_0) ‖ N(0, I)) in nats per coordinate, shape (B,)."""
    last = schedule.on(x_0.device).alphas_cumprod[-1].to(x_0)
    zero = torch.zeros((), dtype=x_0.dtype, device=x_0.device)
    kl = normal_kl(last.sqrt() * x_0, (1 - last).log(), zero, zero)
    return kl.flatten(1).mean(dim=1)


def bound_terms(
    network: ReverseNetwork,
    x_0: Tensor,
    timesteps: Tensor,
    schedule: NoiseSchedule,
    noise: Tensor,
) -> Tensor:
    """One term of the bound for each sample, in nats per coordinate (Ho et al. 2020, eq. 5).

    L_t = KL(q(x_{t-1} | x_t, x_0) ‖ p_θ(x_{t-1} | x_t)) for t > 0, and -ln p_θ(x_0 | x_1) at t = 0.

    Args:
        network: the reverse step.
        x_0: data, shape (B, D).
        timesteps: t in [0, T), shape (B,).
        schedule: the forward process.
        noise: ε ~ N(0, I) that makes x_t, shaped like `x_0`.

    Returns:
        The terms, shape (B,); E[L_T + Σ_t L_t] bounds -ln p_θ(x_0) from above.
    """
    x_t = schedule.q_sample(x_0, noise, timesteps)
    sqrt_alphas_cumprod = schedule.on(x_0.device).noise_levels[timesteps]
    return step_terms(*network(x_t, sqrt_alphas_cumprod), x_0, x_t, timesteps, schedule)


def step_terms(
    mean: Tensor,
    log_var: Tensor,
    x_0: Tensor,
    x_t: Tensor,
    timesteps: Tensor,
    schedule: NoiseSchedule,
    decoder: Decoder = normal_nll,
) -> Tensor:
    """The terms of `bound_terms`, of the mean and log-variance that a network gave at x_t."""
    true_mean, true_log_var = posterior(x_0, x_t, timesteps, schedule)
    kl = normal_kl(true_mean, true_log_var, mean, log_var)
    first = like_samples(timesteps == 0, x_0).bool()
    return torch.where(first, decoder(x_0, mean, log_var), kl).flatten(1).mean(dim=1)


def posterior(
    x_0: Tensor, x_t: Tensor, timesteps: Tensor, schedule: NoiseSchedule
) -> tuple[Tensor, Tensor]:
    """Mean and log-variance of q(x_{t-1} | x_t, x_0) for mixed t, in float64.

    At t = 0 the variance is zero; that row is not used, and its logarithm is kept finite.
    """

    def at(values: Tensor) -> Tensor:
        return like_samples(values[timesteps], x_0.double())

    schedule = schedule.on(timesteps.device)
    both = at(schedule.alphas_cumprod), at(schedule.alphas_cumprod_prev)
    mean = posterior_mean(x_0.double(), x_t.double(), *both)
    log_var = at(schedule.posterior_variance.clamp(min=1e-20).log())
    return mean.to(x_0), log_var.to(x_0).expand_as(x_0)
