"""Strips of sounds: a short stretch of their waves, where their shape is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from ui.shared.figures import INK, STYLES
from ui.shared.models import frames_to_keep
from ui.shared.strips import PANELS, Strip
from ui.sound.sound_views import SAMPLE_RATE
from ui.texts import Texts

TEXTS = Texts("sound-choice")


STRIP_MILLISECONDS = 30


@dataclass(frozen=True)
class WaveRow:
    """A row of a strip.

    Attributes:
        waves: (panels, samples), equally loud.
        labels: one for each wave.
    """

    waves: npt.NDArray[np.floating]
    labels: Sequence[str]

    def panels(self) -> WaveRow:
        """As many of them as a strip has, evenly spaced: the middle of each wave."""
        kept = frames_to_keep(len(self.labels), PANELS)
        count = min(self.waves.shape[1], STRIP_MILLISECONDS * SAMPLE_RATE // 1000)
        start = (self.waves.shape[1] - count) // 2
        middle = self.waves[kept, start : start + count]
        return WaveRow(middle, [self.labels[frame].replace(", ", "\n") for frame in kept])


def wave_strip(name: str, description: str, rows: Mapping[str, WaveRow]) -> Strip:
    """A strip of waves, all on one scale.

    Args:
        name: of the file, without its ending.
        description: what the rows show; which stretch of the sounds it is stands behind it.
        rows: by their names.
    """
    shown = [row.panels() for row in rows.values()]
    peak = max(float(np.abs(row.waves).max()) for row in shown)

    def draw(axes: Axes, row: int, column: int) -> None:
        axes.axhline(0, color=INK, lw=0.4)
        wave = shown[row].waves[column]
        axes.plot(wave, color=STYLES[0][0], lw=0.7)
        axes.set(xlim=(0, len(wave) - 1), ylim=(-1.05 * peak, 1.05 * peak))

    return Strip(
        name=name,
        description=TEXTS.say("strip", description=description, milliseconds=STRIP_MILLISECONDS),
        titles=[row.labels for row in shown],
        draw=draw,
        rows=list(rows),
    )
