"""A player of a training: a history that grows while it is made, with its curves beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy.typing as npt

from ui.components.base import (
    Limits,
    Packed,
    Payload,
    Player,
    check_limits,
    check_shape,
    encode_positions,
    encode_uint8,
)
from ui.components.field_player import FieldPlayer, Heat


@dataclass(frozen=True)
class Curve:
    """A number over the steps of a training.

    Attributes:
        title: its name, which stands above the chart.
        steps: where it was measured, rising.
        values: what was measured there, with the averaged weights if they matter.
        plain_values: the same with the plain weights, or nothing.
        log: whether its axis is logarithmic.
        mark: a level to draw dashed, or None.
    """

    title: str
    steps: Sequence[int]
    values: Sequence[float]
    plain_values: Sequence[float] = ()
    log: bool = False
    mark: float | None = None


class TrainingPlayer(Player):
    """Shows a field or points that change as a network learns, and two curves.

    The viewer chooses the network's weights: their average (EMA), or as the last step left them.
    A payload with the `run` of the last one and more frames goes on with the same history: the
    viewer follows its end, or stays where they scrubbed. Gradio sends a generator's values as
    differences, so that growing lists cost only what is new.
    """

    stem: ClassVar[str] = "training_player"
    scripts: ClassVar[tuple[str, ...]] = (*Player.scripts, "heat.js", "field.js")

    @staticmethod
    def field(
        limits: Limits,
        heat: Heat,
        data: npt.ArrayLike,
        arrows_xy: npt.ArrayLike,
        exact_uv: npt.ArrayLike,
    ) -> Payload:
        """Pack what stays while arrows change; `exact_uv` are what they should become."""
        return TrainingPlayer.plane(limits, data) | {
            "heat": encode_uint8(heat.values[-1], heat.low, heat.high),
            "heat_range_labels": list(heat.labels),
            "starts": encode_positions(check_shape("arrows_xy", arrows_xy, None, 2), limits),
            "exact": TrainingPlayer.arrows(limits, arrows_xy, exact_uv),
        }

    @staticmethod
    def arrows(limits: Limits, arrows_xy: npt.ArrayLike, arrows_uv: npt.ArrayLike) -> Packed:
        """Pack one frame of arrows (N, 2)."""
        still = FieldPlayer.payload(
            limits=limits, run="", alt="", arrows_xy=arrows_xy, arrows_uv=arrows_uv
        )
        reach: Packed = still["arrows"]["reach"]
        return reach

    @staticmethod
    def plane(limits: Limits, data: npt.ArrayLike) -> Payload:
        """Pack what stays behind points; their frames are of `points`."""
        limits = check_limits(limits)
        return {
            "limits": list(limits),
            "heat": None,
            "heat_range_labels": ["", ""],
            "data": encode_positions(check_shape("data", data, None, 2), limits),
            "starts": None,
            "exact": None,
        }

    @staticmethod
    def points(limits: Limits, points: npt.ArrayLike) -> Packed:
        """Pack one frame of points (N, 2)."""
        return encode_positions(check_shape("points", points, None, 2), check_limits(limits))

    @staticmethod
    def payload(
        still: Payload,
        frames: Sequence[Packed],
        plain_frames: Sequence[Packed],
        frame_steps: Sequence[int],
        labels: Sequence[str],
        curves: tuple[Curve, Curve],
        *,
        last_step: int,
        run: str,
        alt: str,
        fps: float,
        live: bool = False,
    ) -> Payload:
        """Put together what the browser shows.

        Args:
            still: of `field` or `plane`.
            frames: of `arrows` or `points`, at least one, with the averaged weights.
            plain_frames: as many, with the plain weights.
            frame_steps: the step of the training at which each frame was made.
            labels: one text for each frame.
            curves: the two charts.
            last_step: where their axes end.
            run: identifies the training, however far it is.
            alt: what the picture shows, for those who cannot see it.
            fps: stored frames per second, when it is played.
            live: whether it is shown as it grows, and not played from its start.

        Raises:
            ValueError: if there is no frame, or not two pictures, one step and one label for each.
        """
        counts = [len(each) for each in (frames, plain_frames, frame_steps, labels)]
        if not frames or len(set(counts)) > 1:
            raise ValueError(f"each frame needs two pictures, a step and a label, got {counts}")
        return still | {
            "run": run,
            "alt": alt,
            "frames": list(frames),
            "plain_frames": list(plain_frames),
            "frame_steps": list(frame_steps),
            "labels": list(labels),
            "curves": [
                {
                    "title": curve.title,
                    "steps": list(curve.steps),
                    "values": list(curve.values),
                    "plain_values": list(curve.plain_values),
                    "log": curve.log,
                    "mark": curve.mark,
                }
                for curve in curves
            ],
            "last_step": last_step,
            "live": live,
            "fps": float(fps),
        }
