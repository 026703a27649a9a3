"""A distribution from a drawing: a mixture of Gaussians over points along its strokes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from diffusion.data.distributions.mixture import GaussianMixture

WIDTH = 0.03
"""Standard deviation of the points around the pen's line."""

SPACING = 0.03
"""Distance of the centres along a stroke: at one width a row of Gaussians is a smooth line."""

REACH = 1.4
"""The largest coordinate of points that `fit` has scaled."""


def drawing(strokes: Sequence[Tensor]) -> GaussianMixture:
    """The distribution of points drawn evenly along all strokes, with blur.

    Args:
        strokes: for each stroke its corners (K, 2), K ≥ 1; a stroke of one corner is a dot.

    Raises:
        ValueError: if there is no stroke, or a corner is not finite.
    """
    if not strokes:
        raise ValueError("a drawing needs at least one stroke")
    return GaussianMixture(torch.cat([resample(stroke, SPACING) for stroke in strokes]), WIDTH)


def resample(stroke: Tensor, spacing: float) -> Tensor:
    """Points (N, 2) at equal steps of about `spacing` along the line through the corners (K, 2)."""
    stroke = stroke.to(torch.float64)
    lengths = (stroke[1:] - stroke[:-1]).norm(dim=1)
    corners = torch.cat([lengths.new_zeros(1), lengths.cumsum(dim=0)])
    total = float(corners[-1])
    if total == 0:
        return stroke[:1]
    along = torch.linspace(0, total, max(round(total / spacing), 1) + 1, dtype=torch.float64)
    after = torch.searchsorted(corners, along).clamp(1, len(stroke) - 1)
    gaps = lengths[after - 1].clamp(min=1e-12)  # corners may lie on one another
    part = ((along - corners[after - 1]) / gaps)[:, None]
    points: Tensor = stroke[after - 1] + part * (stroke[after] - stroke[after - 1])
    return points


def fit(points: Tensor) -> Tensor:
    """Move and scale points (N, 2) of any unit into [-1.4, 1.4]², keeping their proportions.

    Raises:
        ValueError: if they are not finite, or all are one.
    """
    if not bool(torch.isfinite(points).all()):
        raise ValueError("the points must be finite numbers")
    low, high = points.amin(dim=0), points.amax(dim=0)
    extent = float((high - low).max())
    if not 0 < extent < float("inf"):
        raise ValueError(f"the points must differ, and by a finite distance, got {extent}")
    return (points - (low + high) / 2) * (2 * REACH / extent)
