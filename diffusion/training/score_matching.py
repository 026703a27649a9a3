"""Score matching: learning ∇ log p from samples, in three ways.

A score function takes points (B, D) to vectors (B, D).
"""

from __future__ import annotations

import torch
from torch import Tensor

from diffusion.process.score import ScoreFunction, divergence


def explicit_score_matching(score: ScoreFunction, x: Tensor) -> Tensor:
    """E[tr(∇_x F(x)) + ½‖F(x)‖²] with the exact trace (Hyvärinen 2005, eq. 4).

    Equal to ½E‖F - ∇ log p‖² up to a constant. The trace costs D backward passes.

    Args:
        score: F.
        x: data, shape (B, D).

    Returns:
        The loss, a scalar with a graph.
    """
    x = x.detach().requires_grad_()
    values = score(x)
    trace = divergence(values, x, create_graph=True)
    return (trace + 0.5 * values.square().sum(dim=1)).mean()


def sliced_score_matching(score: ScoreFunction, x: Tensor, directions: Tensor) -> Tensor:
    """E[vᵀ ∇_x F(x) v + ½‖F(x)‖²], v ~ N(0, I): one backward pass for any D.

    Song et al. 2019, in its variance-reduced form SSM-VR: the norm is exact.

    Args:
        score: F.
        x: data, shape (B, D).
        directions: v, shaped like `x`, with E[v vᵀ] = I.
    """
    x = x.detach().requires_grad_()
    values = score(x)
    (gradient,) = torch.autograd.grad((values * directions).sum(), x, create_graph=True)
    trace = (gradient * directions).sum(dim=1)
    return (trace + 0.5 * values.square().sum(dim=1)).mean()


def denoising_score_matching(
    score: ScoreFunction, x: Tensor, noise: Tensor, sigma: Tensor
) -> Tensor:
    """½E[σ² ‖F(x + σε) + ε/σ‖²]: the score of the noised data (Vincent 2011, eq. 9).

    ∇ log q(x̃ | x) = -(x̃ - x)/σ² = -ε/σ; the weight σ² makes every level count alike (Song & Ermon
    2019, eq. 6).

    Args:
        score: F; for several noise levels it knows the σ of each row.
        x: data, shape (B, D).
        noise: ε ~ N(0, I), shaped like `x`.
        sigma: σ > 0 of each row, shape (B,).
    """
    scale = sigma.to(x)[:, None]
    residual = scale * score(x + scale * noise) + noise
    return 0.5 * residual.square().sum(dim=1).mean()
