"""The file of a scene: Markdown with front matter, so that a lecturer can write others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, get_type_hints
from urllib.parse import parse_qsl

import yaml
from markdown_it import MarkdownIt

from ui.lecture.listening import SOUNDS
from ui.lecture.scenes import Question, Scene
from ui.lecture.truths import TRUTHS
from ui.shared.sampler_runs import RUNS
from ui.shared.settings import Settings
from ui.sound.side_by_side.compute import SideBySideSettings
from ui.texts import ENGLISH

NOTICE, NOTES = "## What to notice", "## Notes"
"""Headings of a scene's second and third part; the first has none."""

REQUIRED, OPTIONAL = ("title", "part", "view", "picture"), ("question",)
CHOICE_KEYS, NUMBER_KEYS = ("text", "truth", "choices"), ("text", "truth", "low", "high", "unit")
SOUND_KEYS = ("text", "sounds")

SAME_OF_QUESTION = ("truth", "choices", "low", "high", "sounds")
SAME = ("view", "picture", *(f"question.{key}" for key in SAME_OF_QUESTION))
"""What a translation has as the English scene has it; choices are names of options."""

_markdown = MarkdownIt("commonmark", {"html": False})


def read_lecture(
    folder: Path, sections: Sequence[type[Settings]], language: str = ENGLISH
) -> list[Scene]:
    """All scenes of a folder, in the order of their files' names.

    A scene in the folder `LANGUAGE` takes the place of the English one of its name.

    Raises:
        ValueError: if there is none, or if one is broken, with its file and line.
    """
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise ValueError(f"{folder} has no scene: a scene is a Markdown file, NAME.md")
    for path in sorted((folder / language).glob("*.md")):
        if not (folder / path.name).exists():
            raise ValueError(f"{path}:1: there is no English scene {folder / path.name}")
    return [_read_in(language, path, sections) for path in paths]


def _read_in(language: str, path: Path, sections: Sequence[type[Settings]]) -> Scene:
    english, translated = _SceneFile(path, sections), path.parent / language / path.name
    if not translated.exists():
        return english.scene()
    found = _SceneFile(translated, sections)
    scene = found.scene()
    found.check_same(english)
    return scene


def read_scene(path: Path, sections: Sequence[type[Settings]]) -> Scene:
    """The scene of one file.

    Raises:
        ValueError: if it is broken, as "FILE:LINE: what is wrong".
    """
    return _SceneFile(path, sections).scene()


