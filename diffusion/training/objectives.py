"""What the noise predictors are trained on.

An objective is a function (network, generator) → loss. It draws its own batch and noise from the
generator, on the generator's device, so that training is the same loop for every recipe.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor

from diffusion.process.denoising import NoisePredictor, add_noise
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.score import score_of
from diffusion.process.variational import ReverseNetwork, bound_terms
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


def score_objective(
    draw: Draw, batch_size: int, sigma_min: float, sigma_max: float
) -> Callable[[NoisePredictor, torch.Generator], Tensor]:
    """Denoising score matching over a range of noise levels, ln σ ~ U(ln σ_min, ln σ_max)."""

    def objective(network: NoisePredictor, generator: torch.Generator) -> Tensor:
        x = draw(batch_size, generator)
        span = math.log(sigma_max / sigma_min)
        sigma = sigma_min * torch.exp(span * _uniform(batch_size, generator))
        noise = _noise_like(x, generator)
        return denoising_score_matching(score_of(network, sigma), x, noise, sigma)

    return objective


def one_level_objective(
    draw: Draw, batch_size: int, sigma: float, method: ScoreMatching
) -> Callable[[NoisePredictor, torch.Generator], Tensor]:
    """Score matching at one noise level σ, by any of the three losses, each times σ².

    All three are ½σ² E‖F(x̃) - ∇ log p_σ(x̃)‖² over noisy data x̃ = x + σε, up to the constant that
    `least_loss` gives: they differ in variance and cost, not in their minimum (Vincent 2011).

    Raises:
        ValueError: for an unknown method, or σ that is not > 0.
    """
    _check_method(method)
    if not 0 < sigma < math.inf:
        raise ValueError(f"sigma must be finite and > 0, got {sigma}")

    def objective(network: NoisePredictor, generator: torch.Generator) -> Tensor:
        score = score_of(network, sigma)
        x = draw(batch_size, generator)
        noise = _noise_like(x, generator)
        if method == "denoising":
            return denoising_score_matching(score, x, noise, x.new_full((batch_size,), sigma))
        noisy = x + sigma * noise
        if method == "explicit":
            return sigma**2 * explicit_score_matching(score, noisy)
        return sigma**2 * sliced_score_matching(score, noisy, _noise_like(x, generator))

    return objective


def least_loss(exact: Tensor, sigma: float, method: ScoreMatching) -> float:
    """The loss of the exact score in `one_level_objective`, from its values (N, D) on noisy data.

    E tr ∇s = -E‖s‖² by parts, so it is -½σ² E‖s‖²; denoising adds ½ E‖ε‖² = D/2.
    """
    _check_method(method)
    least = -0.5 * sigma**2 * float(exact.square().sum(dim=1).mean())
    return least + exact.shape[1] / 2 if method == "denoising" else least


def simple_objective(
    draw: Draw, batch_size: int, schedule: NoiseSchedule, antithetic: bool = False
) -> Callable[[NoisePredictor, torch.Generator], Tensor]:
    """L_simple = E‖ε - ε_θ(x_t, t)‖² per coordinate, t uniform (Ho et al. 2020, eq. 14)."""

    def objective(network: NoisePredictor, generator: torch.Generator) -> Tensor:
        x = draw(batch_size, generator)
        timesteps = random_timesteps(batch_size, len(schedule), generator, antithetic)
        squares = _squared_error(network, x, _pick(schedule.alphas_cumprod, timesteps), generator)
        return squares.mean()

    return objective


def weighted_objective(
    draw: Draw, batch_size: int, schedule: NoiseSchedule, antithetic: bool = False
) -> Callable[[NoisePredictor, torch.Generator], Tensor]:
    """The bound's own weights on the same error: β²/(2σ²α(1-ᾱ)), σ² = β (Ho et al. 2020, eq. 12).

    In nats per coordinate of one step, up to a constant; at the first step it stands in for the
    decoder's term, which is no such difference.
    """
    weights = schedule.betas / (2 * schedule.alphas * (1 - schedule.alphas_cumprod))

    def objective(network: NoisePredictor, generator: torch.Generator) -> Tensor:
        x = draw(batch_size, generator)
        timesteps = random_timesteps(batch_size, len(schedule), generator, antithetic)
        squares = _squared_error(network, x, _pick(schedule.alphas_cumprod, timesteps), generator)
        return (_pick(weights, timesteps).to(squares) * squares).mean()

    return objective


def wavegrad_objective(
    draw: DrawSounds,
    batch_size: int,
    schedule: NoiseSchedule,
    uniform_fraction: float = 0.0,
) -> Callable[[NoisePredictor, torch.Generator], Tensor]:
    """E|ε - ε_θ(√ᾱ x_0 + √(1-ᾱ) ε, √ᾱ)|, the L1 loss of WaveGrad (Chen et al. 2020, section 3).

    The paper's draw, `hierarchical_noise_levels`, rarely visits small noise, which is what
    one hears in the silence between partials; so a fraction of the batch draws ln σ uniformly.
    """
    low, high = (math.log(sigma) for sigma in UNIFORM_SIGMAS)
    count = round(uniform_fraction * batch_size)

    def objective(network: NoisePredictor, generator: torch.Generator) -> Tensor:
        x, condition = draw(batch_size, generator)
        sigma = torch.exp(low + (high - low) * _uniform(count, generator))
        published = hierarchical_noise_levels(batch_size - count, schedule, generator)
        levels = torch.cat([(1 + sigma**2).rsqrt(), published])
        noise = _noise_like(x, generator)
        eps = network(add_noise(x, noise, levels**2), levels, condition)
        return (noise - eps).abs().mean()

    return objective


def variational_objective(
    draw: Draw, batch_size: int, schedule: NoiseSchedule, antithetic: bool = False
) -> Callable[[ReverseNetwork, torch.Generator], Tensor]:
    """The mean of the variational bound's terms, in nats per coordinate (Ho et al. 2020, eq. 5)."""

    def objective(network: ReverseNetwork, generator: torch.Generator) -> Tensor:
        x = draw(batch_size, generator)
        timesteps = random_timesteps(batch_size, len(schedule), generator, antithetic)
        return bound_terms(network, x, timesteps, schedule, _noise_like(x, generator)).mean()

    return objective


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
    ends = torch.cat([torch.ones(1, dtype=torch.float64), schedule.noise_levels])
    ends = ends.to(generator.device)
    segment = torch.randint(1, len(ends), (n,), generator=generator, device=generator.device)
    return ends[segment] + (ends[segment - 1] - ends[segment]) * _uniform(n, generator)


def _check_method(method: str) -> None:
    if method not in get_args(ScoreMatching):
        raise ValueError(f"method must be one of {get_args(ScoreMatching)}, got {method!r}")


def _squared_error(
    network: NoisePredictor, x: Tensor, alphas_cumprod: Tensor, generator: torch.Generator
) -> Tensor:
    noise = _noise_like(x, generator)
    eps = network(add_noise(x, noise, alphas_cumprod), alphas_cumprod.sqrt())
    return (noise - eps).square().flatten(1).mean(dim=1)


def _pick(table: Tensor, timesteps: Tensor) -> Tensor:
    return table.to(timesteps.device)[timesteps]


def _uniform(n: int, generator: torch.Generator) -> Tensor:
    return torch.rand(n, generator=generator, dtype=torch.float64, device=generator.device)


def _noise_like(x: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)
