"""What a section is: the page, its opening and the tests take it as this one object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ui.shared.introduction import Introduction
from ui.shared.settings import Settings


@dataclass(frozen=True)
class Section:
    """A section of a tab.

    Attributes:
        settings: its controls; they name it.
        introduction: the three short parts that it begins with.
        build: lays it out inside the present Gradio context and wires it.
        shows: functions of its settings that make what it opens on.
        as_python: of its settings a Python program that gives the same numbers as the page.
        heard: expressions of sounds that the program leaves, (samples,) at 22,050 Hz.
    """

    settings: type[Settings]
    introduction: Introduction
    build: Callable[[], None]
    shows: Sequence[Callable[[Any], Any]]
    as_python: Callable[[Any], str]
    heard: tuple[str, ...] = ()
