"""DDPM with and without noise in its last step: the same code but for one line."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from diffusion.process.denoising import posterior_mean
from diffusion.random import randn
from diffusion.sampling.solvers import Denoiser, State


def noisy_last_step(
    denoise: Denoiser, x: Tensor, alphas_cumprod: list[float], generator: torch.Generator
) -> Iterator[State]:
    """WRONG: `quiet_last_step` with noise in all steps, the last one too."""
    for index, alpha_cumprod, following in countdown(alphas_cumprod):
        _, original = denoise(x, alpha_cumprod)
        yield State(index, alpha_cumprod**0.5, x, original)
        x = posterior_mean(original, x, alpha_cumprod, following)
        if index > 0:
            x = x + (1 - alpha_cumprod / following) ** 0.5 * randn(x.shape, generator, like=x)
    yield State(0, 1.0, x, x)


def quiet_last_step(
    denoise: Denoiser, x: Tensor, alphas_cumprod: list[float], generator: torch.Generator
) -> Iterator[State]:
    """DDPM with the variance β_t and no noise in the last step (Ho et al. 2020, algorithm 2)."""
    for index, alpha_cumprod, following in countdown(alphas_cumprod):
        _, original = denoise(x, alpha_cumprod)
        yield State(index, alpha_cumprod**0.5, x, original)
        x = posterior_mean(original, x, alpha_cumprod, following)
        if index > 1:
            x = x + (1 - alpha_cumprod / following) ** 0.5 * randn(x.shape, generator, like=x)
    yield State(0, 1.0, x, x)


def countdown(alphas_cumprod: list[float]) -> Iterator[tuple[int, float, float]]:
    """For each step the number of steps that are left, and ᾱ before and after it."""
    left = range(len(alphas_cumprod) - 1, 0, -1)
    return zip(left, alphas_cumprod, alphas_cumprod[1:], strict=False)
