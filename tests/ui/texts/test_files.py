"""The texts' files and the code agree: no key is wrong, missing or left over, in any language."""

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from ui.page import sections
from ui.shared.control_types import Choice
from ui.shared.settings import control_of
from ui.texts import ENGLISH, FOLDER, PLACE, languages, read

UI = FOLDER.parent
FILES = sorted({path.stem for path in (FOLDER / ENGLISH).glob("*.toml")} - {"scripts"})
"""Those that Python reads."""

TRANSLATIONS = [each for each in languages() if each != ENGLISH]
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
SECTIONS = {each.settings.tab: each for each in sections()}


class Use(NamedTuple):
    """A place in the code that reads a text."""

    where: str
    file: str
    key: str  # a regular expression
    values: frozenset[str] | None  # of `say`; None, where the text is read as it stands
    in_function: bool


def uses_of(source, where):
    """Every use of a text in a module, by the names that it gives to `Texts`."""
    if "Texts(" not in source:
        return
    tree = ast.parse(source)
    files = {
        each.targets[0].id: each.value.args[0].value
        for each in tree.body
        if isinstance(each, ast.Assign) and is_texts(each.value)
    }
    inside = {
        id(each)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.Lambda)
        for part in (function.body if isinstance(function.body, list) else [function.body])
        for each in ast.walk(part)
    }
    for node in ast.walk(tree):
        read_from = said_of(node)
        if read_from and read_from[0] in files:
            name, key, values = read_from
            line = f"{where}:{node.lineno}"
            yield Use(line, files[name], key_pattern(key), values, id(node) in inside)


def is_texts(node):
    call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
    return call == "Texts" and isinstance(node.args[0], ast.Constant)


def said_of(node):
    """The name, the key and the values of `NAME[key]` or `NAME.say(key, …)`; else None."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id, node.slice, None
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    if node.func.attr != "say" or not isinstance(node.func.value, ast.Name):
        return None
    return node.func.value.id, node.args[0], frozenset(each.arg for each in node.keywords)


def key_pattern(node):
    """A constant key, or one that is put together, with anything in the place of a value."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(
        re.escape(each.value) if isinstance(each, ast.Constant) else ".+" for each in parts
    )


@cache
def uses():
    return [
        use
        for path in sorted(Path(UI).rglob("*.py"))
        for use in uses_of(path.read_text(encoding="utf-8"), path.relative_to(UI.parent))
    ]


def keys_of(use):
    return [key for key in read(ENGLISH, use.file) if re.fullmatch(use.key, key)]


def places(text):
    """The names of the values in a text; braces in formulas are no places."""
    return {found[1] for found in PLACE.finditer(FORMULA.sub(" ", text))}


def read_by_name(file):
    """What settings and introductions read of a file: patterns of keys."""
    if file == "shared":
        names = {name for section in SECTIONS.values() for name in control_names(section.settings)}
    else:
        names = control_names(SECTIONS[file].settings) if file in SECTIONS else ()
    patterns = [rf"controls\.{name}\.(label|info)" for name in names]
    if file in SECTIONS:
        views = SECTIONS[file].introduction.views
        patterns += ["what_you_see", "equation"]
        patterns += [rf"tries\.{view}\.(action|notice)" for view in views]
    return patterns


def control_names(settings):
    return {control_of(each).name for each in fields(settings)}


def test_every_key_in_the_code_is_a_text():
    assert uses()
    assert [use.where for use in uses() if not keys_of(use)] == []


def test_no_text_is_read_before_the_language_is_chosen():
    assert [use.where for use in uses() if not use.in_function] == []


def test_every_text_gets_its_values_and_no_others():
    wrong = [
        f"{use.where}: {key} has {sorted(places(read(ENGLISH, use.file)[key]))}"
        for use in uses()
        for key in keys_of(use)
        if places(read(ENGLISH, use.file)[key]) != (use.values or frozenset())
    ]
    assert wrong == []


@pytest.mark.parametrize("file", FILES)
def test_every_text_is_read_somewhere(file):
    patterns = [use.key for use in uses() if use.file == file] + read_by_name(file)
    left = [
        key
        for key in read(ENGLISH, file)
        if not any(re.fullmatch(pattern, key) for pattern in patterns)
    ]
    assert left == []


@pytest.mark.parametrize("tab", SECTIONS)
def test_a_section_has_its_texts(tab):
    section = SECTIONS[tab]
    assert section.introduction.settings is section.settings
    assert len(re.findall(r"[.!?](?=\s|$)", section.introduction.what_you_see)) == 2
    assert section.introduction.equation
    assert 2 <= len(section.introduction.tries) <= 3
    assert all(each.action and each.notice for each in section.introduction.tries)
    own, shared = read(ENGLISH, tab), read(ENGLISH, "shared")
    for name in control_names(section.settings):
        assert f"controls.{name}.label" in own or f"controls.{name}.label" in shared


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_has_the_texts_and_values_of_the_english(language):
    files = sorted(path.stem for path in (FOLDER / language).glob("*.toml"))
    assert files
    for file in files:
        english = read(ENGLISH, file)
        for key, text in read(language, file).items():
            if (key == "title" and file in SECTIONS) or ".options." in key:
                assert key == "title" or names_an_option(file, key), f"{file}: {key}"
            else:
                assert key in english, f"{file}: {key}"
                assert places(text) == places(english[key]), f"{file}: {key}"


def names_an_option(file, key):
    """Whether `controls.NAME.options.OPTION` is of a section, or of any in the shared file."""
    of = [SECTIONS[file]] if file in SECTIONS else list(SECTIONS.values())
    _, name, _, option = key.split(".", 3)
    controls = [control_of(each) for section in of for each in fields(section.settings)]
    return any(
        isinstance(each, Choice) and each.name == name and option in each.options
        for each in controls
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('def f(): return T["a.b"]', ("a\\.b", None, True)),
        ('x = T.say("a", n=1)', ("a", frozenset({"n"}), False)),
        ('def f(n): return T[f"lessons.{n}"]', ("lessons\\..+", None, True)),
        ('x = lambda: T["a"]', ("a", None, True)),
        ('def f(x=T["a"]): return x', ("a", None, False)),
    ],
)
def test_uses_are_found(line, found):
    (use,) = uses_of(f'T = Texts("score-field")\n{line}', "module.py")
    assert (use.file, use.key, use.values, use.in_function) == ("score-field", *found)
