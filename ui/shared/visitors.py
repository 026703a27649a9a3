"""Work for nobody in particular waits while a visitor's computation is under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

_changed = Condition()
_at_work: list[object] = []


@contextmanager
def at_work() -> Iterator[None]:
    """A visitor's computation is under way."""
    mark = object()
    with _changed:
        _at_work.append(mark)
    try:
        yield
    finally:
        with _changed:
            _at_work.remove(mark)
            _changed.notify_all()


def wait_until_idle() -> None:
    """Wait until no visitor's computation is under way."""
    with _changed:
        _changed.wait_for(lambda: not _at_work)
