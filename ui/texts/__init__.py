"""The page's texts, apart from its code: a folder for each language, with a file for each section.

Names that links and programs use, of sections and of options, stand in the code, in English. Where
the page shows them in another language, they are texts too: `title`, and `controls.NAME.options.…`.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ENGLISH = "en"

PLACE = re.compile(r"\{([a-z]\w*)(?::([^{}]*))?\}")
"""Where a value stands, and its format."""

_chosen = {"language": ENGLISH}


def languages() -> list[str]:
    """The languages that have a folder."""
    return sorted(each.name for each in FOLDER.iterdir() if any(each.glob("*.toml")))


def use_language(language: str) -> None:
    """Show the page in a language from now on; choose it before the page is built.

    Raises:
        ValueError: if it has no folder.
    """
    if language not in languages():
        raise ValueError(f"language must be one of {', '.join(languages())}, got {language!r}")
    _chosen["language"] = language


def language() -> str:
    """The language of the page."""
    return _chosen["language"]


@cache
def read(language: str, file: str) -> dict[str, str]:
    """The texts of a file by their keys, such as `tries.walk.action`; none, if it is not there."""
    path = FOLDER / language / f"{file}.toml"
    return _flat(tomllib.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _flat(table: dict[str, Any], place: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        inner = _flat(value, f"{place}{key}.") if isinstance(value, dict) else {place + key: value}
        found |= {name: text.strip() for name, text in inner.items()}
    return found


class Texts:
    """The texts of one file, in the language of the page; in English, where a translation has none.

    A module names its file once, `TEXTS = Texts("score-field")`, and reads a text where it shows
    it: `TEXTS["details"]`. As the module is imported the language is not chosen yet.
    """

    def __init__(self, file: str) -> None:
        self.file = file

    def __getitem__(self, key: str) -> str:
        """A text as it stands.

        Raises:
            KeyError: if there is none.
        """
        text = self.get(key)
        if not text:
            raise KeyError(f"{self.file}.toml has no text {key}")
        return text

    def get(self, key: str) -> str:
        """A text as it stands, or nothing."""
        return read(language(), self.file).get(key) or read(ENGLISH, self.file).get(key, "")

    def everything(self) -> dict[str, str]:
        """All texts of the file by their keys, as they stand."""
        return read(ENGLISH, self.file) | read(language(), self.file)

    def option(self, control: str, option: str) -> str:
        """What the page calls an option of a control: what a translation says, or its own name."""
        return self.get(f"controls.{control}.options.{option}") or option

    def say(self, key: str, **values: Any) -> str:
        """A text with values in their places, `{name}` or `{name:.2f}`.

        All other braces belong to formulas, and stay.

        Raises:
            KeyError: if there is no such text.
        """

        def put(place: re.Match[str]) -> str:
            name, form = place.groups("")
            return format(values[name], form) if name in values else place[0]

        return PLACE.sub(put, self[key])
