"""Langevin dynamics: samples from the score alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from diffusion.process.score import ScoreFunction
from diffusion.random import Generators, randn


@torch.no_grad()
def langevin(
    score: ScoreFunction,
    x: Tensor,
    *,
    step_size: float = 1e-3,
    num_steps: int = 1000,
    decay: float = 1.0,
    temperature: float = 1.0,
    generator: Generators = None,
) -> Iterator[Tensor]:
    """Unadjusted Langevin dynamics, x ← x + ε/2 ∇ log p(x) + √ε τ z with z ~ N(0, I).

    Samples p for τ = 1, ε → 0 and Σε → ∞ (Welling & Teh 2011, eqs. 2 and 3), and p^(1/τ²) for other
    τ: that is colder, or hotter. With decay < 1 the sum is finite, and the walk stops short. It is
    stable only for ε < 4/L, L the largest curvature of log p: for a Gaussian of variance v, ε < 4v.

    Args:
        score: ∇ log p.
        x: where the walkers start, shape (B, D).
        step_size: ε > 0 of the first step.
        num_steps: how many steps, ≥ 1.
        decay: in (0, 1], multiplies ε after each step.
        temperature: τ ≥ 0, which scales the noise; 0 is gradient ascent on log p.
        generator: one torch.Generator, or one for each walker.

    Yields:
        The start and the state after each step: num_steps + 1 tensors like `x`.

    Raises:
        ValueError: if a setting is out of its range.
    """
    if not 0 < step_size < float("inf"):
        raise ValueError(f"step_size must be finite and > 0, got {step_size}")
    if num_steps < 1:
        raise ValueError(f"num_steps must be >= 1, got {num_steps}")
    if not 0 < decay <= 1:
        raise ValueError(f"decay must be in (0, 1], got {decay}")
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature must be finite and >= 0, got {temperature}")
    yield x
    for _ in range(num_steps):
        noise = randn(x.shape, generator, like=x)
        x = x + step_size / 2 * score(x) + step_size**0.5 * temperature * noise
        step_size *= decay
        yield x


def annealed_langevin(
    score_at: Callable[[float], ScoreFunction],
    x: Tensor,
    sigmas: Sequence[float],
    *,
    step_size: float = 1e-4,
    steps_per_sigma: int = 100,
    temperature: float = 1.0,
    generator: Generators = None,
) -> Iterator[Tensor]:
    """Langevin dynamics down falling σ (Song & Ermon 2019, algorithm 1).

    At each σ_i the step size is `annealed_step_size`.

    Args:
        score_at: gives the score of the data with noise σ.
        x: where the walkers start, shape (B, D).
        sigmas: σ_1 > … > σ_L > 0.
        step_size: ε at the last σ, > 0.
        steps_per_sigma: T ≥ 1.
        temperature: τ ≥ 0 as for `langevin`; the paper has 1.
        generator: one torch.Generator, or one for each walker.

    Yields:
        The start and the state after each step: L · T + 1 tensors like `x`.

    Raises:
        ValueError: if the σ do not fall, or a setting is out of its range.
    """
    falls = all(high > low for high, low in pairwise(sigmas))
    if not sigmas or not falls or sigmas[-1] <= 0:
        raise ValueError(f"sigmas must fall and end above 0, got {list(sigmas)}")
    yield x
    for sigma in sigmas:
        walk = langevin(
            score_at(sigma),
            x,
            step_size=annealed_step_size(step_size, sigma, sigmas[-1]),
            num_steps=steps_per_sigma,
            temperature=temperature,
            generator=generator,
        )
        next(walk)  # the start, which the σ before has yielded
        for x in walk:
            yield x


def annealed_step_size(step_size: float, sigma: float, sigma_min: float) -> float:
    """ε_i = ε σ_i²/σ_L²: the same signal-to-noise ratio at every σ (Song & Ermon 2019)."""
    return step_size * (sigma / sigma_min) ** 2


def geometric_sigmas(sigma_max: float, sigma_min: float, num_sigmas: int) -> list[float]:
    """σ in geometric progression, falling (Song & Ermon 2019, section 4.1).

    Raises:
        ValueError: if the σ would not fall, or are fewer than two.
    """
    if not 0 < sigma_min < sigma_max < float("inf"):
        raise ValueError(
            f"the largest σ must be above the smallest, which is above 0, got "
            f"{sigma_max} and {sigma_min}"
        )
    if num_sigmas < 2:
        raise ValueError(f"the number of σ must be >= 2, got {num_sigmas}")
    ratio = sigma_min / sigma_max
    return [sigma_max * ratio ** (i / (num_sigmas - 1)) for i in range(num_sigmas)]


def stability_bound(curvatures: Tensor) -> float:
    """4/L, which the step size of Langevin dynamics must stay below, from curvatures of -log p.

    In the direction of the largest curvature L a step multiplies the distance to the mode by
    1 - ε L/2, which grows from ε = 4/L on (Roberts & Tweedie 1996). Where -log p is nowhere convex
    there is no bound, and it is infinite.
    """
    largest = float(curvatures.max())
    return 4 / largest if largest > 0 else float("inf")
