"""Strips of ten panels in a row, as the tutorial prints them: a picture to keep of what moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr
from gradio.components import Component
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ui.shared.controls import handler, heavy
from ui.shared.settings import Settings

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


@dataclass(frozen=True)
class StripControls:
    """The button that draws a strip, the one that downloads it, and what it shows, in words."""

    make: gr.Button
    download: gr.DownloadButton
    text: gr.Markdown

    @classmethod
    def lay_out(cls) -> StripControls:
        """Show them inside the present context."""
        make = gr.Button("Draw a strip of ten panels", size="sm")
        download = gr.DownloadButton("Download strip (PNG)", size="sm", visible=False)
        return cls(make, download, gr.Markdown())

    def wire(
        self,
        settings: type[Settings],
        strip_of: Callable[[Any], Strip],
        inputs: Sequence[Component],
    ) -> None:
        """Let the first button draw the strip of the controls' settings, for the second to give."""

        def show_strip(chosen: Settings) -> Iterator[tuple[Any, str]]:
            strip = strip_of(chosen)
            with TemporaryDirectory() as folder:  # Gradio copies the file before it goes on
                path = Path(folder) / f"{strip.name}.png"
                strip_figure(strip).savefig(path, dpi=DOTS_PER_INCH)
                yield gr.DownloadButton(value=path, visible=True), strip.description

        self.make.click(
            handler(settings, show_strip),
            list(inputs),
            [self.download, self.text],
            api_visibility="private",
            **heavy(self.text),
        )
