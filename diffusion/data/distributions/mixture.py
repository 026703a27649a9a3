"""Mixtures of equal Gaussians: the closed form behind most of the exact distributions."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from diffusion.data.distributions.base import (
    Derivatives,
    Distribution,
    Gaussians,
    distance_to_points,
    moments_of_centres,
)
from diffusion.process.denoising import Moments

LN_2 = math.log(2)


class GaussianMixture(Distribution):
    """p_0 = 1/K Σ_k N(c_k, width² I), so that under noise p = 1/K Σ_k N(√ᾱ c_k, v I).

    With width 0 and the training points as centres it is the empirical distribution, its score the
    ideal one for that training set: it ends on the points, for it has memorised them.
    """

    def __init__(self, centres: Tensor, width: float) -> None:
        """Make it from its centres c_k, (K, 2), and the standard deviation around each.

        Raises:
            ValueError: if the centres are not finite points, or the width is not.
        """
        if centres.ndim != 2 or centres.shape[1] != 2 or len(centres) == 0:
            raise ValueError(f"centres must have shape (≥1, 2), got {tuple(centres.shape)}")
        if not bool(torch.isfinite(centres).all()):
            raise ValueError("centres must be finite")
        if not 0 <= width < math.inf:
            raise ValueError(f"width must be finite and >= 0, got {width}")
        self.centres = centres.detach().to(torch.float64)
        self.width = width

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` points, float32 of shape (n, 2), on the generator's device."""
        device = generator.device if generator is not None else torch.device("cpu")
        which = torch.randint(len(self.centres), (n,), generator=generator, device=device)
        centres = self.centres.to(device, torch.float32)[which]
        return centres + self.width * torch.randn(n, 2, generator=generator, device=device)

    def distance(self, x: Tensor) -> Tensor:
        """Distance of each point (…, 2) to the nearest centre; float64 of shape (…,)."""
        return distance_to_points(x, self.centres)

    def moments(self) -> Moments:
        """Mean and covariance of x_0: those of the centres, and width² I around each."""
        equal = self.centres.new_full((len(self.centres),), 1 / len(self.centres))
        return moments_of_centres(self.centres, equal, self.width**2)

    def gaussians(self, noise_variance: float) -> Gaussians:
        """The centres and their equal log weights, at any noise."""
        return self.centres, self.centres.new_full(
            (len(self.centres),), -math.log(len(self.centres))
        )

    def _derivatives(
        self, x: Tensor, alpha_cumprod: float, variance: float, order: int
    ) -> Derivatives:
        centres, log_weights = (table.to(x.device) for table in self.gaussians(0.0))
        centres = math.sqrt(alpha_cumprod) * centres
        return mixture_derivatives(x, centres, log_weights, variance, order)


def mixture_derivatives(
    x: Tensor, centres: Tensor, log_weights: Tensor, variance: float, order: int = 2
) -> Derivatives:
    """Log p, its gradient and its Hessian for p(x) = Σ_k w_k N(x; c_k, v I).

    With r_k the posterior weights of the centres, m = Σ r_k c_k and C = Σ r_k (c_k - m)(c_k - m)ᵀ
    the gradient is (m - x) / v (Tweedie's formula) and the Hessian (C / v - I) / v.

    Args:
        x: points, float64 (N, 2).
        centres: c_k, (K, 2).
        log_weights: log w_k, (K,).
        variance: v > 0.
        order: of the last that is wanted: 0, 1 or 2.
    """
    # log₂ N(x; c_k, v I) without its part in |x|², which all centres have in common: PyTorch's
    # exp2 takes half the time of its exp.
    offsets = (log_weights - centres.square().sum(dim=1) / (2 * variance)) / LN_2
    logits = torch.addmm(offsets, x, centres.T / (variance * LN_2), out=_room(x, len(centres)))
    highest = logits.detach().amax(dim=1, keepdim=True)
    # In their place, for they are many; numbers below 2^-288 would be denormal, and slow.
    weights = logits.sub_(highest).clamp_(min=-288).exp2_()
    total = weights.sum(dim=1, keepdim=True)
    log_prob = (
        (LN_2 * highest + total.log())[:, 0]
        - x.square().sum(dim=1) / (2 * variance)
        - math.log(2 * math.pi * variance)
    )
    if order == 0:
        return (log_prob,)
    mean = _weighted(weights, centres) / total
    score = (mean - x) / variance
    if order == 1:
        return log_prob, score
    covariance = (_weighted(weights, _products(centres)) / total - _products(mean)).reshape(
        -1, 2, 2
    )
    identity = torch.eye(2, dtype=x.dtype, device=x.device)
    return log_prob, score, (covariance / variance - identity) / variance


def _weighted(weights: Tensor, values: Tensor) -> Tensor:
    """Σ_k w_nk v_k of values (K, few), (N, few): so multiplied, it takes a quarter of the time."""
    return (values.T.contiguous() @ weights.T).T


def _room(x: Tensor, count: int) -> Tensor | None:
    """Room for `count` numbers for each point, or None: PyTorch is to find it.

    PyTorch wants it aligned, for which glibc 2.36 does not find the block again that was freed in
    the step before, once the step's result lies behind it: 240 steps of 500 walkers left 700 MB of
    holes. NumPy's it does find.
    """
    if x.device.type != "cpu" or (torch.is_grad_enabled() and x.requires_grad):
        return None
    return torch.from_numpy(np.empty((len(x), count)))


def _products(points: Tensor) -> Tensor:
    """The entries of c cᵀ of each point, (N, 4)."""
    return (points[:, :, None] * points[:, None, :]).reshape(-1, 4)
