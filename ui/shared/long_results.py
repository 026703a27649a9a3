"""Runs of a visitor that fill the same outputs: the last one that was started wins."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Condition
from typing import Any

import gradio as gr

PATIENCE = 2.0
"""Seconds to wait until a value is at the page; a page that has gone takes none."""

Place = tuple[str, str]
"""A visitor, and a group of runs that fill the same outputs."""

_changed = Condition()
_newest: dict[Place, object] = {}
"""In each place the newest run that is under way."""

_sending: dict[Place, object] = {}
"""In each place the run whose value is on its way to the page."""


def visitor_of(request: gr.Request) -> str | None:
    """The session of a page; None for a program, whose calls do not end one another."""
    return request.session_hash if request.headers.get("x-gradio-user") == "app" else None


def until_newer(visitor: str | None, group: str, parts: Iterator[Any]) -> Iterator[Any]:
    """The parts of a visitor's run, until the same visitor starts another in the same group.

    What the page shows at the end is of the run that was started last, whichever is ready first: a
    run waits until the value of another is at the page, and Gradio continues a generator only
    then. It also sends the last value of a generator twice, perhaps after that of a newer run. So
    the last value here changes nothing.

    Args:
        visitor: the session, or None of one that has none and is not limited.
        group: the runs that fill the same outputs.
        parts: the run.
    """
    if visitor is None:
        yield from parts
        return
    place, run = (visitor, group), object()
    with _changed:
        _newest[place] = run
        _changed.notify_all()
    nothing: Any = gr.skip()
    try:
        for part in parts:
            nothing = [gr.skip()] * len(part) if isinstance(part, list | tuple) else gr.skip()
            if not _begins_to_send(place, run):
                break
            yield part
            _has_sent(place, run)
        yield nothing
    finally:
        _has_sent(place, run)
        with _changed:
            if _newest.get(place) is run:
                del _newest[place]


def _begins_to_send(place: Place, run: object) -> bool:
    """Wait for one's turn; false if there is a newer run by then."""
    with _changed:
        _changed.wait_for(lambda: _newest.get(place) is not run or place not in _sending, PATIENCE)
        if _newest.get(place) is not run:
            return False
        _sending[place] = run
        return True


def _has_sent(place: Place, run: object) -> None:
    with _changed:
        if _sending.get(place) is run:
            del _sending[place]
            _changed.notify_all()
