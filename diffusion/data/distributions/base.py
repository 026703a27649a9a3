"""What every distribution in the plane offers: samples, and an exact density at any noise."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from diffusion.process.denoising import Moments, once_if_shared, refuse_condition

POINTS_PER_CHUNK = 1024  # so that a chunk's (1024, ~2400) float64 numbers stay in the cache

Derivatives = tuple[Tensor, ...]
"""log p (N,), its gradient (N, 2) and its Hessian (N, 2, 2), float64, up to an order: 0, 1 or 2."""


Gaussians = tuple[Tensor, Tensor]
"""Centres (K, 2) and log weights (K,) of a mixture of equal Gaussians, float64."""


class Distribution(ABC):
    """A distribution of points in the plane, known exactly under any Gaussian noise.

    Noised to x = √ᾱ x_0 + s ε, ε ~ N(0, I), it has a density p that `log_prob`, `score` and
    `hessian` give to machine precision. Each is a shape (curves, centres, squares) whose
    points are blurred by a Gaussian of standard deviation `width`, so that all the blur has
    the variance v = ᾱ width² + s².

    A distribution has `sample`, `moments`, `distance` to its shape and, under any noise,
    `log_prob`, `score`, `hessian` and `curvature`; `Oracle` makes a noise predictor of it.
    """

    width: float

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` points, float32 of shape (n, 2), on the generator's device."""

    @abstractmethod
    def distance(self, x: Tensor) -> Tensor:
        """Distance of each point (…, 2) to the unblurred shape; float64 of shape (…,)."""

    @abstractmethod
    def moments(self) -> Moments:
        """Mean (2,) and covariance (2, 2) of x_0, exact, in float64."""

    @abstractmethod
    def _derivatives(
        self, x: Tensor, alpha_cumprod: float, variance: float, order: int
    ) -> Derivatives:
        """Log p, ∇ log p and ∇∇ log p at x (N, 2), with the variance v of all the blur.

        Of a lower order only the first of them.
        """

    def log_prob(
        self, x: Tensor, alpha_cumprod: float = 1.0, noise_variance: float = 0.0
    ) -> Tensor:
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
        return self._each(0, x, alpha_cumprod, noise_variance)

    def score(self, x: Tensor, alpha_cumprod: float = 1.0, noise_variance: float = 0.0) -> Tensor:
        """Exact score ∇ log p(x) of the distribution of `log_prob`, float64 of shape (…, 2).

        The arguments and errors are those of `log_prob`.
        """
        return self._each(1, x, alpha_cumprod, noise_variance)

    def hessian(self, x: Tensor, alpha_cumprod: float = 1.0, noise_variance: float = 0.0) -> Tensor:
        """Exact Hessian ∇∇ log p(x) of the distribution of `log_prob`, float64 of shape (…, 2, 2).

        The arguments and errors are those of `log_prob`.
        """
        return self._each(2, x, alpha_cumprod, noise_variance)

    def curvature(
        self, x: Tensor, alpha_cumprod: float = 1.0, noise_variance: float = 0.0
    ) -> Tensor:
        """Largest eigenvalue of -∇∇ log p(x), float64 of shape (…,); never above 1/v.

        A step of Langevin dynamics from x is stable for ε < 4 / curvature. The arguments and
        errors are those of `log_prob`.
        """
        return largest_eigenvalue(-self.hessian(x, alpha_cumprod, noise_variance))

    def gaussians(self, noise_variance: float) -> Gaussians | None:
        """The mixture of Gaussians that it is under noise of this variance or more, if it is one.

        Returns:
            Centres c_k and log weights log w_k with p = Σ_k w_k N(c_k, (width² + s²) I) for
            every s² ≥ noise_variance; or None.
        """
        return None

    def _each(self, order: int, x: Tensor, alpha_cumprod: float, noise_variance: float) -> Tensor:
        variance = self._variance(alpha_cumprod, noise_variance)
        return by_chunks(
            lambda chunk: self._derivatives(chunk, alpha_cumprod, variance, order)[order], x
        )

    def _variance(self, alpha_cumprod: float, noise_variance: float) -> float:
        if not 0 <= alpha_cumprod <= 1:
            raise ValueError(f"alpha_cumprod must be in [0, 1], got {alpha_cumprod}")
        if not 0 <= noise_variance < math.inf:
            raise ValueError(f"noise_variance must be finite and >= 0, got {noise_variance}")
        variance = alpha_cumprod * self.width**2 + noise_variance
        if variance == 0:
            blur = f"alpha_cumprod · {self.width}² and noise_variance"
            raise ValueError(f"{blur} are both 0: there is no density")
        return variance


