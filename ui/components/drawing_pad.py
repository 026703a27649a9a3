"""A pad to draw on, with a mouse, a pen or a finger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import gradio as gr
import numpy.typing as npt

from ui.components.base import Limits, Payload, Player, check_limits, check_shape, sent


class DrawingPad(Player):
    """Shows strokes, and tells Python of the whole drawing after each change.

    The end of a stroke and Undo fire the event `draw`; what empties the pad fires `clear`. The
    first stroke replaces an example:

        pad.draw(learn_drawing, outputs=player)   # with a parameter event: gr.EventData
        DrawingPad.strokes(event)                 # [[x, y, x, y, …], …], to be checked

    Its value is made by `DrawingPad.payload`.
    """

    stem: ClassVar[str] = "drawing_pad"
    scripts: ClassVar[tuple[str, ...]] = ("common.js", "axes.js")
    triggers: ClassVar[tuple[str, ...]] = ("draw",)

    @staticmethod
    def strokes(event: gr.EventData) -> Any:
        """What the browser sent as the drawing, unchecked.

        Raises:
            ValueError: if it sent none.
        """
        strokes = sent(event, "strokes")
        if strokes is None:
            raise ValueError("a drawing needs strokes")
        return strokes

    @staticmethod
    def payload(
        strokes: Sequence[npt.ArrayLike], limits: Limits, run: str, example: bool = False
    ) -> Payload:
        """Pack strokes for the browser.

        Args:
            strokes: for each its corners (K, 2).
            limits: lowest and highest coordinate of the pad, on both axes.
            run: identifies this drawing; a value is shown again only if it differs.
            example: whether the next stroke replaces the strokes.

        Raises:
            ValueError: if a shape or range does not fit.
        """
        corners = [check_shape("stroke", stroke, None, 2) for stroke in strokes]
        return {
            "run": run,
            "limits": list(check_limits(limits)),
            "example": example,
            "strokes": [each.ravel().tolist() for each in corners],
        }
