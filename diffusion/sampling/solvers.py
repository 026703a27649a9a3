"""The steps of every sampler: from one ᾱ to the next, all the way to the data.

Each sampler is a generator over ᾱ_0 < ᾱ_1 < … < ᾱ_N = 1, from noise to data. It yields
N + 1 states: x at each ᾱ, with the x̂_0 that the predictor sees there, and at last the sample
itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from torch import Tensor

from diffusion.process.denoising import (
    NoisePredictor,
    posterior_mean,
    posterior_variance,
    predict_noise,
    predict_original_sample,
    sqrt_alpha_cumprod_like,
)
from diffusion.random import Generators, randn

VarianceType = Literal["fixed_small", "fixed_large"]

Constraint = Callable[[Tensor], Tensor]
"""Takes x̂_0 to what is known of the data: into its range, or nearer to a measurement of it."""

LANGEVIN_STEPS = 5
"""Steps of `langevin_steps` at each ᾱ."""

LANGEVIN_STEP_SIZE = 1.0
"""Their size in units of σ²: from 4 on they would be unstable."""


@dataclass(frozen=True)
class State:
    """One moment of a trajectory.

    Attributes:
        index: number of steps that are still to come; 0 is the finished sample.
        noise_level: √ᾱ of `x`.
        x: the noisy samples x_t, shape (B, …).
        pred_original_sample: x̂_0, what the predictor estimates that they will become.
    """

    index: int
    noise_level: float
    x: Tensor
    pred_original_sample: Tensor


class Denoiser:
    """A noise predictor at one ᾱ for a whole batch, giving (ε, x̂_0).

    With `constrain`, x̂_0 is what that makes of it, and ε follows from it.
    """

    def __init__(
        self, network: NoisePredictor, condition: Tensor | None, constrain: Constraint | None
    ) -> None:
        self.network = network
        self.condition = condition
        self.constrain = constrain

    def __call__(self, x: Tensor, alpha_cumprod: float) -> tuple[Tensor, Tensor]:
        """The predicted ε and x̂_0, each like `x`."""
        eps = self.network(x, sqrt_alpha_cumprod_like(x, alpha_cumprod), self.condition)
        original = predict_original_sample(x, eps, alpha_cumprod)
        if self.constrain is not None:
            original = self.constrain(original)
            eps = predict_noise(x, original, alpha_cumprod)
        return eps, original


def ddpm(
    denoise: Denoiser,
    x: Tensor,
    alphas_cumprod: list[float],
    generator: Generators,
    variance_type: VarianceType = "fixed_small",
) -> Iterator[State]:
    """Ancestral sampling (Ho et al. 2020, algorithm 2): x_{t-1} = μ̃(x̂_0, x_t) + σ_t z.

    σ_t² is β̃_t ("fixed_small") or β_t ("fixed_large"); no noise is added at the last step.
    """
    for index, (alpha_cumprod, next_alpha_cumprod) in _steps(alphas_cumprod):
        _, original = denoise(x, alpha_cumprod)
        yield State(index, alpha_cumprod**0.5, x, original)
        x = posterior_mean(original, x, alpha_cumprod, next_alpha_cumprod)
        if index > 1:
            beta = 1 - alpha_cumprod / next_alpha_cumprod
            small = posterior_variance(alpha_cumprod, next_alpha_cumprod)
            variance = small if variance_type == "fixed_small" else beta
            x = x + variance**0.5 * randn(x.shape, generator, like=x)
    yield State(0, 1.0, x, x)


def ddim(
    denoise: Denoiser,
    x: Tensor,
    alphas_cumprod: list[float],
    generator: Generators,
    eta: float = 0.0,
) -> Iterator[State]:
    """Implicit sampling (Song et al. 2020, eqs. 12 and 16): deterministic for η = 0.

    x_{t-1} = √ᾱ_{t-1} x̂_0 + √(1 - ᾱ_{t-1} - σ²) ε + σ z,  σ² = η² β̃; η = 1 is DDPM.
    """
    for index, (alpha_cumprod, next_alpha_cumprod) in _steps(alphas_cumprod):
        eps, original = denoise(x, alpha_cumprod)
        yield State(index, alpha_cumprod**0.5, x, original)
        variance = eta**2 * posterior_variance(alpha_cumprod, next_alpha_cumprod)
        x = (
            next_alpha_cumprod**0.5 * original
            + max(1 - next_alpha_cumprod - variance, 0.0) ** 0.5 * eps
        )
        if variance > 0:
            x = x + variance**0.5 * randn(x.shape, generator, like=x)
    yield State(0, 1.0, x, x)


def euler(denoise: Denoiser, x: Tensor, alphas_cumprod: list[float]) -> Iterator[State]:
    """Euler's method on the probability-flow ODE dy/dσ = ε, y = x/√ᾱ, σ² = (1 - ᾱ)/ᾱ.

    Karras et al. 2022, eq. 4 and algorithm 1 without its correction; equal to DDIM with η = 0.
    """
    for index, (alpha_cumprod, next_alpha_cumprod) in _steps(alphas_cumprod):
        eps, original = denoise(x, alpha_cumprod)
        yield State(index, alpha_cumprod**0.5, x, original)
        y = x / alpha_cumprod**0.5 + (_sigma(next_alpha_cumprod) - _sigma(alpha_cumprod)) * eps
        x = y * next_alpha_cumprod**0.5
    yield State(0, 1.0, x, x)


def heun(denoise: Denoiser, x: Tensor, alphas_cumprod: list[float]) -> Iterator[State]:
    """Heun's second-order method on the same ODE (Karras et al. 2022, algorithm 1).

    Two evaluations a step, except for the last one, where ε is not defined at σ = 0.
    """
    for index, (alpha_cumprod, next_alpha_cumprod) in _steps(alphas_cumprod):
        eps, original = denoise(x, alpha_cumprod)
        yield State(index, alpha_cumprod**0.5, x, original)
        step = _sigma(next_alpha_cumprod) - _sigma(alpha_cumprod)
        y = x / alpha_cumprod**0.5
        if next_alpha_cumprod < 1:
            ahead, _ = denoise((y + step * eps) * next_alpha_cumprod**0.5, next_alpha_cumprod)
            eps = (eps + ahead) / 2
        x = (y + step * eps) * next_alpha_cumprod**0.5
    yield State(0, 1.0, x, x)


def dpm_solver_pp_2m(denoise: Denoiser, x: Tensor, alphas_cumprod: list[float]) -> Iterator[State]:
    """DPM-Solver++(2M), second order with one evaluation a step (Lu et al. 2022, algorithm 2).

    With λ = -ln σ, h = Δλ and r = h_{i-1}/h_i: D = (1 + 1/2r) x̂_i - 1/2r x̂_{i-1} and
    x/√ᾱ ← (σ'/σ) x/√ᾱ + (1 - σ'/σ) D. First order at both ends.
    """
    previous: tuple[Tensor, float] | None = None
    for index, (alpha_cumprod, next_alpha_cumprod) in _steps(alphas_cumprod):
        _, original = denoise(x, alpha_cumprod)
        yield State(index, alpha_cumprod**0.5, x, original)
        shrink = _sigma(next_alpha_cumprod) / _sigma(alpha_cumprod)
        h = -math.log(shrink) if shrink > 0 else math.inf
        estimate = original
        if previous is not None and next_alpha_cumprod < 1:
            older, older_h = previous
            estimate = original + h / (2 * older_h) * (original - older)
        y = shrink * x / alpha_cumprod**0.5 + (1 - shrink) * estimate
        x = y * next_alpha_cumprod**0.5
        previous = original, h
    yield State(0, 1.0, x, x)


def langevin_steps(
    denoise: Denoiser,
    x: Tensor,
    alphas_cumprod: list[float],
    generator: Generators,
    steps_per_alpha: int = LANGEVIN_STEPS,
) -> Iterator[State]:
    """Langevin dynamics at each ᾱ in turn (Song & Ermon 2019, algorithm 1), in y = x/√ᾱ.

    y ← y + δ/2 ∇ log p_σ(y) + √δ z with ∇ log p_σ = -ε/σ and δ = σ², so that each σ takes equal
    parts of its own noise. The last evaluation gives x̂_0 in the place of a step: the mean of what
    lies below the last σ (Jolicoeur-Martineau et al. 2021).
    """
    y = x / alphas_cumprod[0] ** 0.5
    for index, (alpha_cumprod, next_alpha_cumprod) in _steps(alphas_cumprod):
        sigma = _sigma(alpha_cumprod)
        for step in range(steps_per_alpha):
            eps, original = denoise(y * alpha_cumprod**0.5, alpha_cumprod)
            if step == 0:
                yield State(index, alpha_cumprod**0.5, y * alpha_cumprod**0.5, original)
            if next_alpha_cumprod == 1 and step == steps_per_alpha - 1:
                break
            y = y - LANGEVIN_STEP_SIZE / 2 * sigma * eps
            y = y + LANGEVIN_STEP_SIZE**0.5 * sigma * randn(y.shape, generator, like=y)
    yield State(0, 1.0, original, original)


def _steps(alphas_cumprod: list[float]) -> Iterator[tuple[int, tuple[float, float]]]:
    """Each pair of neighbouring ᾱ with the number of steps that are left."""
    return zip(range(len(alphas_cumprod) - 1, 0, -1), pairwise(alphas_cumprod), strict=True)


def _sigma(alpha_cumprod: float) -> float:
    return math.sqrt((1 - alpha_cumprod) / alpha_cumprod)
