"""Noise schedules that have a name: β by its shape, and σ by Karras et al."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

BetaSchedule = Literal["linear", "scaled_linear", "sigmoid", "squaredcos_cap_v2"]


def karras_sigmas(steps: int, sigma_min: float, sigma_max: float, rho: float = 7.0) -> Tensor:
    """Rising σ whose ρ-th roots are evenly spaced: dense where the noise is small.

    σ_i = (σ_min^{1/ρ} + i/(N-1) (σ_max^{1/ρ} - σ_min^{1/ρ}))^ρ, i = 0 … N-1; Karras et al. 2022,
    eq. 5, which counts down.

    Args:
        steps: N ≥ 2.
        sigma_min: the smallest σ, > 0.
        sigma_max: the largest.
        rho: ρ, not 0; the paper's 7.

    Returns:
        float64 of shape (N,).

    Raises:
        ValueError: if N is not an integer ≥ 2, not 0 < sigma_min < sigma_max, or ρ = 0.
    """
    if steps < 2 or steps % 1:
        raise ValueError(f"steps must be an integer >= 2, got {steps}")
    if rho == 0:
        raise ValueError("rho must not be 0")
    if not 0 < sigma_min < sigma_max < math.inf:
        raise ValueError(f"need 0 < sigma_min < sigma_max, got {sigma_min} and {sigma_max}")
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    return torch.linspace(low, high, int(steps), dtype=torch.float64) ** rho


def betas_by_name(name: BetaSchedule, steps: int, start: float, end: float) -> Tensor:
    """β_1 … β_T of the shape that `NoiseSchedule.from_name` describes; float64 (T,)."""
    if name == "linear":
        return torch.linspace(start, end, steps, dtype=torch.float64)
    if name == "scaled_linear":
        return torch.linspace(start**0.5, end**0.5, steps, dtype=torch.float64) ** 2
    if name == "sigmoid":
        return torch.linspace(-6, 6, steps, dtype=torch.float64).sigmoid() * (end - start) + start
    times = torch.arange(steps + 1, dtype=torch.float64) / steps
    alphas_cumprod = torch.cos((times + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - alphas_cumprod[1:] / alphas_cumprod[:-1]).clamp(max=0.999)
