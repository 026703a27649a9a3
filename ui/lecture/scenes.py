"""Scenes of a lecture, and the questions that they put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ui.shared.control_types import readable
from ui.shared.settings import Settings


@dataclass(frozen=True)
class Question:
    """What students predict before they see it.

    Attributes:
        text: the question.
        truth: the name of the function in `TRUTHS` that computes the answer, or nothing.
        choices: the answers to choose from; empty if the answer is a number.
        low: the least number that is accepted.
        high: the largest one.
        unit: of the number.
        sounds: the two runs of *Side by side* that are A and B, if students are to hear which of
            them X is; then there is no `truth`, as X is drawn for each student.
    """

    text: str
    truth: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    sounds: tuple[int, ...] = ()

    def check(self, answer: Any) -> str | float:
        """An answer as it is counted.

        Raises:
            ValueError: if it is none of the choices, or no number in the range.
        """
        if self.choices:
            if answer not in self.choices:
                raise ValueError(
                    f"answer must be one of {', '.join(self.choices)}, got {readable(answer)}"
                )
            return str(answer)
        is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
        if not is_number or not self.low <= answer <= self.high:
            raise ValueError(
                f"answer must be a number in [{self.low:g}, {self.high:g}], got {readable(answer)}"
            )
        return float(answer)


@dataclass(frozen=True)
class Scene:
    """A scene of a lecture.

    Attributes:
        name: of its file.
        title: a few words.
        part: the part of the lecture that it belongs to.
        view: a link to what it shows, `?tab=…`; what it does not name has its default.
        settings: the settings that the link means.
        picture: the id of the component to show, of those of the section.
        text: a few lines, as HTML.
        notice: what to notice, as HTML.
        notes: for the lecturer, as HTML.
        question: to answer before the view is shown, if any.
    """

    name: str
    title: str
    part: str
    view: str
    settings: Settings
    picture: str
    text: str
    notice: str
    notes: str
    question: Question | None


def short_link(view: str, sections: Sequence[type[Settings]]) -> str:
    """The link to the same view that leaves out what equals the default.

    Raises:
        ValueError: if it leads to no section, or a setting is out of its range.
    """
    query = dict(parse_qsl(view.removeprefix("?"), keep_blank_values=True))
    section = next((each for each in sections if each.is_at(query.get("tab"))), None)
    if section is None:
        raise ValueError(f"the link names no section of the page: tab={query.get('tab')!s:.40}")
    shown = {name: value for name, value in query.items() if "." in name}  # in the players
    link = section.from_query(query).to_link()
    return f"{link}&{urlencode(shown)}" if shown else link
