"""The swiss roll in the plane, with its exact density and score at any noise level.

The law is scikit-learn's `make_swiss_roll(noise=0.3)[:, [0, 2]] / 10`, the tutorial's data set:

    x_0 = c(u) + 0.03 ε,   c(u) = (t cos t, t sin t) / 10,   t = 3π/2 (1 + 2u),   u ~ U(0, 1).

Noised to x = √ᾱ x_0 + s ε', it is still a curve of Gaussians, so that its density is one integral,

    p(x) = ∫₀¹ N(x; √ᾱ c(u), v I) du,   v = 0.03² ᾱ + s²,

which composite Gauss-Legendre quadrature gives to machine precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from diffusion.denoising import Moments

WIDTH = 0.03
"""Standard deviation of the points around the curve."""

MAX_SPEED = 0.3 * math.pi * math.hypot(1, 4.5 * math.pi)
"""The largest |c'(u)|: how fast the curve moves with u at its outer end."""

NODES_PER_PANEL = 16
POINTS_PER_CHUNK = 512  # of (512, ~2400) float64 integrands: 10 MB, so that they stay in the cache


def curve(u: Tensor) -> Tensor:
    """The centre line c(u) for u in [0, 1], shape (…,) to (…, 2)."""
    t = 1.5 * math.pi * (1 + 2 * u)
    return torch.stack([t * t.cos(), t * t.sin()], dim=-1) / 10


def sample(n: int, generator: torch.Generator | None = None) -> Tensor:
    """Draw `n` points of the swiss roll, float32 of shape (n, 2), on the generator's device."""
    device = generator.device if generator is not None else torch.device("cpu")
    u = torch.rand(n, generator=generator, device=device)
    return curve(u) + WIDTH * torch.randn(n, 2, generator=generator, device=device)


def moments() -> Moments:
    """Mean and covariance of x_0, exact: E[c] and Cov[c] + 0.03² I, by the same quadrature."""
    u, log_weights = _quadrature(64)
    weights, points = log_weights.exp(), curve(u)
    mean = weights @ points
    spread = points - mean
    across = WIDTH**2 * torch.eye(2, dtype=torch.float64)
    return Moments(mean, (weights[:, None] * spread).T @ spread + across)


def log_prob(x: Tensor, alpha_cumprod: float = 1.0, noise_variance: float = 0.0) -> Tensor:
    """Exact log-density of √alpha_cumprod · x_0 + √noise_variance · ε at `x`.

    Args:
        x: points, shape (…, 2).
        alpha_cumprod: ᾱ in [0, 1].
        noise_variance: the variance of the added noise, ≥ 0.

    Returns:
        log p(x), float64 of shape (…,).

    Raises:
        ValueError: if ᾱ or the variance is out of range, both leave no variance at all, or the
            last dimension of `x` is not 2.
    """
    return _by_chunks(lambda chunk: _moments(chunk, alpha_cumprod, noise_variance)[0], x)


def score(x: Tensor, alpha_cumprod: float = 1.0, noise_variance: float = 0.0) -> Tensor:
    """Exact score ∇ log p(x) = (√ᾱ E[c(u) | x] - x) / v of the law of `log_prob`.

    The arguments and errors are those of `log_prob`; returns float64 of shape (…, 2).
    """
    variance = _variance(alpha_cumprod, noise_variance)

    def chunk_score(chunk: Tensor) -> Tensor:
        return (_moments(chunk, alpha_cumprod, noise_variance)[1] - chunk) / variance

    return _by_chunks(chunk_score, x)


