"""A store of the last results of a function, bounded by their number and by their memory."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import torch
from cachetools import LRUCache

Key = TypeVar("Key")
Result = TypeVar("Result")

MEGABYTES = 6.0
"""For the results of one function in one process. Of some thirty functions half reach it, so that
what is kept of a whole class stays well under what the rest of the app takes."""


class LastResults(LRUCache[Key, Result]):
    """The results that were used last.

    Args:
        count: at most so many.
        megabytes: at most so much; a result that is larger is kept alone, for who waits for it.
    """

    def __init__(self, count: int, megabytes: float = MEGABYTES) -> None:
        most = 1e6 * megabytes
        super().__init__(most, getsizeof=lambda result: min(size_in_bytes(result), most))
        self.count = count

    def __setitem__(self, key: Key, result: Result) -> None:
        """Keep a result, and let go of those that were not used for longest."""
        super().__setitem__(key, result)
        while len(self) > self.count:
            self.popitem()


def size_in_bytes(result: Any) -> int:
    """About the memory of a result: of its arrays, tensors and texts, each counted once."""
    return _size(result, set())


def _size(part: Any, seen: set[int]) -> int:
    if id(part) in seen:
        return 0
    seen.add(id(part))
    if isinstance(part, np.ndarray):
        return part.nbytes if part.base is None else _size(part.base, seen)
    if isinstance(part, torch.Tensor):
        return part.untyped_storage().nbytes()
    own = sys.getsizeof(part)
    if isinstance(part, str | bytes | type | ModuleType):
        return own
    if isinstance(part, Mapping):
        return own + sum(_size(each, seen) for pair in part.items() for each in pair)
    if isinstance(part, list | tuple | set | frozenset):
        return own + sum(_size(each, seen) for each in part)
    return own + _size(getattr(part, "__dict__", {}), seen)
