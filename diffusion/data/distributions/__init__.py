"""Distributions in the plane with exact densities and scores under any Gaussian noise."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from diffusion.data.distributions.base import Distribution, Oracle
from diffusion.data.distributions.checkerboard import Checkerboard
from diffusion.data.distributions.curves import BlurredCurve
from diffusion.data.distributions.mixture import GaussianMixture
from diffusion.data.distributions.strokes import drawing, fit

__all__ = [
    "DISTRIBUTIONS",
    "SWISS_ROLL",
    "BlurredCurve",
    "Checkerboard",
    "Distribution",
    "GaussianMixture",
    "Oracle",
    "drawing",
    "fit",
]


def _roll(u: Tensor) -> Tensor:
    """c(u) = (t cos t, t sin t) / 10 with t = 3π/2 (1 + 2u)."""
    t = 1.5 * math.pi * (1 + 2 * u)
    return torch.stack([t * t.cos(), t * t.sin()], dim=-1) / 10


def _moons(u: Tensor) -> Tensor:
    """Two half circles, those of scikit-learn's `make_moons`, about the origin."""
    second = u >= 0.5
    angle = 2 * math.pi * u - math.pi * second
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], dim=-1)
    return torch.where(second[..., None], -upper, upper)


def _rings(u: Tensor) -> Tensor:
    """Three circles of radius 0.5, 0.95 and 1.4, each with a third of the points."""
    ring = (3 * u).floor().clamp(max=2)
    angle = 6 * math.pi * u
    return (0.5 + 0.45 * ring)[..., None] * torch.stack([angle.cos(), angle.sin()], dim=-1)


def _eight() -> Tensor:
    angle = torch.arange(8, dtype=torch.float64) * math.pi / 4
    return 1.25 * torch.stack([angle.cos(), angle.sin()], dim=-1)


SWISS_ROLL = BlurredCurve(_roll, 0.03, max_speed=0.3 * math.pi * math.hypot(1, 4.5 * math.pi))

DISTRIBUTIONS: dict[str, Distribution] = {
    "swiss roll": SWISS_ROLL,
    "two moons": BlurredCurve(_moons, 0.06, max_speed=2 * math.pi, num_pieces=2),
    "rings": BlurredCurve(_rings, 0.04, max_speed=1.4 * 6 * math.pi, num_pieces=3, closed=True),
    "eight Gaussians": GaussianMixture(_eight(), 0.12),
    "checkerboard": Checkerboard(half_side=1.5, cells=4, width=0.02),
}
"""The distributions that can be chosen by name."""
