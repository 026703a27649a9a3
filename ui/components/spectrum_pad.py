"""A spectrum to draw: the amplitude of each partial is a bar to drag."""

from __future__ import annotations

from typing import ClassVar

import gradio as gr
import numpy as np
import numpy.typing as npt

from ui.components.base import Payload, Player, check_shape, sent


class SpectrumPad(Player):
    """Shows the amplitudes of partials, and tells Python of all of them after each change.

    A bar is dragged by a mouse, a pen or a finger, a line across the bars sets them all; with the
    keyboard, left and right choose one, up and down step it. The end of a stroke, or a key, fires
    the event `draw`; "All even" does so with no amplitudes at all:

        pad.draw(hear_them, outputs=player)       # with a parameter event: gr.EventData
        SpectrumPad.amplitudes(event)             # [d_1, d_2, …], checked, or []

    Its value is made by `SpectrumPad.payload`.
    """

    stem: ClassVar[str] = "spectrum_pad"
    scripts: ClassVar[tuple[str, ...]] = ("common.js", "axes.js")
    triggers: ClassVar[tuple[str, ...]] = ("draw",)

    @staticmethod
    def amplitudes(event: gr.EventData) -> list[float]:
        """What the browser sent, as numbers.

        Raises:
            ValueError: if it sent anything but numbers.
        """
        try:
            return [float(each) for each in sent(event, "amplitudes")]
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError("a drawn spectrum needs numbers as amplitudes") from error

    @staticmethod
    def payload(amplitudes: npt.ArrayLike, frequencies: npt.ArrayLike, run: str) -> Payload:
        """Pack a spectrum for the browser.

        Args:
            amplitudes: of each partial, (K,), in [0, 1].
            frequencies: in Hz, (P,), P ≤ K; the partials without one are too high to sound.
            run: identifies this spectrum; a value is shown again only if it differs.

        Raises:
            ValueError: if a shape or value does not fit.
        """
        heights = check_shape("amplitudes", amplitudes, None)
        if not ((heights >= 0) & (heights <= 1)).all():
            raise ValueError(f"amplitudes must be in [0, 1], got {heights.tolist()}")
        hertz = np.asarray(frequencies, dtype=np.float64)
        if hertz.ndim != 1 or len(hertz) > len(heights):
            raise ValueError(
                f"frequencies must be at most {len(heights)}, one per partial, got {hertz.shape}"
            )
        return {"run": run, "amplitudes": heights.tolist(), "frequencies": hertz.tolist()}
