"""Curves blurred by a Gaussian: their density is an integral along the curve."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from diffusion.data.distributions.base import (
    Derivatives,
    Distribution,
    Gaussians,
    by_chunks,
    moments_of_centres,
)
from diffusion.data.distributions.mixture import mixture_derivatives
from diffusion.process.denoising import Moments

NODES_PER_PANEL = 16
POINTS_OF_LINE = 8193
COARSE, FINER = 64, 8

NEAR = 3.0
"""Points up to this |x| have one table of nodes, those up to 4 times as far another, and so on."""

MOST_TABLES = 5
"""Points beyond |x| = NEAR · 4^5 = 3,072 have the nodes of there: walkers that diverge may be
anywhere, and the nodes would fill the memory. A score is (E[c | x] − x)/v, of which E[c | x] is a
small part: at |x| = 1e5 the relative error is below 1e-9."""

WEIGHTS_AT_ONCE = 2**20
"""Posterior weights of nodes that are computed together, 8 MB of them: a thousand points with the
50,000 nodes of the last table would take 400 MB."""


class BlurredCurve(Distribution):
    """x_0 = c(u) + width · ε with u ~ U(0, 1): a curve, or several, of Gaussians.

    Noised to x = √ᾱ x_0 + s ε' it is still one, so that its density is one integral,

        p(x) = ∫₀¹ N(x; √ᾱ c(u), v I) du,   v = ᾱ width² + s²,

    which composite Gauss-Legendre quadrature gives to machine precision: at the nodes it is a
    mixture of Gaussians. From afar the integrand is narrower, and beyond an open end it falls from
    that end as exp(-d s/v), with d the distance and s along the curve. So the panels are shorter
    for far points, and halve again and again towards an open end.
    """

    def __init__(
        self,
        curve: Callable[[Tensor], Tensor],
        width: float,
        *,
        max_speed: float,
        num_pieces: int = 1,
        closed: bool = False,
    ) -> None:
        """Make it from its curve.

        Args:
            curve: c(u) for u in [0, 1], shape (…,) to (…, 2).
            width: standard deviation of the points around the curve.
            max_speed: the largest |c'(u)|.
            num_pieces: equal parts of [0, 1] between which the curve may jump.
            closed: whether each piece ends where it begins.
        """
        self.curve = curve
        self.width = width
        self.max_speed = max_speed
        self.num_pieces = num_pieces
        self.closed = closed
        self._line = curve(torch.linspace(0, 1, POINTS_OF_LINE, dtype=torch.float64))
        self._mixture = lru_cache(maxsize=64)(self._at_nodes)  # many calls have the same noise
        self.reach = float(self._line.norm(dim=1).max())

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` points, float32 of shape (n, 2), on the generator's device."""
        device = generator.device if generator is not None else torch.device("cpu")
        u = torch.rand(n, generator=generator, device=device)
        return self.curve(u) + self.width * torch.randn(n, 2, generator=generator, device=device)

    def distance(self, x: Tensor) -> Tensor:
        """Distance of each point (…, 2) to the curve; float64 of shape (…,).

        The curve is taken as 8,193 points. Those of the swiss roll, the longest, are at most 1.6e-3
        apart: 8e-4 too far on the line itself, and less than 4e-6 from a distance of 0.09 on. The
        search goes from the nearest of every 64th of them to that of every 8th around it, and so
        on; where two turns of the curve are equally far it may take the other one, and be 0.002
        too far.
        """
        line = self._line.to(x.device)
        line_x, line_y = line.T.contiguous()
        coarse = line[::COARSE]
        half_squares = coarse.square().sum(dim=1) / 2

        def nearest(chunk: Tensor) -> Tensor:
            # |x - c|²/2 but for |x|²/2, which is the same for all c.
            far = torch.addmm(half_squares, chunk, coarse.T, alpha=-1)
            found = COARSE * far.argmin(dim=1, keepdim=True)
            for step in (FINER, 1):
                around = torch.arange(-FINER, FINER + 1, device=x.device) * step
                candidates = (found + around).clamp(0, len(line) - 1)
                squares = (chunk[:, :1] - line_x[candidates]).square()
                squares += (chunk[:, 1:] - line_y[candidates]).square()
                found = candidates.gather(1, squares.argmin(dim=1, keepdim=True))
            distance: Tensor = torch.linalg.vector_norm(chunk - line[found[:, 0]], dim=1)
            return distance

        return by_chunks(nearest, x)

    def moments(self) -> Moments:
        """Mean and covariance of x_0, exact: E[c] and Cov[c] + width² I, by the same quadrature."""
        u, log_weights = quadrature(self.num_pieces, 64, 0)
        return moments_of_centres(self.curve(u), log_weights.exp(), self.width**2)

    def gaussians(self, noise_variance: float) -> Gaussians:
        """The nodes of the quadrature, which are dense enough for this noise and more."""
        return self._mixture(*self._panels(NEAR, 1.0, self._variance(1.0, noise_variance)))

    def _derivatives(
        self, x: Tensor, alpha_cumprod: float, variance: float, order: int
    ) -> Derivatives:
        # Each point has the nodes of its own distance, whatever other points are in the batch.
        octaves = (x.norm(dim=1) / NEAR).log2().nan_to_num(nan=0.0, posinf=0.0)
        classes = (octaves / 2).ceil().clamp(min=0, max=MOST_TABLES)
        present = sorted(set(classes.tolist()))
        if len(present) == 1:
            return self._at_distance(x, NEAR * 4 ** present[0], alpha_cumprod, variance, order)
        members = [torch.nonzero(classes == each)[:, 0] for each in present]
        parts = [
            self._at_distance(x[chosen], NEAR * 4**each, alpha_cumprod, variance, order)
            for each, chosen in zip(present, members, strict=True)
        ]
        back = torch.cat(members).argsort()
        return tuple(torch.cat(part)[back] for part in zip(*parts, strict=True))

    def _at_distance(
        self, x: Tensor, radius: float, alpha_cumprod: float, variance: float, order: int
    ) -> Derivatives:
        """The derivatives at points with |x| ≤ radius."""
        panels = self._panels(radius, alpha_cumprod, variance)
        centres, log_weights = (table.to(x.device) for table in self._mixture(*panels))
        centres = math.sqrt(alpha_cumprod) * centres
        parts = [
            mixture_derivatives(rows, centres, log_weights, variance, order)
            for rows in torch.split(x, max(WEIGHTS_AT_ONCE // len(centres), 1))
        ]
        return tuple(torch.cat(part) for part in zip(*parts, strict=True))

    def _at_nodes(self, panels: int, halvings: int) -> Gaussians:
        """The curve at the nodes of a quadrature, and their log weights."""
        u, log_weights = quadrature(self.num_pieces, panels, halvings)
        return self.curve(u), log_weights

    def _panels(self, radius: float, alpha_cumprod: float, variance: float) -> tuple[int, int]:
        """What `quadrature` needs for points with |x| ≤ radius: panels and halvings."""
        scale, deviation = math.sqrt(alpha_cumprod), math.sqrt(variance)
        distance = radius + scale * self.reach
        # Seen from d outside a turn of radius √ᾱ, the integrand has the width √(v/(1 + d/√ᾱ)). On a
        # panel of seven of these, 16 nodes leave a relative error near 1e-11, and 1e-15 on three.
        narrowed = math.sqrt(alpha_cumprod + scale * distance) * self.max_speed / self.num_pieces
        panels = math.ceil(narrowed / (7 * deviation)) + 1
        # 16 nodes integrate an exponential that falls by e^20 to 1e-15.
        fall = scale * self.max_speed / (self.num_pieces * panels) * distance / variance
        halvings = 0 if self.closed or fall <= 20 else math.ceil(math.log2(fall / 20))
        return panels, halvings


@lru_cache(maxsize=64)
def quadrature(pieces: int, panels: int, halvings: int) -> tuple[Tensor, Tensor]:
    """Nodes in (0, 1) and log weights of a composite Gauss-Legendre rule, float64.

    Args:
        pieces: equal parts of [0, 1].
        panels: equal parts of each piece.
        halvings: how often the first and the last panel of a piece are halved towards its end.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES_PER_PANEL)
    towards_end = 0.5 ** np.arange(halvings, 0, -1)
    inner = np.arange(1, panels)
    edges = np.concatenate([[0], towards_end, inner, panels - towards_end[::-1], [panels]])
    low, length = edges[:-1, None], np.diff(edges)[:, None]
    u = (np.arange(pieces)[:, None] + (low + length * (nodes + 1) / 2).ravel() / panels) / pieces
    log_weights = np.log(np.tile((length * weights / 2).ravel() / (panels * pieces), pieces))
    return torch.from_numpy(u.ravel()), torch.from_numpy(log_weights)
