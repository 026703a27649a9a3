"""Runs of a visitor that fill the same outputs: the last one that was started wins."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from threading import Condition
from typing import Any

import gradio as gr
from cachetools import LRUCache

ARRIVAL = "x-arrival"
"""A header that the server itself gives to each request: its number, in the order of arrival."""

PLACES = 4_096
"""For so many it is remembered which request was the last: those of some three hundred pages."""

PATIENCE = 2.0
"""Seconds to wait for the end of an older run: it may be in a long step, or its page gone."""

Place = tuple[str, str]
"""A visitor, and a group of runs that fill the same outputs."""

_changed = Condition()
_newest: dict[Place, object] = {}
"""In each place the newest run that is under way."""

_last_arrivals: LRUCache[Place, int] = LRUCache(PLACES)
"""In each place the request of the newest run, which may have ended."""

_shown: dict[Place, set[object]] = {}
"""In each place the runs under way of which the page has a value."""


@dataclass(frozen=True)
class Visit:
    """A request of a page.

    Attributes:
        session: of the page.
        arrival: its number, in the order of arrival. Requests may begin in another order: an
            answer that is kept does not wait for its turn, and threads start as they can.
    """

    session: str
    arrival: int = 0


def visit_of(request: gr.Request) -> Visit | None:
    """What a page requests; None for a program, whose calls do not end one another."""
    if request.headers.get("x-gradio-user") != "app" or request.session_hash is None:
        return None
    return Visit(request.session_hash, int(request.headers.get(ARRIVAL, 0)))


def until_newer(
    visit: Visit | None, group: str, parts: Iterator[Any]
) -> Generator[Any, None, None]:
    """The parts of a visitor's run, until the same visitor starts another in the same group.

    At the end the page shows the run that was requested last, whichever begins or is ready first.
    As a generator ends, Gradio sends its last value again: a run waits until the older ones have
    ended, before it begins and, if that took too long, before it ends. A run that is ended before
    its first part changes nothing: for a generator without any value Gradio empties every output.

    Args:
        visit: the request, or None of a program, which is not limited.
        group: the runs that fill the same outputs.
        parts: the run.
    """
    if visit is None:
        yield from parts
        return
    place, run = (visit.session, group), object()
    with _changed:
        if visit.arrival >= _last_arrivals.get(place, 0):
            _last_arrivals[place] = visit.arrival
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


def unless_newer(visit: Visit | None, group: str, compute: Callable[[], Any]) -> Any:
    """The value of a function, as the only part of a run; skips, if there is a newer run."""
    with closing(until_newer(visit, group, (each() for each in [compute]))) as run:
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