class _SceneFile:
    """A file while it is read; `lines` has the line of each key of the front matter."""

    def __init__(self, path: Path, sections: Sequence[type[Settings]]) -> None:
        self.path = path
        self.sections = sections
        self.lines: dict[str, int] = {}
        text = path.read_text(encoding="utf-8")
        found = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
        if not found:
            self.refuse(1, "front matter between two lines --- must come first")
        self.body_line = text[: found.end()].count("\n") + 1
        self.front = self._front(found[1])
        self.body = text[found.end() :]

    def refuse(self, line: int, reason: str) -> NoReturn:
        raise ValueError(f"{self.path}:{line}: {reason}")

    def _front(self, text: str) -> dict[str, Any]:
        try:
            node = yaml.compose(text, yaml.SafeLoader)
            values = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line if error.problem_mark else 0
            self.refuse(line + 2, f"the front matter is not YAML: {error.problem}")
        if not isinstance(node, yaml.MappingNode):
            self.refuse(2, "the front matter must be lines of the form `key: value`")
        self._note_lines(node, "")
        return dict(values)

    def _note_lines(self, node: yaml.MappingNode, prefix: str) -> None:
        for key, value in node.value:
            self.lines[prefix + str(key.value)] = key.start_mark.line + 2
            if isinstance(value, yaml.MappingNode):
                self._note_lines(value, f"{key.value}.")

    def scene(self) -> Scene:
        self._check_keys(self.front, REQUIRED, OPTIONAL)
        settings = self._settings(self._text(self.front, "view"))
        text, notice, notes = self._parts()
        return Scene(
            name=self.path.stem,
            title=self._text(self.front, "title"),
            part=self._text(self.front, "part"),
            view=self._text(self.front, "view"),
            settings=settings,
            picture=self._text(self.front, "picture"),
            text=_markdown.render(text),
            notice=_markdown.render(notice),
            notes=_markdown.render(notes),
            question=self._question(settings) if "question" in self.front else None,
        )

    def check_same(self, english: _SceneFile) -> None:
        """Refuse a translation with another view or question than the English scene has."""
        for key in SAME:
            mine, other = self._value(key), english._value(key)
            if mine != other:
                line = self.lines.get(key, self.lines.get("question", 1))
                self.refuse(line, f"`{key}` must be {other!r}, as in English, got {mine!r}")

    def _value(self, key: str) -> Any:
        outer, _, inner = key.partition(".")
        found = self.front.get(outer)
        return found.get(inner) if inner and isinstance(found, dict) else found

    def _check_keys(
        self,
        found: Mapping[str, Any],
        required: Sequence[str],
        optional: Sequence[str],
        prefix: str = "",
    ) -> None:
        line = self.lines.get(prefix.rstrip("."), 1)
        for key in required:
            if key not in found:
                self.refuse(line, f"`{prefix}{key}` is missing")
        for key in found:
            if key not in (*required, *optional):
                known = ", ".join((*required, *optional))
                self.refuse(self.lines[prefix + str(key)], f"`{key}` is none of {known}")

    def _text(self, found: Mapping[str, Any], key: str, prefix: str = "") -> str:
        value = found[key]
        if not isinstance(value, str) or not value.strip():
            self.refuse(self.lines[prefix + key], f"`{key}` must be a text, got {value!r}")
        return value.strip()

    def _settings(self, view: str) -> Settings:
        line = self.lines["view"]
        if not view.startswith("?"):
            self.refuse(line, f"`view` must be a link that begins with ?tab=, got {view!r}")
        query = dict(parse_qsl(view[1:], keep_blank_values=True))
        section = next((each for each in self.sections if each.tab == query.get("tab")), None)
        if section is None:
            self.refuse(line, f"`view` names no section of the page: tab={query.get('tab')}")
        for name in query:
            if name not in ("tab", *section.names()) and "." not in name:
                self.refuse(line, f"`view` sets {name!r}, which is no control of {section.title}")
        try:
            return section.from_query(query)
        except ValueError as error:
            self.refuse(line, f"`view`: {error}")

    def _parts(self) -> tuple[str, str, str]:
        """Text, what to notice, and notes."""
        rest, notes_heading, notes = self.body.partition(f"\n{NOTES}\n")
        text, notice_heading, notice = rest.partition(f"\n{NOTICE}\n")
        for heading, found, part in (
            ("a few lines of text", True, text),
            (NOTICE, notice_heading, notice),
            (NOTES, notes_heading, notes),
        ):
            if not found or not part.strip():
                self.refuse(self.body_line, f"below the front matter, {heading!r} is missing")
        return text, notice, notes

    def _question(self, settings: Settings) -> Question:
        found, line = self.front["question"], self.lines["question"]
        if not isinstance(found, dict):
            self.refuse(line, "`question` must have `text`, `truth`, and `choices` or a range")
        if "sounds" in found:
            return self._listening(found, settings)
        keys = CHOICE_KEYS if "choices" in found else NUMBER_KEYS
        self._check_keys(found, keys, (), "question.")
        truth = self._truth(self._text(found, "truth", "question."), settings, "choices" in found)
        text = self._text(found, "text", "question.")
        if "choices" in found:
            choices = found["choices"]
            good = isinstance(choices, list) and all(isinstance(each, str) for each in choices)
            if not good or len(set(choices)) < max(len(choices), 2):
                self.refuse(self.lines["question.choices"], "`choices` must be two or more texts")
            return Question(text, truth, tuple(choices))
        low, high = found["low"], found["high"]
        if not all(isinstance(each, int | float) for each in (low, high)) or not low < high:
            self.refuse(self.lines["question.low"], "`low` must be a number below `high`")
        return Question(text, truth, (), low, high, self._text(found, "unit", "question."))

    def _listening(self, found: Mapping[str, Any], settings: Settings) -> Question:
        self._check_keys(found, SOUND_KEYS, (), "question.")
        line, runs = self.lines["question.sounds"], found["sounds"]
        if not isinstance(settings, SideBySideSettings):
            title = SideBySideSettings.title
            self.refuse(line, f"`sounds` are runs of {title}, not of {settings.title}")
        used = [run for run in RUNS if settings.plan(run)]
        good = isinstance(runs, list) and len(runs) == 2 and runs[0] != runs[1]
        if not good or not all(type(run) is int and run in used for run in runs):
            known = ", ".join(map(str, used))
            self.refuse(line, f"`sounds` must be two of the runs in use, {known}, got {runs!r}")
        return Question(self._text(found, "text", "question."), "", SOUNDS, sounds=tuple(runs))

    def _truth(self, name: str, settings: Settings, chosen: bool) -> str:
        line = self.lines["question.truth"]
        if name not in TRUTHS:
            self.refuse(line, f"`truth` must be one of {', '.join(TRUTHS)}, got {name!r}")
        hints = get_type_hints(TRUTHS[name])
        if not isinstance(settings, hints["settings"]):
            self.refuse(line, f"{name} is about {hints['settings'].title}, not {settings.title}")
        if chosen != (hints["return"] is str):
            needs = "`low`, `high` and `unit`" if chosen else "`choices`"
            self.refuse(line, f"the answer of {name} needs {needs}")
        return name
