"""What the noise predictors are trained on.

An objective draws its own batch, with all that is random, from a generator and on its device; the
loss is then a function of network and batch. So training is the same loop for every recipe.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from diffusion.process.denoising import NoisePredictor, add_noise
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.score import score_of
from diffusion.process.variational import ReverseNetwork, bound_terms
from diffusion.training.batches import Objective
from diffusion.training.score_matching import (
    denoising_score_matching,
    explicit_score_matching,
    sliced_score_matching,
)

Draw = Callable[[int, torch.Generator], Tensor]
"""Draws n data points, (n, …), on the generator's device."""

DrawSounds = Callable[[int, torch.Generator], tuple[Tensor, Tensor | None]]
"""Draws n waveforms, (n, T), and their condition, if there is one."""

ScoreMatching = Literal["explicit", "sliced", "denoising"]

UNIFORM_SIGMAS = (1e-3, 10.0)
"""Between them ln σ is uniform, in the part of a batch that is not drawn as WaveGrad's is."""


def score_objective(draw: Draw, batch_size: int, sigma_min: float, sigma_max: float) -> Objective:
    """Denoising score matching over a range of noise levels, ln σ ~ U(ln σ_min, ln σ_max)."""

    def batch(generator: torch.Generator) -> tuple[Tensor, ...]:
        x = draw(batch_size, generator)
        span = math.log(sigma_max / sigma_min)
        sigma = sigma_min * torch.exp(span * _uniform(batch_size, generator))
        return x, _noise_like(x, generator), sigma

    def loss(network: NoisePredictor, batch: tuple[Tensor, ...]) -> Tensor:
        x, noise, sigma = batch
        return denoising_score_matching(score_of(network, sigma), x, noise, sigma)

    return Objective(batch, loss, lambda batch: batch[2])


def one_sigma_objective(
    draw: Draw, batch_size: int, sigma: float, method: ScoreMatching
) -> Objective:
    """Score matching at one noise level σ, by any of the three losses, each times σ².

    All three are ½σ² E‖F(x̃) - ∇ log p_σ(x̃)‖² over noisy data x̃ = x + σε, up to the constant that
    `least_loss` gives: they differ in variance and cost, not in their minimum (Vincent 2011).

    Raises:
        ValueError: for an unknown method, or σ that is not > 0.
    """
    _check_method(method)
    if not 0 < sigma < math.inf:
        raise ValueError(f"sigma must be finite and > 0, got {sigma}")

    def batch(generator: torch.Generator) -> tuple[Tensor, ...]:
        x = draw(batch_size, generator)
        noise = _noise_like(x, generator)
        return (x, noise, _noise_like(x, generator)) if method == "sliced" else (x, noise)

    def loss(network: NoisePredictor, batch: tuple[Tensor, ...]) -> Tensor:
        score = score_of(network, sigma)
        x, noise, *directions = batch
        if method == "denoising":
            return denoising_score_matching(score, x, noise, x.new_full((len(x),), sigma))
        noisy = x + sigma * noise
        if method == "explicit":
            return sigma**2 * explicit_score_matching(score, noisy)
        return sigma**2 * sliced_score_matching(score, noisy, *directions)

    return Objective(batch, loss)


def least_loss(exact: Tensor, sigma: float, method: ScoreMatching) -> float:
    """The loss of the exact score in `one_sigma_objective`, from its values (N, D) on noisy data.

    E tr ∇s = -E‖s‖² by parts, so it is -½σ² E‖s‖²; denoising adds ½ E‖ε‖² = D/2.
    """
    _check_method(method)
    least = -0.5 * sigma**2 * float(exact.square().sum(dim=1).mean())
    return least + exact.shape[1] / 2 if method == "denoising" else least


def simple_objective(
    draw: Draw, batch_size: int, schedule: NoiseSchedule, antithetic: bool = False
) -> Objective:
    """L_simple = E‖ε - ε_θ(x_t, t)‖² per coordinate, t uniform (Ho et al. 2020, eq. 14)."""

    def loss(network: NoisePredictor, batch: tuple[Tensor, ...]) -> Tensor:
        return _squared_error(network, schedule, *batch).mean()

    return _of_steps(draw, batch_size, schedule, antithetic, loss)


def weighted_objective(
    draw: Draw, batch_size: int, schedule: NoiseSchedule, antithetic: bool = False
) -> Objective:
    """The bound's own weights on the same error: β²/(2σ²α(1-ᾱ)), σ² = β (Ho et al. 2020, eq. 12).

    In nats per coordinate of one step, up to a constant; at the first step it stands in for the
    decoder's term, which is no such difference.
    """

    def loss(network: NoisePredictor, batch: tuple[Tensor, ...]) -> Tensor:
        squares, (_, _, timesteps) = _squared_error(network, schedule, *batch), batch
        near = schedule.on(timesteps.device)
        weights = near.betas / (2 * near.alphas * (1 - near.alphas_cumprod))
        return (weights[timesteps].to(squares) * squares).mean()

    return _of_steps(draw, batch_size, schedule, antithetic, loss)


