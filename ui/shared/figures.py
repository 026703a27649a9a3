"""Static charts: matplotlib figures as SVG, for light and dark pages of any width."""

from __future__ import annotations

import html
import io
import re
import zlib
from collections.abc import Callable

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure

STYLES = (("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-."), ("#CC79A7", ":"))
"""Okabe & Ito's colours that stand out on white and on black, each with a line style of its own."""

INK = "#808080"
"""The grey of axes and letters in matplotlib. The page shows `INK_ON_PAGE` in its place: no single
grey has a contrast of 4.5 to a white page and to a dark one."""

INK_ON_PAGE = "var(--body-text-color-subdued)"


matplotlib.rcParams["svg.hashsalt"] = "equal figures are equal texts"

MAX_WIDTH = "40rem"
"""The width of a chart in a wide column at most: its letters grow with it."""


def chart(panels: int = 1, height: float = 2.5) -> tuple[Figure, list[Axes]]:
    """A figure with panels one below the other, each `height` inches high, on one x axis."""
    figure = Figure(figsize=(4.6, panels * height), layout="constrained")
    column = list(figure.subplots(panels, sharex=True, squeeze=False)[:, 0])
    for axes in column:
        axes.set_facecolor("none")
        axes.tick_params(colors=INK, which="both")
        axes.xaxis.label.set_color(INK)
        axes.yaxis.label.set_color(INK)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(INK)
    return figure, column


def svg(figure: Figure, description: str) -> str:
    """HTML with the figure as wide as its column, and what it shows for those who cannot see it."""
    drawing = _drawn(figure)
    # What matplotlib names in one chart may have the same name in another chart of the page.
    own = f"chart-{zlib.crc32(description.encode()):08x}-"
    drawing = re.sub(r'(\bid="|\burl\(#|\bhref="#)', rf"\g<1>{own}", drawing)
    drawing = drawing.replace(INK, INK_ON_PAGE)
    size = f'style="display:block;width:100%;max-width:{MAX_WIDTH};height:auto;margin:auto"'
    drawing = re.sub(r'width="[^"]+pt" height="[^"]+pt"', size, drawing, count=1)
    return f'<div role="img" aria-label="{html.escape(description)}">{drawing}</div>'


class _Canvas(FigureCanvasSVG):
    """A canvas with one renderer for the layout and the drawing.

    `Figure.savefig` makes three, draws twice and measures every text, of ticks too, three times.
    """

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self.buffer = io.StringIO()
        image_dpi, figure.dpi = figure.dpi, self.fixed_dpi
        width, height = self.fixed_dpi * figure.get_size_inches()
        self._renderer = RendererSVG(  # type: ignore[no-untyped-call]
            width, height, self.buffer, image_dpi=image_dpi, metadata={"Date": None}
        )

    def get_renderer(self) -> RendererSVG:
        """What matplotlib's layout measures texts with."""
        return self._renderer


def _find_ticks_once(axis: Axis) -> None:
    """Place the ticks of an axis again only after its range or the place of its axes has changed.

    The layout and the drawing ask for them eleven times, which took two fifths of a chart's time.
    """
    place: Callable[[], list[Tick]] = axis._update_ticks  # type: ignore[attr-defined]
    known: dict[tuple[float, ...], list[Tick]] = {}

    def ticks() -> list[Tick]:
        where = (*axis.get_view_interval(), *axis.axes.bbox.bounds)
        if where not in known:
            known.clear()
            known[where] = place()
        return known[where]

    axis._update_ticks = ticks  # type: ignore[attr-defined]


def _drawn(figure: Figure) -> str:
    """The figure as an SVG, on no ground."""
    canvas = _Canvas(figure)
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set(facecolor="none", edgecolor="none")
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            _find_ticks_once(axis)
    renderer = canvas.get_renderer()
    figure.draw(renderer)
    renderer.finalize()  # type: ignore[no-untyped-call]
    drawing = canvas.buffer.getvalue()
    return drawing[drawing.index("<svg") :]
