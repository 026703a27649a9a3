"""What a mistake is: a wrong run, a right one, and the line of code in which they differ."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

CONTEXT = 2
"""Lines of code that a difference shows before and after it."""


@dataclass(frozen=True)
class Line:
    """The one line of a function's source that holds a piece of text; `str` gives it."""

    function: Callable[..., Any]
    piece: str

    def __str__(self) -> str:
        return self.in_context()[1].strip()

    def in_context(self) -> tuple[list[str], str, list[str]]:
        """The line, and up to two lines of the function before and after it."""
        source = textwrap.dedent(inspect.getsource(self.function)).splitlines()
        (at,) = (i for i, line in enumerate(source) if self.piece in line)
        return source[max(at - CONTEXT, 0) : at], source[at], source[at + 1 : at + 1 + CONTEXT]


Run = TypeVar("Run")


@dataclass(frozen=True)
class Mistake(Generic[Run]):
    """A wrong and a right run, each from a seed, and the line in which they differ.

    Attributes:
        wrong: the run with the mistake.
        right: the run without it.
        wrong_line: of the wrong run.
        right_line: of the right run, in its place.
        measure: the name of the measure in which wrong and right differ most clearly.
    """

    wrong: Callable[[int], Run]
    right: Callable[[int], Run]
    wrong_line: Line
    right_line: Line
    measure: str

    def diff(self) -> str:
        """The wrong function's name, then its line ("-"), the right one ("+") and neighbours."""
        before, wrong, after = self.wrong_line.in_context()
        indent = wrong[: len(wrong) - len(wrong.lstrip())]
        context = [[f"  {line}".rstrip() for line in lines] for lines in (before, after)]
        changed = [f"- {wrong}", f"+ {indent}{self.right_line}"]
        function = self.wrong_line.function
        place = f"@@ {function.__module__}.{function.__qualname__} @@"
        return "\n".join([place, *context[0], *changed, *context[1]])
