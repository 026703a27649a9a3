"""Long computations: they tell how far they are, can be stopped there, and are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")

MAX_KEPT = 64


class Stepwise(Generic[Result]):
    """A function like one with `lru_cache`, whose computation can be watched and stopped.

    It is made of a generator that yields texts on how far it is and returns the result. Only
    finished results are kept.
    """

    def __init__(self, compute: Callable[..., Generator[str, None, Result]]) -> None:
        self.compute = compute
        self._kept: OrderedDict[tuple[Any, ...], Result] = OrderedDict()

    def __call__(self, *arguments: Any) -> Result:
        """The result, computed to its end if it is not there."""
        for _ in self.steps(*arguments):
            pass
        return self._kept[arguments]

    def steps(self, *arguments: Any) -> Iterator[str]:
        """Compute the result, telling how far it is; nothing if it is there already."""
        if arguments in self._kept:
            return
        self._kept[arguments] = yield from self.compute(*arguments)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    def cache_clear(self) -> None:
        """Forget all results."""
        self._kept.clear()