class Oracle:
    """The exact noise predictor E[ε | x_t], in the place of a network.

    For x_t = √ᾱ x_0 + √(1 - ᾱ) ε it is -√(1 - ᾱ) ∇ log p_t(x_t) (Song et al. 2021; Vincent 2011).
    """

    def __call__(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε for x_t (B, 2) at noise levels √ᾱ (B,); the result is like `x_t`."""
        eps = torch.empty_like(x_t)
        for level in sorted(set(noise_level.tolist())):
            chosen = noise_level == level
            variance = 1 - level**2
            exact = score(x_t[chosen], level**2, variance)
            eps[chosen] = (-math.sqrt(variance) * exact).to(x_t.dtype)
        return eps


def distance_to_curve(x: Tensor) -> Tensor:
    """Distance of each point (…, 2) to the centre line; float64 of shape (…,).

    The line is 8,193 points at most 1.6e-3 apart: 8e-4 too far on the line itself, and less than
    4e-6 from a distance of 0.09 on. They are searched around the nearest of every 64th of them,
    which is 20 times faster; where two turns of the line are equally far it may take the other one,
    and be 0.002 too far.
    """
    line = curve(torch.linspace(0, 1, 8193, dtype=torch.float64, device=x.device))
    around = torch.arange(-64, 65, device=x.device)

    def nearest(chunk: Tensor) -> Tensor:
        middle = 64 * torch.cdist(chunk, line[::64]).argmin(dim=1)
        candidates = line[(middle[:, None] + around).clamp(0, len(line) - 1)]
        distances: Tensor = torch.linalg.vector_norm(chunk[:, None] - candidates, dim=2)
        return distances.min(dim=1).values

    return _by_chunks(nearest, x)


def _by_chunks(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    if x.shape[-1:] != (2,):
        raise ValueError(f"points must have shape (…, 2), got {tuple(x.shape)}")
    flat = x.to(torch.float64).reshape(-1, 2)
    results = torch.cat([function(chunk) for chunk in torch.split(flat, POINTS_PER_CHUNK)])
    return results.reshape(*x.shape[:-1], *results.shape[1:])


def _moments(x: Tensor, alpha_cumprod: float, noise_variance: float) -> tuple[Tensor, Tensor]:
    """Log p(x), (N,), and √ᾱ E[c(u) | x], (N, 2), by quadrature over the curve."""
    variance = _variance(alpha_cumprod, noise_variance)
    # On a panel of three widths of the Gaussian, 16 nodes leave a relative error of about 1e-13.
    panels = math.ceil(math.sqrt(alpha_cumprod) * MAX_SPEED / (3 * math.sqrt(variance))) + 1
    u, log_weights = (table.to(x.device) for table in _quadrature(panels))
    centres = math.sqrt(alpha_cumprod) * curve(u)
    squares = (x[:, None, 0] - centres[:, 0]) ** 2 + (x[:, None, 1] - centres[:, 1]) ** 2
    log_terms = log_weights - squares / (2 * variance)
    log_sum = torch.logsumexp(log_terms, dim=1)
    log_density = log_sum - math.log(2 * math.pi * variance)
    return log_density, torch.exp(log_terms - log_sum[:, None]) @ centres


def _variance(alpha_cumprod: float, noise_variance: float) -> float:
    if not 0 <= alpha_cumprod <= 1:
        raise ValueError(f"alpha_cumprod must be in [0, 1], got {alpha_cumprod}")
    if not 0 <= noise_variance < math.inf:
        raise ValueError(f"noise_variance must be finite and >= 0, got {noise_variance}")
    variance = WIDTH**2 * alpha_cumprod + noise_variance
    if variance == 0:
        raise ValueError("alpha_cumprod and noise_variance are both 0: there is no density")
    return variance


@lru_cache(maxsize=64)
def _quadrature(panels: int) -> tuple[Tensor, Tensor]:
    """Nodes in (0, 1) and log weights of the composite Gauss-Legendre rule, float64."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES_PER_PANEL)
    u = (np.arange(panels)[:, None] + (nodes + 1) / 2) / panels
    log_weights = np.log(np.tile(weights / (2 * panels), panels))
    return torch.from_numpy(u.ravel()), torch.from_numpy(log_weights)