class Oracle:
    """The exact noise predictor E[ε | x_t] of a distribution, in the place of a network.

    For x_t = √ᾱ x_0 + √(1 - ᾱ) ε it is -√(1 - ᾱ) ∇ log p_t(x_t) (Song et al. 2021; Vincent 2011).
    """

    def __init__(self, distribution: Distribution) -> None:
        self.distribution = distribution

    def __call__(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε for x_t (B, 2) at √ᾱ (B,); the result is like `x_t`.

        Raises:
            ValueError: if there is a condition.
        """
        refuse_condition(condition)
        levels = once_if_shared(noise_level).tolist()
        if len(levels) == 1:
            return self._at(x_t, levels[0])
        eps = torch.empty_like(x_t)
        for sqrt_alpha in sorted(set(levels)):
            chosen = noise_level == sqrt_alpha
            eps[chosen] = self._at(x_t[chosen], sqrt_alpha)
        return eps

    def _at(self, x_t: Tensor, sqrt_alpha: float) -> Tensor:
        variance = 1 - sqrt_alpha**2
        exact = self.distribution.score(x_t, sqrt_alpha**2, variance)
        return (-math.sqrt(variance) * exact).to(x_t.dtype)


def by_chunks(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Apply a function of points (N, 2) to points (…, 2), some hundreds at a time, in float64.

    Gradients flow through it.

    Raises:
        ValueError: if the last dimension of `x` is not 2.
    """
    if x.shape[-1:] != (2,):
        raise ValueError(f"points must have shape (…, 2), got {tuple(x.shape)}")
    flat = x.to(torch.float64).reshape(-1, 2)
    results = torch.cat([function(chunk) for chunk in torch.split(flat, POINTS_PER_CHUNK)])
    return results.reshape((*x.shape[:-1], *results.shape[1:]))


def distance_to_points(x: Tensor, points: Tensor) -> Tensor:
    """Distance of each x (…, 2) to the nearest of the points (K, 2); float64 of shape (…,)."""
    points = points.to(x.device, torch.float64)
    return by_chunks(lambda chunk: torch.cdist(chunk, points).min(dim=-1).values, x)


def moments_of_centres(centres: Tensor, weights: Tensor, variance: float) -> Moments:
    """Mean and covariance of points c_k with weights w_k, each blurred by the same variance.

    m = Σ w_k c_k and C = Σ w_k (c_k - m)(c_k - m)ᵀ + variance · I.

    Args:
        centres: c_k, float64 (K, 2).
        weights: w_k ≥ 0, of sum 1, (K,).
        variance: of the blur in each coordinate.
    """
    mean = weights @ centres
    off = centres - mean
    unit = torch.eye(2, dtype=centres.dtype, device=centres.device)
    return Moments(mean, (weights[:, None] * off).T @ off + variance * unit)


def largest_eigenvalue(matrices: Tensor) -> Tensor:
    """The largest eigenvalue of symmetric matrices (…, 2, 2), in closed form."""
    a, b, d = matrices[..., 0, 0], matrices[..., 0, 1], matrices[..., 1, 1]
    return (a + d) / 2 + torch.hypot((a - d) / 2, b)
