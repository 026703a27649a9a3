"""Runs of a visitor that fill the same outputs: the last one that was started wins."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from threading import Condition
from typing import Any

import gradio as gr

PATIENCE = 2.0
"""Seconds to wait for the end of an older run: it may be in a long step, or its page gone."""

Place = tuple[str, str]
"""A visitor, and a group of runs that fill the same outputs."""

_changed = Condition()
_newest: dict[Place, object] = {}
"""In each place the newest run that is under way."""

_shown: dict[Place, set[object]] = {}
"""In each place the runs under way of which the page has a value."""


def visitor_of(request: gr.Request) -> str | None:
    """The session of a page; None for a program, whose calls do not end one another."""
    return request.session_hash if request.headers.get("x-gradio-user") == "app" else None


def until_newer(
    visitor: str | None, group: str, parts: Iterator[Any]
) -> Generator[Any, None, None]:
    """The parts of a visitor's run, until the same visitor starts another in the same group.

    At the end the page shows the run that was started last, whichever is ready first. As a
    generator ends, Gradio sends its last value again: a run waits until the older ones have ended,
    before it begins and, if that took too long, before it ends. A run that is ended before its
    first part changes nothing: for a generator without any value Gradio empties every output.

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
    begun = False
    try:
        for part in parts:
            if not begun:
                _wait_for_older(place, run)
            if _newest.get(place) is not run:
                if not begun:
                    several = isinstance(part, list | tuple)
                    yield [gr.skip()] * len(part) if several else gr.skip()
                return
            begun = True
            with _changed:
                _shown.setdefault(place, set()).add(run)
            yield part
        _wait_for_older(place, run)
    finally:
        _forget(place, run)


def unless_newer(visitor: str | None, group: str, compute: Callable[[], Any]) -> Any:
    """The value of a function, as the only part of a run; skips, if there is a newer run."""
    with closing(until_newer(visitor, group, (each() for each in [compute]))) as run:
        return next(run)


def _wait_for_older(place: Place, run: object) -> None:
    """Wait until the page has no value of another run under way, or there is a newer one."""
    with _changed:
        _changed.wait_for(
            lambda: _newest.get(place) is not run or not _shown.get(place, set()) - {run},
            PATIENCE,
        )


def _forget(place: Place, run: object) -> None:
    with _changed:
        _shown.get(place, set()).discard(run)
        if not _shown.get(place):
            _shown.pop(place, None)
        if _newest.get(place) is run:
            del _newest[place]
        _changed.notify_all()
