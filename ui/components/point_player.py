"""A player of 2-D point clouds: the stored states of samplers, with the data beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy.typing as npt

from ui.components.base import (
    Limits,
    Payload,
    Player,
    check_limits,
    check_shape,
    encode_positions,
    encode_uint8,
)
from ui.texts import Texts

SHARED = Texts("shared")


@dataclass(frozen=True)
class Panel:
    """One of several trajectories that are played side by side.

    Attributes:
        title: stands above it. What comes before a colon names it where there is room for one
            panel only, so that no two may begin alike.
        views: for each view's name, e.g. "x_t", its points (frames, particles, 2).
        captions: one text per frame, below the title.
        marked: which particles stand out, boolean (particles,).
    """

    title: str
    views: Mapping[str, npt.ArrayLike]
    captions: Sequence[str]
    marked: npt.ArrayLike | None = None


class PointPlayer(Player):
    """Plays trajectories of 2-D points, each in one or more views.

    The viewer can play, scrub, change the view, show the data and some trails, and follow a point
    by a click or by the arrow keys; none of that needs the server. Its value is made by
    `PointPlayer.payload`, or, for several trajectories, by `PointPlayer.side_by_side`.
    """

    stem: ClassVar[str] = "point_player"

    @classmethod
    def payload(
        cls,
        views: Mapping[str, npt.ArrayLike],
        labels: Sequence[str],
        *,
        limits: Limits,
        run: str,
        alt: str,
        background: npt.ArrayLike | None = None,
        fps: float = 15.0,
    ) -> Payload:
        """Pack one trajectory for the browser.

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
        panels = [Panel("", views, labels)]
        packed = cls.side_by_side(
            panels, limits=limits, run=run, alt=alt, background=background, fps=fps
        )
        return packed | {"labels": list(labels)}

    @staticmethod
    def side_by_side(
        panels: Sequence[Panel],
        *,
        limits: Limits,
        run: str,
        alt: str,
        background: npt.ArrayLike | None = None,
        fps: float = 15.0,
        mark: str = "",
    ) -> Payload:
        """Pack several trajectories that start and end together, however many frames each has.

        Particle i of one panel is particle i of the others: it is followed in all of them.

        Args:
            panels: all with the same views and the same number of particles.
            limits: lowest and highest coordinate shown, on both axes.
            run: identifies this result; a value is played again only if it differs.
            alt: what the picture shows, for those who cannot see it.
            background: data points (points, 2) to draw beneath, or None.
            fps: frames per second of the panel that has most.
            mark: what the marked particles have in common; "" if none is marked.

        Raises:
            ValueError: if there is no panel or no view, or a shape or range does not fit.
        """
        if not panels:
            raise ValueError("at least one panel is needed")
        limits = check_limits(limits)
        particles: int | None = None
        packed = []
        for panel in panels:
            if panel.views.keys() != panels[0].views.keys() or not panel.views:
                raise ValueError("all panels need the same views, and at least one")
            particles, values = _pack_panel(panel, particles, limits)
            packed.append(values)
        if background is not None:
            background = check_shape("background", background, None, 2)
        frames = max(len(panel.captions) for panel in panels)
        return {
            "run": run,
            "alt": alt,
            "panels": packed,
            "labels": [
                SHARED.say("of_the_way", done=k / max(frames - 1, 1)) for k in range(frames)
            ],
            "limits": list(limits),
            "background": None if background is None else encode_positions(background, limits),
            "fps": float(fps),
            "mark": mark,
        }


def _pack_panel(panel: Panel, particles: int | None, limits: Limits) -> tuple[int, Payload]:
    """The number of particles, which must be `particles` if that is known, and the packed panel."""
    views = {}
    for name, points in panel.views.items():
        array = check_shape(f"view {name!r}", points, len(panel.captions), particles, 2)
        particles = array.shape[1]
        views[name] = encode_positions(array, limits)
    assert particles is not None  # there is a view
    marked = None if panel.marked is None else check_shape("marked", panel.marked, particles)
    return particles, {
        "title": panel.title,
        "views": views,
        "captions": list(panel.captions),
        "marked": None if marked is None else encode_uint8(marked, 0, 1),
    }
