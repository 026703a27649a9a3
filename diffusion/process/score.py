"""The score ∇ log p of noised data, and its divergence.

A score function takes points (B, D) to vectors (B, D).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from diffusion.process.denoising import NoisePredictor

ScoreFunction = Callable[[Tensor], Tensor]


def divergence(values: Tensor, x: Tensor, create_graph: bool = False) -> Tensor:
    """The exact ∇·F(x) = Σ_d ∂F_d/∂x_d of each row, by D backward passes.

    Args:
        values: F(x), shape (B, D), row by row a function of `x`.
        x: shape (B, D), requires a gradient.
        create_graph: whether the result is to be differentiated again.

    Returns:
        The divergence, shape (B,).
    """
    trace = torch.zeros(len(x), dtype=x.dtype, device=x.device)
    for d in range(x.shape[1]):
        (gradient,) = torch.autograd.grad(
            values[:, d].sum(), x, retain_graph=True, create_graph=create_graph
        )
        trace = trace + gradient[:, d]
    return trace


def score_of(network: NoisePredictor, sigma: float | Tensor) -> ScoreFunction:
    """The score of data with noise of standard deviation σ, from a noise predictor.

    x + σε = x_t/√ᾱ with √ᾱ = 1/√(1 + σ²), so that ∇ log p_σ(y) = -ε̂(√ᾱ y, √ᾱ)/σ
    (Song et al. 2021, section 3).

    Args:
        network: the noise predictor.
        sigma: σ > 0, one for all points, or one for each, shape (B,).
    """
    sigmas = torch.as_tensor(sigma, dtype=torch.float64)

    def score(y: Tensor) -> Tensor:
        each = sigmas.to(y.device)
        sqrt_alpha_cumprod = (1 + each**2).rsqrt()
        signal, sigma_like_y = (values[..., None].to(y) for values in (sqrt_alpha_cumprod, each))
        return -network(signal * y, sqrt_alpha_cumprod.expand(len(y))) / sigma_like_y

    return score
