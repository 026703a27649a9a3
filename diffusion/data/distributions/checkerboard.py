"""The checkerboard: uniform on every second square, with exact blur."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.special import log_ndtr

from diffusion.data.distributions.base import Derivatives, Distribution, by_chunks

LOG_SQRT_2PI = math.log(2 * math.pi) / 2


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

    def _derivatives(self, x: Tensor, alpha_cumprod: float, variance: float) -> Derivatives:
        i, j = self.dark.to(x.device).T
        (log_x, first_x, second_x), (log_y, first_y, second_y) = (
            self._interval(x[:, axis], alpha_cumprod, variance) for axis in (0, 1)
        )
        log_squares = log_x[:, i] + log_y[:, j] - math.log(len(self.dark))
        weights = torch.softmax(log_squares, dim=1)

        def mean(values: Tensor) -> Tensor:
            return (weights * values).sum(dim=1)

        score = torch.stack([mean(first_x[:, i]), mean(first_y[:, j])], dim=1)
        cross = mean(first_x[:, i] * first_y[:, j])
        second = torch.stack([mean(second_x[:, i]), cross, cross, mean(second_y[:, j])], dim=1)
        hessian = second.reshape(-1, 2, 2) - score[:, :, None] * score[:, None, :]
        return torch.logsumexp(log_squares, dim=1), score, hessian

    def _interval(self, x: Tensor, alpha_cumprod: float, variance: float) -> Derivatives:
        """Log F_i, F_i'/F_i and F_i''/F_i at x (N,) for every interval, each (N, cells)."""
        deviation = math.sqrt(variance)
        numbers = torch.arange(self.cells, dtype=x.dtype, device=x.device)
        middles = math.sqrt(alpha_cumprod) * ((numbers + 0.5) * self.side - self.half_side)
        centre = (middles - x[:, None]) / deviation
        # An interval far narrower than the noise is a point; a width of 2e-5 errs by 1e-11 and
        # keeps the differences below from cancelling.
        half = max(math.sqrt(alpha_cumprod) * self.side / (2 * deviation), 1e-5)
        low, high = centre - half, centre + half
        log_mass = log_normal_mass(low, high)
        at_low, at_high = (
            (-end.square() / 2 - LOG_SQRT_2PI - log_mass).exp() for end in (low, high)
        )
        log_density = log_mass - math.log(2 * half * deviation)
        first = (at_low - at_high) / deviation
        second = (low * at_low - high * at_high) / variance
        return log_density, first, second


def log_normal_mass(low: Tensor, high: Tensor) -> Tensor:
    """Log(Φ(high) - Φ(low)) for low < high, exact far out in both tails.

    On the side where both values of Φ are near 1 their difference would cancel, so both ends are
    mirrored to the other side.
    """
    mirrored = low + high > 0
    low, high = torch.where(mirrored, -high, low), torch.where(mirrored, -low, high)
    upper = log_ndtr(high)
    log_mass: Tensor = upper + torch.log(-torch.expm1(log_ndtr(low) - upper))
    return log_mass
