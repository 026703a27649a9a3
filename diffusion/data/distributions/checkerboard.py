"""The checkerboard: uniform on every second square, with exact blur."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from diffusion.data.distributions.base import (
    Derivatives,
    Distribution,
    by_chunks,
    moments_of_centres,
)
from diffusion.process.denoising import Moments

LOG_SQRT_2PI = math.log(2 * math.pi) / 2

NODES = 48
FALL = 40.0
"""Where a normal density has fallen by e^-40, nothing of it is left in float64."""


class Checkerboard(Distribution):
    """Uniform on the dark squares of a board over [-half_side, half_side]², with blurred edges.

    Under Gaussian noise each square is a product of differences of normal distribution functions,

        p(x, y) = 1/K Σ_(i+j even) F_i(x) F_j(y),   F_i(x) = (Φ(b_i) - Φ(a_i)) / (√ᾱ h),

    with a_i and b_i the ends of the interval i of length h, as √ᾱ · end - x in units of √v.
    """

    def __init__(self, half_side: float, cells: int, width: float) -> None:
        """Make a board of cells × cells squares whose points have the blur `width`."""
        self.half_side = half_side
        self.cells = cells
        self.width = width
        self.dark = torch.tensor([(i, j) for i in range(cells) for j in range(i % 2, cells, 2)])

    @property
    def side(self) -> float:
        """The side h of one square."""
        return 2 * self.half_side / self.cells

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` points, float32 of shape (n, 2), on the generator's device."""
        device = generator.device if generator is not None else torch.device("cpu")
        which = torch.randint(len(self.dark), (n,), generator=generator, device=device)
        inside = torch.rand(n, 2, generator=generator, device=device)
        corners = self.dark.to(device)[which]
        blur = self.width * torch.randn(n, 2, generator=generator, device=device)
        return (corners + inside) * self.side - self.half_side + blur

    def distance(self, x: Tensor) -> Tensor:
        """Distance of each point (…, 2) to the nearest dark square; float64 of shape (…,)."""
        middles = ((self.dark + 0.5) * self.side - self.half_side).to(x.device)

        def to_squares(chunk: Tensor) -> Tensor:
            beyond = ((chunk[:, None] - middles).abs() - self.side / 2).clamp(min=0)
            nearest: Tensor = beyond.norm(dim=-1).min(dim=-1).values
            return nearest

        return by_chunks(to_squares, x)

    def moments(self) -> Moments:
        """Mean and covariance of x_0: those of the squares' middles, and h²/12 inside each."""
        middles = (self.dark.double() + 0.5) * self.side - self.half_side
        equal = middles.new_full((len(middles),), 1 / len(middles))
        return moments_of_centres(middles, equal, self.side**2 / 12 + self.width**2)

    def _derivatives(
        self, x: Tensor, alpha_cumprod: float, variance: float, order: int
    ) -> Derivatives:
        i, j = self.dark.to(x.device).T
        (log_x, first_x, second_x), (log_y, first_y, second_y) = (
            self._interval(x[:, axis], alpha_cumprod, variance) for axis in (0, 1)
        )
        log_squares = log_x[:, i] + log_y[:, j] - math.log(len(self.dark))
        log_prob = torch.logsumexp(log_squares, dim=1)
        if order == 0:
            return (log_prob,)
        weights = torch.softmax(log_squares, dim=1)

        def mean(values: Tensor) -> Tensor:
            return (weights * values).sum(dim=1)

        score = torch.stack([mean(first_x[:, i]), mean(first_y[:, j])], dim=1)
        if order == 1:
            return log_prob, score
        # Of what the squares' scores differ by, for their squares cancel far from the board.
        off_x, off_y = first_x[:, i] - score[:, :1], first_y[:, j] - score[:, 1:]
        along_x = mean(second_x[:, i] + off_x.square())
        along_y = mean(second_y[:, j] + off_y.square())
        cross = mean(off_x * off_y)
        hessian = torch.stack([along_x, cross, cross, along_y], dim=1).reshape(-1, 2, 2)
        return log_prob, score, hessian

    def _interval(self, x: Tensor, alpha_cumprod: float, variance: float) -> Derivatives:
        """Log F_i and its two derivatives at x (N,) for every interval, each (N, cells)."""
        deviation = math.sqrt(variance)
        numbers = torch.arange(self.cells, dtype=x.dtype, device=x.device)
        middles = math.sqrt(alpha_cumprod) * ((numbers + 0.5) * self.side - self.half_side)
        # Without any signal the interval is a point: at this width it is one.
        half = max(math.sqrt(alpha_cumprod) * self.side / (2 * deviation), 1e-12)
        log_mean_density, mean, variance_inside = normal_in_interval(
            (middles - x[:, None]) / deviation, half
        )
        log_density = log_mean_density - math.log(deviation)
        return log_density, mean / deviation, (variance_inside - 1) / variance


def normal_in_interval(centre: Tensor, half: float) -> Derivatives:
    """A standard normal z inside an interval: its log mean density there, E[z] and Var[z].

    By Gauss-Legendre quadrature around the point of the interval that is nearest to 0, as far as
    the density reaches. Far out the difference of two values of Φ, and that of the moments from
    their limits, would cancel; this integral and its central moments do not.

    Args:
        centre: the middles of the intervals, of any shape.
        half: half of their length, > 0.

    Returns:
        log 1/(2 half) ∫ φ(z) dz, E[z] and Var[z] over the interval, each like `centre`.
    """
    nearest = centre - centre.clamp(-half, half)
    inside = nearest == 0
    falls = 2 * FALL / (nearest.abs() + (nearest.square() + 2 * FALL).sqrt())
    below = torch.where(inside, centre - half, -2 * half * (nearest < 0).to(centre))
    above = torch.where(inside, centre + half, 2 * half * (nearest > 0).to(centre))
    below, above = torch.maximum(below, -falls), torch.minimum(above, falls)
    length = above - below
    nodes, weights = _rule(centre)
    # With z = nearest + below + t length, the exponent and the moments are polynomials in t.
    exponent = torch.stack(
        [
            below * (nearest + below / 2),
            length * (nearest + below),
            length.square() / 2,
        ],
        dim=-1,
    )
    powers = torch.stack([torch.ones_like(nodes), nodes, nodes.square()])
    total, first, second = ((-exponent @ powers).exp() @ (weights * powers).T).unbind(dim=-1)
    mean, square = first / total, second / total
    log_mean_density = (total * length / (2 * half)).log() - nearest.square() / 2 - LOG_SQRT_2PI
    variance = length.square() * (square - mean.square())
    return log_mean_density, nearest + below + length * mean, variance


def _rule(like: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes and weights of the Gauss-Legendre rule on [0, 1]."""
    nodes, weights = (
        torch.from_numpy(table).to(like) for table in np.polynomial.legendre.leggauss(NODES)
    )
    return (1 + nodes) / 2, weights / 2
