"""A player of 2-D point clouds: every stored state of a sampler, with the data beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy.typing as npt

from ui.components.base import (
    Limits,
    Payload,
    Player,
    check_limits,
    check_shape,
    encode_positions,
)


class PointPlayer(Player):
    """Plays one or more views of a trajectory of 2-D points.

    The viewer can play, scrub, change the view, show the data and some trails, and click a point
    to follow it; none of that asks the server. Its value is made by `PointPlayer.payload`.
    """

    stem: ClassVar[str] = "point_player"

    @staticmethod
    def payload(
        views: Mapping[str, npt.ArrayLike],
        labels: Sequence[str],
        *,
        limits: Limits,
        run: str,
        alt: str,
        background: npt.ArrayLike | None = None,
        fps: float = 15.0,
    ) -> Payload:
        """Pack a trajectory for the browser.

        Args:
            views: for each view's name, e.g. "x_t", its points (frames, particles, 2). All views
                have one shape: particle i of one is particle i of the others.
            labels: one text per frame, shown beside the scrubber.
            limits: lowest and highest coordinate shown, on both axes.
            run: identifies this result; a value is played again only if it differs.
            alt: what the picture shows, for those who cannot see it.
            background: data points (points, 2) to draw beneath, or None.
            fps: stored frames per second; the browser interpolates between them.

        Raises:
            ValueError: if there is no view, or a shape or range does not fit.
        """
        if not views:
            raise ValueError("at least one view is needed")
        limits = check_limits(limits)
        particles: int | None = None
        packed = {}
        for name, points in views.items():
            array = check_shape(f"view {name!r}", points, len(labels), particles, 2)
            particles = array.shape[1]
            packed[name] = encode_positions(array, limits)
        if background is not None:
            background = check_shape("background", background, None, 2)
        return {
            "run": run,
            "alt": alt,
            "views": packed,
            "labels": list(labels),
            "limits": list(limits),
            "background": None if background is None else encode_positions(background, limits),
            "fps": float(fps),
        }
