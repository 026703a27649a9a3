"""Strips of up to ten panels, as the tutorial prints them: a picture to keep of what moves."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any

import gradio as gr
from gradio.components import Component
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ui.shared.controls import handler, heavy
from ui.shared.settings import Settings
from ui.texts import Texts

SHARED = Texts("shared")


PANELS = 10
PANEL_INCHES = 1.6
DOTS_PER_INCH = 150


@dataclass(frozen=True)
class Strip:
    """Rows of panels.

    Attributes:
        name: of the file, without its ending; it says what is inside.
        description: what the picture shows, for those who cannot see it.
        titles: the title of each panel, a list for each row.
        draw: draws a panel, from its axes, its row and its column.
        rows: the name of each row, or nothing where there is one.
    """

    name: str
    description: str
    titles: Sequence[Sequence[str]]
    draw: Callable[[Axes, int, int], None]
    rows: Sequence[str] = ()


def strip_figure(strip: Strip) -> Figure:
    """Draw all panels of a strip."""
    rows, columns = len(strip.titles), max(map(len, strip.titles))
    size = (columns * PANEL_INCHES, rows * (PANEL_INCHES + 0.35))
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    grid = figure.subplots(rows, columns, squeeze=False)
    for row, titles in enumerate(strip.titles):
        for column, axes in enumerate(grid[row]):
            axes.set(xticks=[], yticks=[])
            if column >= len(titles):
                axes.set_axis_off()
                continue
            axes.set_title(titles[column], fontsize="x-small")
            strip.draw(axes, row, column)
        if strip.rows:
            grid[row][0].set_ylabel(strip.rows[row], fontsize="x-small")
    return figure


SAVE = """(strip) => {
  const link = document.createElement("a");
  Object.assign(link, { href: strip.picture, download: strip.file_name });
  link.click();
  return []; }"""
"""JavaScript that saves a strip."""


@dataclass(frozen=True)
class StripControls:
    """The button that draws a strip and saves it, the strip, and what it shows, in words."""

    button: gr.Button
    strip: gr.JSON
    text: gr.Markdown

    @classmethod
    def lay_out(cls) -> StripControls:
        """Show them inside the present context."""
        button = gr.Button(SHARED["download_strip"], size="sm")
        return cls(button, gr.JSON(visible=False), gr.Markdown())

    def wire(
        self,
        settings: type[Settings],
        strip_of: Callable[..., Strip],
        inputs: Sequence[Component],
    ) -> None:
        """Let a click draw the strip of the inputs and save it.

        Args:
            settings: of the section.
            strip_of: makes the strip of the settings, and of what follows them in `inputs`.
            inputs: the controls in the order of the settings, and what else `strip_of` takes.
        """
        show_strip = update_wrapper(partial(_show_strip, strip_of), strip_of)
        drawn = self.button.click(
            handler(settings, show_strip),
            list(inputs),
            [self.strip, self.text],
            api_visibility="private",
            **heavy(self.text),
        )
        drawn.success(fn=None, inputs=self.strip, js=SAVE, api_visibility="private")


def _show_strip(strip_of: Callable[..., Strip], *values: Any) -> tuple[dict[str, str], str]:
    strip = strip_of(*values)
    file = {"file_name": f"{strip.name}.png", "picture": _data_url(strip)}
    return file, strip.description


def _data_url(strip: Strip) -> str:
    """The picture as a PNG; its description is in the file too."""
    picture = io.BytesIO()
    strip_figure(strip).savefig(
        picture, dpi=DOTS_PER_INCH, metadata={"Description": strip.description}
    )
    return "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
