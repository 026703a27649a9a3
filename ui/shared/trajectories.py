"""Clouds of points over time: what the sections of Diffusion (DDPM) show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from ui.components import PointPlayer
from ui.shared.controls import frames_per_second
from ui.shared.figures import STYLES

LIMITS = (-2.6, 2.6)
MAX_FRAMES = 51

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trajectory:
    """Clouds of points over time.

    Attributes:
        views: for each view's name its points (frames, points, 2).
        labels: one for each frame.
        data: real points to compare with (N, 2).
        facts: numbers with their names.
    """

    views: dict[str, Array]
    labels: list[str]
    data: Array
    facts: dict[str, str]

    def payload(self, run: str, alt: str) -> dict[str, Any]:
        """What `PointPlayer` shows of it."""
        return PointPlayer.payload(
            self.views,
            self.labels,
            limits=LIMITS,
            run=run,
            alt=alt,
            background=self.data,
            fps=frames_per_second(len(self.labels)),
        )


def draw_points(axes: Axes, points: Array, limits: tuple[float, float] = LIMITS) -> None:
    """Draw points (N, 2) in a panel of a strip."""
    axes.scatter(points[:, 0], points[:, 1], s=1.5, color=STYLES[0][0], linewidths=0)
    axes.set(xlim=limits, ylim=limits, aspect="equal")
