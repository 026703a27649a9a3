"""How far a set of generated points is from fresh real ones.

Each distance is reported as a ratio to the same distance between two real sets of the same size: 1
is perfect, and below about 1.2 a set of 10,000 points cannot be told from a real one.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import torch
from torch import Tensor

from diffusion import swiss_roll

Distance = Callable[[Tensor, Tensor], float]

RBF_BANDWIDTH = 0.1
NUM_PROJECTIONS = 256


def energy_distance(a: Tensor, b: Tensor) -> float:
    """2 E|a - b| - E|a - a'| - E|b - b'| (Székely & Rizzo 2013), for sets (N, D) and (M, D)."""
    return 2 * _mean_distance(a, b) - _mean_distance(a, a) - _mean_distance(b, b)


def squared_mmd(a: Tensor, b: Tensor) -> float:
    """Squared maximum mean discrepancy with k(x, y) = exp(-|x - y|² / 2h²), h = 0.1.

    The biased estimate (Gretton et al. 2012, eq. 5), which is never negative.
    """
    return mean_kernel(a, a) + mean_kernel(b, b) - 2 * mean_kernel(a, b)


def mean_kernel(a: Tensor, b: Tensor) -> float:
    """E k(a, b) over all pairs of two sets, with the kernel of `squared_mmd`."""

    def kernel(distances: Tensor) -> Tensor:
        exponent = -distances.square() / (2 * RBF_BANDWIDTH**2)
        return exponent.clamp(min=-80).exp()  # smaller numbers are denormal, and slow

    return _mean_over_pairs(a, b, kernel)


def sliced_wasserstein(a: Tensor, b: Tensor) -> float:
    """Sliced Wasserstein-2 distance of two sets (N, D) of the same size (Bonneel et al. 2015).

    The root of the mean over 256 fixed directions θ of W₂² between the projections a·θ and b·θ.

    Raises:
        ValueError: if the sets differ in shape.
    """
    if a.shape != b.shape:
        raise ValueError(f"the sets must have one shape, got {tuple(a.shape)}, {tuple(b.shape)}")
    generator = torch.Generator().manual_seed(0)  # the same directions for every pair of sets
    directions = torch.randn(a.shape[1], NUM_PROJECTIONS, generator=generator).to(a)
    directions = directions / directions.norm(dim=0)
    difference = (a @ directions).sort(dim=0).values - (b @ directions).sort(dim=0).values
    return float(difference.square().mean().sqrt())


def ratio_to_real(distance: Distance, generated: list[Tensor], real: list[Tensor]) -> float:
    """Mean distance of generated to real sets, over the mean distance among the real ones."""
    to_real = statistics.mean(distance(a, b) for a in generated for b in real)
    among_real = zip(real, real[1:] + real[:1], strict=True)
    return to_real / statistics.mean(distance(a, b) for a, b in among_real)


OFF_DISTANCE = 3 * swiss_roll.WIDTH
"""Farther from the centre line than this, a point is off the curve."""


def share_off_curve(x: Tensor, width: float = swiss_roll.WIDTH) -> float:
    """Share of points (N, 2) more than three widths from the roll's centre line.

    Real points: 0.27 %, since the distance across the curve is normal; points with noise σ have the
    width √(0.03² + σ²).
    """
    off = swiss_roll.distance_to_curve(x) > 3 * width
    return float(off.double().mean())


def relative_error(estimate: Tensor, exact: Tensor) -> float:
    """√(E‖estimate - exact‖² / E‖exact‖²): 0 is exact, 1 is no better than all zeros."""
    return float(((estimate - exact).square().sum() / exact.square().sum()).sqrt())


def _mean_distance(a: Tensor, b: Tensor) -> float:
    return _mean_over_pairs(a, b, lambda distances: distances)


def _mean_over_pairs(a: Tensor, b: Tensor, function: Callable[[Tensor], Tensor]) -> float:
    total = 0.0
    for chunk in torch.split(a.float(), 200):  # 8 MB of distances at a time stay in the cache
        distances = torch.cdist(chunk, b.float(), compute_mode="donot_use_mm_for_euclid_dist")
        total += float(function(distances).sum(dtype=torch.float64))
    return total / (len(a) * len(b))
