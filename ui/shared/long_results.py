"""Long runs of a visitor: a newer one ends the older."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

_running: dict[tuple[str, str], object] = {}
"""Of each visitor in each section the newest run that is under way."""


def until_newer(visitor: str | None, section: str, parts: Iterator[Any]) -> Iterator[Any]:
    """The parts of a visitor's run, until the same visitor starts another in the same section.

    Two runs that show themselves in one player would take turns. A run that is ended before its
    first part changes nothing: for a generator without any value Gradio empties every output.

    Args:
        visitor: the session, or None of one that has none and is not limited.
        section: where the results are shown.
        parts: the run.
    """
    if visitor is None:
        yield from parts
        return
    place, run = (visitor, section), object()
    _running[place] = run
    begun = False
    try:
        for part in parts:
            if _running.get(place) is not run:
                if not begun:
                    yield [gr.skip()] * len(part) if isinstance(part, list) else gr.skip()
                return
            begun = True
            yield part
    finally:
        if _running.get(place) is run:
            del _running[place]
