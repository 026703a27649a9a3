"""Long results: computed part by part, and remembered when they are whole."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")

_running: dict[tuple[str, str], object] = {}
"""Of each visitor in each section the newest run that is under way."""


class RememberLast(Generic[Key, Result]):
    """A generator of ever longer results of its settings, whose last one is the whole.

    Who asks for settings that were computed to the end is given that end at once, and nothing else.
    A generator that is closed before its end leaves nothing behind.
    """

    def __init__(self, function: Callable[[Key], Iterator[Result]], maxsize: int = 32) -> None:
        self.function = function
        self.maxsize = maxsize
        self._finished: OrderedDict[Key, Result] = OrderedDict()
        self._lock = Lock()

    def __call__(self, settings: Key) -> Iterator[Result]:
        """The results of `settings`, the last one the whole."""
        with self._lock:
            known = self._finished.get(settings)
        if known is not None:
            yield known
            return
        for result in self.function(settings):
            known = result
            yield known
        if known is not None:
            self._remember(settings, known)

    def last(self, settings: Key) -> Result:
        """The whole result."""
        *_, whole = self(settings)
        return whole

    def cache_clear(self) -> None:
        """Forget all results."""
        with self._lock:
            self._finished.clear()

    def _remember(self, settings: Key, result: Result) -> None:
        with self._lock:
            self._finished[settings] = result
            while len(self._finished) > self.maxsize:
                self._finished.popitem(last=False)


def until_newer(visitor: str | None, section: str, parts: Iterator[Result]) -> Iterator[Result]:
    """The parts of a visitor's run, until the same visitor starts another in the same section.

    Two runs that show themselves in one player would take turns.

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
    try:
        for part in parts:
            if _running.get(place) is not run:
                return
            yield part
    finally:
        if _running.get(place) is run:
            del _running[place]
