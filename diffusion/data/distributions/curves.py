"""Curves blurred by a Gaussian: their density is an integral along the curve."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from diffusion.data.distributions.base import Derivatives, Distribution, Gaussians, by_chunks
from diffusion.data.distributions.mixture import mixture_derivatives
from diffusion.process.denoising import Moments

NODES_PER_PANEL = 16
POINTS_OF_LINE = 8193
COARSE = 64


class BlurredCurve(Distribution):
    """x_0 = c(u) + width · ε with u ~ U(0, 1): a curve, or several, of Gaussians.

    Noised to x = √ᾱ x_0 + s ε' it is still one, so that its density is one integral,

        p(x) = ∫₀¹ N(x; √ᾱ c(u), v I) du,   v = ᾱ width² + s²,

    which composite Gauss-Legendre quadrature gives to machine precision: at the nodes it is a
    mixture of Gaussians.
    """

    def __init__(
        self,
        curve: Callable[[Tensor], Tensor],
        width: float,
        *,
        max_speed: float,
        num_pieces: int = 1,
    ) -> None:
        """Make it from its curve.

        Args:
            curve: c(u) for u in [0, 1], shape (…,) to (…, 2).
            width: standard deviation of the points around the curve.
            max_speed: the largest |c'(u)|.
            num_pieces: equal parts of [0, 1] between which the curve may jump.
        """
        self.curve = curve
        self.width = width
        self.max_speed = max_speed
        self.num_pieces = num_pieces

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` points, float32 of shape (n, 2), on the generator's device."""
        device = generator.device if generator is not None else torch.device("cpu")
        u = torch.rand(n, generator=generator, device=device)
        return self.curve(u) + self.width * torch.randn(n, 2, generator=generator, device=device)

    def distance(self, x: Tensor) -> Tensor:
        """Distance of each point (…, 2) to the curve; float64 of shape (…,).

        The curve is taken as 8,193 points. Those of the swiss roll, the longest, are at most 1.6e-3
        apart: 8e-4 too far on the line itself, and less than 4e-6 from a distance of 0.09 on. They
        are searched around the nearest of every 64th of them, which is 20 times faster; where two
        turns of the curve are equally far it may take the other one, and be 0.002 too far.
        """
        u = torch.linspace(0, 1, POINTS_OF_LINE, dtype=torch.float64, device=x.device)
        line = self.curve(u)
        around = torch.arange(-COARSE, COARSE + 1, device=x.device)

        def nearest(chunk: Tensor) -> Tensor:
            middle = COARSE * torch.cdist(chunk, line[::COARSE]).argmin(dim=1)
            candidates = line[(middle[:, None] + around).clamp(0, len(line) - 1)]
            distances: Tensor = torch.linalg.vector_norm(chunk[:, None] - candidates, dim=2)
            return distances.min(dim=1).values

        return by_chunks(nearest, x)

    def moments(self) -> Moments:
        """Mean and covariance of x_0, exact: E[c] and Cov[c] + width² I, by the same quadrature."""
        u, log_weights = quadrature(64 * self.num_pieces)
        weights, points = log_weights.exp(), self.curve(u)
        mean = weights @ points
        spread = points - mean
        across = self.width**2 * torch.eye(2, dtype=torch.float64)
        return Moments(mean, (weights[:, None] * spread).T @ spread + across)

    def gaussians(self, noise_variance: float) -> Gaussians:
        """The nodes of the quadrature, which are dense enough for this noise and more."""
        u, log_weights = self._nodes(1.0, self._variance(1.0, noise_variance))
        return self.curve(u), log_weights

    def _derivatives(self, x: Tensor, alpha_cumprod: float, variance: float) -> Derivatives:
        u, log_weights = (table.to(x.device) for table in self._nodes(alpha_cumprod, variance))
        centres = math.sqrt(alpha_cumprod) * self.curve(u)
        return mixture_derivatives(x, centres, log_weights, variance)

    def _nodes(self, alpha_cumprod: float, variance: float) -> tuple[Tensor, Tensor]:
        # On a panel of three widths of the Gaussian, 16 nodes leave a relative error near 1e-13.
        length = math.sqrt(alpha_cumprod) * self.max_speed / self.num_pieces
        panels = self.num_pieces * (math.ceil(length / (3 * math.sqrt(variance))) + 1)
        return quadrature(panels)


@lru_cache(maxsize=64)
def quadrature(panels: int) -> tuple[Tensor, Tensor]:
    """Nodes in (0, 1) and log weights of the composite Gauss-Legendre rule, float64."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES_PER_PANEL)
    u = (np.arange(panels)[:, None] + (nodes + 1) / 2) / panels
    log_weights = np.log(np.tile(weights / (2 * panels), panels))
    return torch.from_numpy(u.ravel()), torch.from_numpy(log_weights)
