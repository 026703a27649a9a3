"""Results are computed once: kept, and shared by all who ask for the same while it is computed."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from threading import Condition
from typing import Any, Generic, ParamSpec, TypeVar

from cachetools import cached

from ui.shared.bounded import MEGABYTES, LastResults

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Part = TypeVar("Part")

PATIENCE = 2.0
"""Seconds for which a run may rest, its visitor gone perhaps, until another one replaces it."""


def computed_once(
    maxsize: int, megabytes: float = MEGABYTES
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Decorate a function like `lru_cache`; equal calls at the same time compute only once."""
    results: LastResults[Any, Any] = LastResults(maxsize, megabytes)
    return cached(results, condition=Condition(), info=True)


@dataclass
class Run(Generic[Part]):
    """A computation that is under way.

    Attributes:
        parts: how many it has yielded.
        latest: the last of them alone, or nothing yet.
        rests_since: when it yielded that one; None while it computes.
    """

    parts: int = 0
    latest: list[Part] = field(default_factory=list)
    rests_since: float | None = None

    @property
    def left_alone(self) -> bool:
        """Whether nobody has continued it for a while."""
        return self.rests_since is not None and time.monotonic() - self.rests_since > PATIENCE


class SharedRuns(Generic[Part, Result]):
    """A generator function whose results are kept and whose equal runs are one run.

    The first caller computes. Who calls with equal arguments meanwhile gets the latest part of that
    run and those that follow. If the first caller closes its generator, fails or does not continue
    it, one of the others computes anew. Only finished results are kept.

    Args:
        compute: yields parts and returns the result; its arguments are hashable.
        maxsize: how many results are kept.
    """

    def __init__(
        self, compute: Callable[..., Generator[Part, None, Result]], maxsize: int = 64
    ) -> None:
        self.compute = compute
        self._finished: LastResults[tuple[Any, ...], Result] = LastResults(maxsize)
        self._running: dict[tuple[Any, ...], Run[Part]] = {}
        # Its lock is re-entrant: the collector of garbage may close a generator anywhere.
        self._changed = Condition()

    def parts(self, *arguments: Any) -> Generator[Part, None, Result]:
        """The parts that are still to come, and the result; no parts if it is there already."""
        while True:
            with self._changed:
                if arguments in self._finished:
                    return self._finished[arguments]
                run = self._running.get(arguments)
                leads = run is None or run.left_alone
                if run is None or leads:
                    run = self._running[arguments] = Run()
            yield from (self._lead if leads else self._follow)(run, arguments)

    def has(self, *arguments: Any) -> bool:
        """Whether the result is there already."""
        with self._changed:
            return arguments in self._finished

    def cache_clear(self) -> None:
        """Forget all results."""
        with self._changed:
            self._finished.clear()

    def _lead(self, run: Run[Part], arguments: tuple[Any, ...]) -> Iterator[Part]:
        """Compute, until the end or until another run has replaced this one."""
        try:
            with closing(self.compute(*arguments)) as parts:
                while self._running.get(arguments) is run:
                    try:
                        part = next(parts)
                    except StopIteration as end:
                        with self._changed:
                            self._finished[arguments] = end.value
                        return
                    self._publish(run, part)
                    yield part
                    run.rests_since = None
        finally:
            with self._changed:
                if self._running.get(arguments) is run:
                    del self._running[arguments]
                self._changed.notify_all()

    def _publish(self, run: Run[Part], part: Part) -> None:
        with self._changed:
            run.parts += 1
            run.latest = [part]
            run.rests_since = time.monotonic()
            self._changed.notify_all()

    def _follow(self, run: Run[Part], arguments: tuple[Any, ...]) -> Iterator[Part]:
        """The latest part of another's run and those that follow, until it ends or is left."""
        seen = 0
        while True:
            with self._changed:
                if run.parts == seen and not run.left_alone:
                    self._changed.wait(PATIENCE)
                ended = self._running.get(arguments) is not run
                if ended or (run.parts == seen and run.left_alone):
                    return
                news = run.latest if run.parts > seen else []
                seen = run.parts
            yield from news


class Stepwise(SharedRuns[str, Result]):
    """A function like one with `lru_cache`, whose computation can be watched and stopped.

    It is made of a generator that yields texts on how far it is and returns the result.
    """

    def __call__(self, *arguments: Any) -> Result:
        """The result, computed to its end if it is not there."""
        return _end(self.parts(*arguments))

    def steps(self, *arguments: Any) -> Iterator[str]:
        """Compute the result, telling how far it is; nothing if it is there already."""
        yield from self.parts(*arguments)


class RememberLast(SharedRuns[Result, Result]):
    """A generator of ever longer results of its settings, whose last one is the whole.

    Who calls it with settings that were computed to the end gets that end at once and nothing else.
    """

    def __init__(self, function: Callable[[Any], Iterator[Result]], maxsize: int = 32) -> None:
        def compute(settings: Any) -> Generator[Result, None, Result]:
            for result in function(settings):
                yield result
            return result

        super().__init__(compute, maxsize)

    def __call__(self, settings: Any) -> Iterator[Result]:
        """The results of `settings`, the last one the whole."""
        shown: list[Result] = []
        with closing(self.parts(settings)) as run:
            while True:
                try:
                    shown = [next(run)]
                except StopIteration as end:
                    if not shown or shown[0] is not end.value:
                        yield end.value
                    return
                yield shown[0]

    def last(self, settings: Any) -> Result:
        """The whole result."""
        return _end(self.parts(settings))


def _end(run: Generator[Any, None, Result]) -> Result:
    while True:
        try:
            next(run)
        except StopIteration as end:
            result: Result = end.value
            return result
