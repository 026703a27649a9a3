"""Exact log-probabilities that the terms of the bound are compared with, of points and of cells.

A cell is what the discretised decoder gives the probability of (`process.variational`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from diffusion.process.schedule import NoiseSchedule
from diffusion.process.variational import CELL, cell_centres, normal_nll

LogProb = Callable[[Tensor, float, float], Tensor]
"""log_prob(x, ᾱ, v): the exact log-density of √ᾱ x_0 + √v ε, like `swiss_roll.log_prob`."""

NATS = math.log(2)
"""Nats in one bit."""

CELL_NODES = 8
"""Nodes of the quadrature over a cell in each dimension: its error is below 1e-6 for the roll."""


def negative_log_likelihood(log_prob: LogProb, x_0: Tensor) -> float:
    """E[-log₂ p(x_0)] in bits per dimension: over data of p, its differential entropy h(x_0)."""
    return -float(log_prob(x_0, 1.0, 0.0).mean()) / (x_0.shape[1] * NATS)


def negative_log_cell_probability(log_prob: LogProb, x_0: Tensor) -> float:
    """E[-log₂ P(cell of x_0)] in bits per dimension: over data of p, the entropy of the cell."""
    log_cells = _density_in_cells(log_prob, x_0)[1].logsumexp(dim=1)
    return -float(log_cells.mean()) / (x_0.shape[1] * NATS)


def exact_step(
    log_prob: LogProb, x_before: Tensor, x_t: Tensor, t: int, schedule: NoiseSchedule
) -> Tensor:
    """The exact ln q(x_{t-1} | x_t), (N,), by Bayes: q(x_t | x_{t-1}) q(x_{t-1}) / q(x_t)."""
    pair = schedule.alphas_cumprod_prev[t], schedule.alphas_cumprod[t]
    alpha = pair[1] / pair[0]
    step = -normal_nll(x_t.double(), alpha.sqrt() * x_before.double(), (1 - alpha).log())
    before, now = (
        log_prob(x, float(alpha_cumprod), float(1 - alpha_cumprod))
        for x, alpha_cumprod in zip((x_before, x_t), pair, strict=True)
    )
    return step.sum(dim=1) + before - now


def exact_cell(log_prob: LogProb, x_0: Tensor, x_1: Tensor, schedule: NoiseSchedule) -> Tensor:
    """The exact ln q(cell of x_0 | x_1), (N,), of points in the plane.

    By Bayes ∫_cell q(x_1 | y) q(y) dy / q(x_1).
    """
    alpha = schedule.alphas_cumprod[0]
    nodes, log_density = _density_in_cells(log_prob, x_0)
    step = -normal_nll(x_1.double()[:, None], alpha.sqrt() * nodes, (1 - alpha).log())
    joint = step.sum(dim=2) + log_density
    return joint.logsumexp(dim=1) - log_prob(x_1, float(alpha), float(1 - alpha))


@lru_cache(maxsize=1)  # tensors are equal to themselves alone; a bound asks three times
def _density_in_cells(log_prob: LogProb, x_0: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes (N, K, 2) in the cell of each point, and ln of weight times density at them, (N, K)."""
    nodes, log_weights = _cell_nodes(x_0)
    return nodes, log_prob(nodes, 1.0, 0.0) + log_weights


def _cell_nodes(x: Tensor) -> tuple[Tensor, Tensor]:
    """Gauss-Legendre nodes (N, K, 2) in the cell of each point (N, 2), and log weights (K,)."""
    nodes, weights = (
        torch.from_numpy(each) for each in np.polynomial.legendre.leggauss(CELL_NODES)
    )
    offsets = torch.cartesian_prod(nodes, nodes) * (CELL / 2)
    products = torch.cartesian_prod(weights, weights).prod(dim=1) * (CELL / 2) ** 2
    return cell_centres(x.double())[:, None] + offsets, products.log()
