"""How far a set of generated points is from fresh real ones.

Each distance is reported as a ratio to the same distance between two real sets of the same size: 1
is perfect, and below about 1.2 a set of 10,000 points cannot be distinguished from a real one.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor

from diffusion.data import swiss_roll
from diffusion.data.distributions import SWISS_ROLL, Distribution

Distance = Callable[[Tensor, Tensor], float]

RBF_BANDWIDTH = 0.1
KERNEL_BOX = 8.0
KERNEL_MODES = 108
NUM_PROJECTIONS = 256
DISTANCES_AT_ONCE = 2**17  # half a megabyte, which stays in the cache


def energy_distance(a: Tensor, b: Tensor) -> float:
    """2 E|a - b| - E|a - a'| - E|b - b'| (Székely & Rizzo 2013), for sets (N, D) and (M, D)."""
    return energy_distances([a], b)[0]


def squared_mmd(a: Tensor, b: Tensor) -> float:
    """Squared maximum mean discrepancy with k(x, y) = exp(-|x - y|² / 2h²), h = 0.1.

    The biased estimate (Gretton et al. 2012, eq. 5), which is never negative, for sets (N, 2) and
    (M, 2). It is the distance of their `kernel_mean`s, which costs O(N + M) instead of all pairs.
    """
    return squared_distance(kernel_mean(a), kernel_mean(b))


def kernel_mean(x: Tensor) -> Tensor:
    """What a set (N, 2) is to the kernel of `squared_mmd`: its Fourier coefficients, weighted.

    In a box of side L, k(d) = Π_j Σ_m w_m cos(ω_m d_j) with ω_m = 2πm/L and w_m = √(2π) h/L
    exp(-h²ω_m²/2) (Poisson's formula; m ≤ 108 leaves 1e-16), so that MMD² = Σ w_m w_n |Δμ_mn|² with
    μ_mn = E exp(i(ω_m x_1 + ω_n x_2)). Points outside [-3.5, 3.5]² count as on its border.

    Returns:
        √(w_m w_n) μ_mn, complex of shape (m = 0 … 108, n = -108 … 108); m > 0 stands for -m too.
    """
    modes = torch.arange(KERNEL_MODES + 1, dtype=torch.float64, device=x.device)
    omega = 2 * math.pi * modes / KERNEL_BOX
    root = (math.sqrt(2 * math.pi) * RBF_BANDWIDTH / KERNEL_BOX) ** 0.5
    weights = root * torch.exp(-((RBF_BANDWIDTH * omega) ** 2) / 4)
    inside = x.double().clamp(0.5 - KERNEL_BOX / 2, KERNEL_BOX / 2 - 0.5)
    first, second = (
        torch.polar(weights.expand(len(x), -1), inside[:, d, None] * omega).to(torch.complex64)
        for d in (0, 1)
    )
    both_signs = torch.cat([second[:, 1:].conj().flip(1), second], dim=1)
    twice = torch.where(modes > 0, 2**0.5, 1.0)[:, None]
    return twice * (first.T @ both_signs / len(x)).to(torch.complex128)


def squared_distance(a: Tensor, b: Tensor) -> float:
    """‖a - b‖² of two `kernel_mean`s: the squared MMD of their sets."""
    return float((a - b).abs().square().sum())


def sliced_wasserstein(a: Tensor, b: Tensor) -> float:
    """Sliced Wasserstein-2 distance of two sets (N, D) of the same size (Bonneel et al. 2015).

    The root of the mean over 256 fixed directions θ of W₂² between the projections a·θ and b·θ.

    Raises:
        ValueError: if the sets differ in shape.
    """
    if a.shape != b.shape:
        raise ValueError(f"the sets must have one shape, got {tuple(a.shape)}, {tuple(b.shape)}")
    return root_mean_square(sorted_projections(a), sorted_projections(b))


def sorted_projections(x: Tensor) -> Tensor:
    """What a set (N, D) is to `sliced_wasserstein`: its projections x·θ, each sorted, (N, 256)."""
    generator = torch.Generator().manual_seed(0)  # the same directions for every pair of sets
    directions = torch.randn(x.shape[1], NUM_PROJECTIONS, generator=generator).to(x)
    projections: Tensor = x @ (directions / directions.norm(dim=0))
    if projections.is_cuda:
        return projections.sort(dim=0).values
    # On a CPU NumPy sorts them seven times as fast as PyTorch does.
    return torch.from_numpy(np.sort(projections.detach().T.numpy())).T


def root_mean_square(a: Tensor, b: Tensor) -> float:
    """The root mean square of a - b.

    For two `sorted_projections` it is the sliced Wasserstein-2 distance of their sets.
    """
    return float((a - b).square().mean().sqrt())


def ratio_to_real(distance: Distance, generated: list[Tensor], real: list[Tensor]) -> float:
    """Mean distance of generated to real sets, over the mean distance among the real ones."""
    to_real = statistics.mean(distance(a, b) for a in generated for b in real)
    among_real = zip(real, real[1:] + real[:1], strict=True)
    return to_real / statistics.mean(distance(a, b) for a, b in among_real)


class SlicedWassersteinRatio:
    """The SW2 ratio of one set at a time, with the real sets sorted and compared once.

    It is `ratio_to_real` of `sliced_wasserstein`.

    Args:
        real: two sets or more (N, D).
    """

    def __init__(self, real: list[Tensor]) -> None:
        self._real = [sorted_projections(x) for x in real]
        neighbours = zip(self._real, self._real[1:] + self._real[:1], strict=True)
        self._among_real = statistics.mean(root_mean_square(a, b) for a, b in neighbours)

    def __call__(self, generated: Tensor) -> float:
        """The ratio of a set as large as a real one, (N, D); 1 is that of real points."""
        ours = sorted_projections(generated)
        to_real = statistics.mean(root_mean_square(ours, each) for each in self._real)
        return to_real / self._among_real


OFF_DISTANCE = 3 * swiss_roll.WIDTH
"""Farther from the centre line than this, a point is off the curve."""


def fraction_off_curve(x: Tensor, width: float = swiss_roll.WIDTH) -> float:
    """Fraction of points (N, 2) more than three widths from the roll's centre line.

    Real points: 0.27 %, since the distance across the curve is normal; points with noise σ have the
    width √(0.03² + σ²).
    """
    return fraction_off(x, SWISS_ROLL, width)


def fraction_off(x: Tensor, distribution: Distribution, width: float) -> float:
    """Fraction of points (N, 2) more than three widths from a distribution's shape.

    What is not finite is off. Real points: 0.27 % for curves, 1.1 % for single centres.
    """
    near = distribution.distance(x) <= 3 * width
    return float((~near).double().mean())


def energy_distances(sets: Iterable[Tensor], real: Tensor) -> list[float]:
    """The energy distance of each set (N, D) to the same real points (M, D).

    Infinite for a set that holds points which are not finite.
    """
    among_real = _mean_distance(real, real)

    def distance(x: Tensor) -> float:
        if not bool(torch.isfinite(x).all()):
            return float("inf")
        return 2 * _mean_distance(x, real) - _mean_distance(x, x) - among_real

    return [distance(x) for x in sets]


def relative_error(estimate: Tensor, exact: Tensor) -> float:
    """√(E‖estimate - exact‖² / E‖exact‖²): 0 is exact, 1 is no better than all zeros."""
    return float(((estimate - exact).square().sum() / exact.square().sum()).sqrt())


def relative_sizes(estimate: Tensor, exact: Tensor) -> Tensor:
    """‖estimate - exact‖ / ‖exact‖ of each vector (…, D), shape (…,)."""
    sizes: Tensor = (estimate - exact).norm(dim=-1) / exact.norm(dim=-1)
    return sizes


def angles_between(a: Tensor, b: Tensor) -> Tensor:
    """The angle between each two vectors (…, 2) in the plane, in degrees from 0 to 180, (…,)."""
    cross = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return torch.atan2(cross.abs(), (a * b).sum(dim=-1)).rad2deg()


def _mean_distance(a: Tensor, b: Tensor) -> float:
    total = 0.0
    columns = b.float().T.contiguous()
    for rows in torch.split(a.float(), max(DISTANCES_AT_ONCE // len(b), 1)):
        # A coordinate at a time, which PyTorch's loops do several times as fast as its `cdist`.
        squares = (
            (ours[:, None] - theirs).square_() for ours, theirs in zip(rows.T, columns, strict=True)
        )
        distances = functools.reduce(Tensor.add_, squares).sqrt_()
        total += float(distances.sum(dtype=torch.float64))
    return total / (len(a) * len(b))