def wavegrad_objective(
    draw: DrawSounds,
    batch_size: int,
    schedule: NoiseSchedule,
    uniform_fraction: float = 0.0,
) -> Objective:
    """E|ε - ε_θ(√ᾱ x_0 + √(1-ᾱ) ε, √ᾱ)|, the L1 loss of WaveGrad (Chen et al. 2020, section 3).

    The paper's draw, `hierarchical_noise_levels`, rarely visits small noise, which is what
    one hears in the silence between partials; so a fraction of the batch draws ln σ uniformly.
    """
    low, high = (math.log(sigma) for sigma in UNIFORM_SIGMAS)
    count = round(uniform_fraction * batch_size)

    def batch(generator: torch.Generator) -> tuple[Tensor | None, ...]:
        x, condition = draw(batch_size, generator)
        sigma = torch.exp(low + (high - low) * _uniform(count, generator))
        published = hierarchical_noise_levels(batch_size - count, schedule, generator)
        levels = torch.cat([(1 + sigma**2).rsqrt(), published])
        return x, _noise_like(x, generator), levels, condition

    def loss(
        network: NoisePredictor, batch: tuple[Tensor, Tensor, Tensor, Tensor | None]
    ) -> Tensor:
        x, noise, levels, condition = batch
        eps = network(add_noise(x, noise, levels**2), levels, condition)
        return (noise - eps).abs().mean()

    return Objective(batch, loss, lambda batch: (batch[2] ** -2 - 1).sqrt())


def variational_objective(
    draw: Draw, batch_size: int, schedule: NoiseSchedule, antithetic: bool = False
) -> Objective:
    """The mean of the variational bound's terms, in nats per coordinate (Ho et al. 2020, eq. 5)."""

    def loss(network: ReverseNetwork, batch: tuple[Tensor, ...]) -> Tensor:
        x, noise, timesteps = batch
        return bound_terms(network, x, timesteps, schedule, noise).mean()

    return _of_steps(draw, batch_size, schedule, antithetic, loss)


def random_timesteps(
    n: int, total: int, generator: torch.Generator, antithetic: bool = False
) -> Tensor:
    """Draw `n` steps t ~ U{0 … T-1}; antithetic, half of them are T - 1 - t of the others.

    A batch then has as many steps of little noise as of much. The mean over a batch of any f(t)
    that only rises or only falls has a smaller variance. From the published code of DDIM.
    """
    drawn = (n + 1) // 2 if antithetic else n
    t = torch.randint(total, (drawn,), generator=generator, device=generator.device)
    return torch.cat([t, total - 1 - t])[:n] if antithetic else t


def hierarchical_noise_levels(
    n: int, schedule: NoiseSchedule, generator: torch.Generator
) -> Tensor:
    """Draw √ᾱ as WaveGrad does: a segment s ~ U{1 … T}, then √ᾱ ~ U(l_s, l_{s-1}).

    l_0 = 1 and l_s = √ᾱ_s are the ends of the segments (Chen et al. 2020, section 3.1).

    Returns:
        n noise levels, float64 of shape (n,).
    """
    noise_levels = schedule.on(generator.device).noise_levels
    ends = torch.cat([torch.ones_like(noise_levels[:1]), noise_levels])
    segment = torch.randint(1, len(ends), (n,), generator=generator, device=generator.device)
    return ends[segment] + (ends[segment - 1] - ends[segment]) * _uniform(n, generator)


def _check_method(method: str) -> None:
    if method not in get_args(ScoreMatching):
        raise ValueError(f"method must be one of {get_args(ScoreMatching)}, got {method!r}")


def _of_steps(
    draw: Draw,
    batch_size: int,
    schedule: NoiseSchedule,
    antithetic: bool,
    loss: Callable[[Any, Any], Tensor],
) -> Objective:
    """An objective whose batches are x_0, ε and t."""

    def batch(generator: torch.Generator) -> tuple[Tensor, ...]:
        x = draw(batch_size, generator)
        timesteps = random_timesteps(batch_size, len(schedule), generator, antithetic)
        return x, _noise_like(x, generator), timesteps

    def sigma(batch: tuple[Tensor, ...]) -> Tensor:
        return schedule.on(batch[2].device).sigmas[batch[2]]

    return Objective(batch, loss, sigma)


def _squared_error(
    network: NoisePredictor, schedule: NoiseSchedule, x: Tensor, noise: Tensor, timesteps: Tensor
) -> Tensor:
    alphas_cumprod = schedule.on(timesteps.device).alphas_cumprod[timesteps]
    eps = network(add_noise(x, noise, alphas_cumprod), alphas_cumprod.sqrt())
    return (noise - eps).square().flatten(1).mean(dim=1)


def _uniform(n: int, generator: torch.Generator) -> Tensor:
    return torch.rand(n, generator=generator, dtype=torch.float64, device=generator.device)


def _noise_like(x: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)
