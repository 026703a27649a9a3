"""What a control is: a number, a choice or a text, with its range and its texts."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from reprlib import Repr
from typing import Any

from ui.texts import Texts

SHARED = Texts("shared")

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def readable(value: Any) -> str:
    """A value as an error message shows it: 999,999; 0.000001; nothing; 'a word'."""
    if value is None or value == "":
        return SHARED["nothing"]
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return _SHORT.repr(value)
    if not 1e-6 <= abs(number) < 1e15:  # 0, infinities, NaN, and what has too many digits
        return f"{number:g}"
    return f"{number:,.6f}".rstrip("0").rstrip(".")


class Control(ABC):
    """What a field of `Settings` is declared with; it finds its texts by the section and the name.

    Attributes:
        section: the address of the section.
        name: of the field, without the number of a run: that of `steps_2` is steps.
    """

    section = name = ""

    @property
    def label(self) -> str:
        """What the page and the errors call it, with its unit."""
        return self._text("label") or self.name

    @property
    def info(self) -> str:
        """An explanation, or nothing."""
        return self._text("info")

    def option_label(self, option: str) -> str:
        """What the page calls an option."""
        own = Texts(self.section).option(self.name, option)
        return own if own != option else SHARED.option(self.name, option)

    @property
    @abstractmethod
    def allowed(self) -> str:
        """Which values it takes, in words."""

    def refusal(self, got: str) -> ValueError:
        """The error of a value that it does not take."""
        return ValueError(SHARED.say("must_be", label=self.label, allowed=self.allowed, got=got))

    def _text(self, what: str) -> str:
        key = f"controls.{self.name}.{what}"
        return Texts(self.section).get(key) or SHARED.get(key)


@dataclass
class Number(Control):
    """A number in [low, high] with its step."""

    low: float
    high: float
    step: float
    log: bool = False
    """Whether its slider moves in log10 of the value."""

    @property
    def allowed(self) -> str:
        """Which values it takes, in words."""
        low, high = readable(self.low), readable(self.high)
        if isinstance(self.step, int):
            return SHARED.say("allowed.integer", low=low, high=high)
        return SHARED.say("allowed.number", low=low, high=high)

    def check(self, value: Any) -> float:
        """The value as an int or float, as the step says; ValueError if it is not in range."""
        integer = isinstance(self.step, int)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not self.low <= number <= self.high or (integer and number != round(number)):
            raise self.refusal(readable(value))
        return int(number) if integer else number


@dataclass
class Choice(Control):
    """One of a few options."""

    options: tuple[str, ...]
    old_options: Mapping[str, str] = field(default_factory=dict)
    """Names that options had in earlier versions, in links and calls that still exist."""

    @property
    def allowed(self) -> str:
        """Which values it takes, in words."""
        return SHARED.say("allowed.option", options=", ".join(self.options))

    def check(self, value: Any) -> str:
        """The value; ValueError if it is none of the options."""
        if isinstance(value, str):
            value = self.old_options.get(value, value)
        if value not in self.options:
            raise self.refusal(readable(value))
        return str(value)


@dataclass
class Text(Control):
    """A short text that `parse` understands; no control shows it, for other components make it."""

    parse: Callable[[str], Any]
    max_length: int

    @property
    def allowed(self) -> str:
        """Which values it takes, in words."""
        return SHARED.say("allowed.text", most=readable(self.max_length))

    def check(self, value: Any) -> str:
        """The value; ValueError if it is no text, too long, or not understood."""
        if not isinstance(value, str) or len(value) > self.max_length:
            got = readable(len(value)) if isinstance(value, str) else readable(value)
            raise self.refusal(got)
        try:
            self.parse(value)
        except ValueError as error:
            raise ValueError(SHARED.say("must_be_what", label=self.label, error=error)) from error
        return value
