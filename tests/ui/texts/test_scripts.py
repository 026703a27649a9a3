"""The texts of scripts and templates: each key is a text and is said; no sentence is in code."""

import json
import re

import pytest

from ui.texts import ENGLISH, FOLDER, PLACE, languages, read
from ui.texts.scripts import fill, texts_script

UI = FOLDER.parent
SCRIPTS = {str(path.relative_to(UI)): path for path in sorted(UI.rglob("*.js"))}
TEMPLATES = {str(path.relative_to(UI)): path for path in sorted(UI.rglob("*.html"))}
TEXTS = read(ENGLISH, "scripts")

SAYS = re.compile(r'\bsay\("([\w.]+)"(, \w+\)|, (?=\{)|\))')
"""`say("key")`, `say("key", values)` or the beginning of `say("key", { name: value })`."""

COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`')
WORDS = re.compile(r"\b[A-Za-z]+,? [a-z]+\b")
SHOWN = re.compile(
    r'(?:textContent|title|alt|placeholder)(?:: | = |=)"[A-Za-z]'
    r'|"aria-label", "(?!number input for ")'  # which is Gradio's own
)
NO_SENTENCES = re.compile(
    r"use strict|linear-gradient|number input for "
    r"|View of |averaged weights \(EMA\)|plain weights"  # names in links
    r"|^.\.|^.button[.,]"  # selectors
)


def says(source):
    """Each key that a script says, with the names of the values that it gives, None if unknown."""
    for found in SAYS.finditer(source):
        key, rest = found.groups()
        if rest == ")":
            yield key, set()
        elif rest == ", ":
            yield key, names_of_object(source[found.end() :])
        else:
            yield key, None


def names_of_object(source):
    """The names of an object literal `{ a, b: f(x, y) }` at the beginning of a text."""
    inner, depth = "", 0
    for character in source:
        depth -= character in ")]}"
        if depth == 0 and character == "}":
            break
        inner += character if depth == 1 else ""
        depth += character in "([{"
    return {part.split(":")[0].strip() for part in inner.split(",") if part.strip()}


def sentences(source):
    """What a script shows that is no text of the file."""
    code = COMMENT.sub("", source)
    yield from SHOWN.findall(code)
    for quoted in QUOTED.findall(code):
        if WORDS.search(re.sub(r"\$\{[^}]*\}", "_", quoted)) and not NO_SENTENCES.search(quoted):
            yield quoted


def words_of(markup):
    """What a template shows that is no text of the file."""
    left = re.sub(r"<!--.*?-->|<(style|script)>.*?</\1>", "", markup, flags=re.DOTALL)
    yield from re.findall(r'(?:aria-label|title|alt|placeholder)="([^"{]+)"', left)
    yield from re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>|\{\{[\w.]+\}\}|&\w+;", " ", left))


def keys_of(markup):
    return re.findall(r"\{\{([\w.]+)\}\}", markup)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_says_texts_of_the_file_with_their_values(script):
    source = SCRIPTS[script].read_text(encoding="utf-8")
    for key, values in says(source):
        assert key in TEXTS
        if values is not None:
            assert {found[1] for found in PLACE.finditer(TEXTS[key])} == values, key
    assert len(re.findall(r"\bsay\(", source)) == len([*says(source)]) + (script == "texts/say.js")
    assert [*sentences(source)] == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_has_texts_of_the_file_and_no_others(template):
    markup = TEMPLATES[template].read_text(encoding="utf-8")
    assert [key for key in keys_of(markup) if key not in TEXTS] == []
    assert [*words_of(markup)] == []


def test_every_name_of_a_view_is_in_the_code():
    code = "".join(
        path.read_text(encoding="utf-8") for path in [*UI.rglob("*.py"), *UI.rglob("*.js")]
    )
    names = [key.removeprefix("views.") for key in TEXTS if key.startswith("views.")]
    assert [name for name in names if f'"{name}"' not in code] == []


@pytest.mark.parametrize("sheet", sorted(UI.rglob("*.css")), ids=lambda sheet: sheet.name)
def test_no_style_sheet_has_words(sheet):
    assert re.findall(r"content:[^;}]*[\"'][^\"']*[A-Za-z]{2}", sheet.read_text("utf-8")) == []


def test_every_text_is_said():
    said = {key for path in SCRIPTS.values() for key, _ in says(path.read_text(encoding="utf-8"))}
    for path in TEMPLATES.values():
        said |= {*keys_of(path.read_text(encoding="utf-8"))}
    assert [key for key in TEXTS if key not in said and not key.startswith("views.")] == []


@pytest.mark.parametrize("language", languages())
def test_a_translation_leaves_no_text_in_english(language):
    assert read(language, "scripts").keys() == TEXTS.keys()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('say("a.b")', [("a.b", set())]),
        ('say("a", { b, c: f(x, [y, z]) })', [("a", {"b", "c"})]),
        ('say("a", range)', [("a", None)]),
        ("say(key)", []),
    ],
)
def test_what_scripts_say_is_found(source, found):
    assert [*says(source)] == found


@pytest.mark.parametrize(
    "source",
    [
        'x = "The room has ended.";',
        "x = `You are in room ${code}.`;",
        'button.textContent = "Stop";',
        'make("p", { textContent: "Close" });',
        'node.setAttribute("aria-label", "Play");',
        'x = " at step " + step;',
    ],
)
def test_sentences_in_scripts_are_found(source):
    assert [*sentences(source)]


@pytest.mark.parametrize("markup", ["<p>Undo</p>", '<p title="Left, Up">{{a.b}}</p>'])
def test_words_in_templates_are_found(markup):
    assert [*words_of(markup)]


def test_no_text_ends_the_script_or_the_markup(monkeypatch):
    monkeypatch.setattr("ui.texts.scripts.TEXTS.everything", lambda: {"a.b": '</script>"<b>'})
    first = texts_script().splitlines()[0]
    assert "<" not in first
    assert json.loads(first.removeprefix("const TEXTS = ").removesuffix(";")) == {
        "a.b": '</script>"<b>'
    }
    assert fill('<p title="{{a.b}}">') == '<p title="&lt;/script&gt;&quot;&lt;b&gt;">'
    with pytest.raises(KeyError):
        fill("{{a.c}}")
