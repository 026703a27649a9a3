"""What networks of points can do in the middle of a training: a picture, and some metrics."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint
from diffusion.evaluation.sample_quality import RealPoints
from diffusion.evaluation.swiss_roll_metrics import score_metrics
from diffusion.training.recipe import Preview

NUM_POINTS = 2_000
REACH = 1.8
SEED = 0


@cache
def _real_points(num_points: int) -> RealPoints:
    return RealPoints(num_points)


def points_preview(checkpoint: Checkpoint) -> Preview:
    """Points of the network's own sampler against fresh real ones."""
    generator = torch.Generator().manual_seed(SEED)
    points = checkpoint.sample(NUM_POINTS, generator=generator).cpu()
    quality = _real_points(NUM_POINTS).quality([points])
    metrics = {
        "SW2 ratio": quality.sw2,
        "MMD² ratio": quality.mmd2,
        "fraction off the curve": quality.off,
    }
    return Preview(metrics, {"points": picture_of(points, REACH)})


def score_preview(checkpoint: Checkpoint) -> Preview:
    """Points, and the errors of the score."""
    points = points_preview(checkpoint)
    return Preview(points.metrics | score_metrics(checkpoint, NUM_POINTS), points.images)


def picture_of(points: Tensor, reach: float, pixels: int = 128) -> Tensor:
    """How many points (N, 2) lie in each pixel of [-reach, reach]², as grey values, (H, W).

    White is no point. The square root makes single points visible; up is up.
    """
    counts, _ = torch.histogramdd(points.double().cpu(), pixels, range=[-reach, reach] * 2)
    darkness = (counts / max(float(counts.max()), 1)).sqrt()
    return 1 - darkness.T.flip(0)
