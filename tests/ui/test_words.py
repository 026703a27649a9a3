"""The page speaks the field's language: no private word of this project in what a visitor reads."""

import ast
import re
from pathlib import Path

import pytest

from tests.built_page import built_page
from ui.texts import ENGLISH, FOLDER, read

ROOT = Path(__file__).parents[2]

BANNED = {
    r"laws?": "distribution or prior",
    r"lanes?": "run or panel",
    r"films?": "trajectory",
    r"ladders?": "noise schedule",
    r"(?<!to )(?<!\*)(?!(?<!.)Share\Z)shares?": "fraction",  # *Share* is a button
    r"(?<!to )spreads?": "standard deviation",
    r"ask(s|ed)": "network evaluations, NFE",
    r"believes?": "predicts",
    r"behind the filter": "post-filter",
    r"(?<!by )the bar": "baseline",
    r"whole numbers?": "integer",
    r"beside it": "reference",
    r"ours": "searched",
    r"told(?! apart| from)": "conditioned on",
    r"held(?!-| out)": "projected onto the mel",
    r"twins?": "vectorised renderer",
    r"a (?=animation|oracle|integer)": "an",
}
"""Expressions for whole words, and what to say instead."""

NOT_READ = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|<[^>]*>|\]\([^)]*\)|^---\n.*?\n---\n", re.DOTALL
)
"""Code, formulas, tags, addresses and the front matter of the README."""

INDENTED_CODE = re.compile(r"^ {4}.*$", re.MULTILINE)

SHOWN = ("label", "info", "value", "placeholder", "title")
"""Properties of Gradio's components that are texts."""

TEXTUAL = ("markdown", "button", "accordion", "tabitem", "dropdown", "radio", "checkbox")
"""Components whose value is text, not code."""


def words_to_replace(text):
    """The banned words of a text, each with what to say instead and where it stands."""
    read = NOT_READ.sub(" ", text)
    return [
        f"{read[max(found.start() - 30, 0) : found.end() + 30]!r}: say {better}"
        for banned, better in BANNED.items()
        for found in re.finditer(rf"\b{banned}\b", read, re.IGNORECASE)
    ]


def page_texts():
    """Labels, explanations, options and texts of every component of the page."""
    for component in built_page().get_config_file()["components"]:
        props, kind = component["props"], component["type"]
        names = SHOWN if kind in TEXTUAL else ("label", "info")
        yield from (props[name] for name in names if isinstance(props.get(name), str))
        yield from (str(option[0]) for option in props.get("choices") or [])


def sentences_of_python(path):
    """Constant texts of a module that have a space, but no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):  # names of earlier versions, which links still have
        if isinstance(node, ast.keyword) and node.arg == "old_options":
            bare |= {id(each) for each in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield from [node.value] if " " in node.value.strip() else []


def texts_of_a_component(path):
    """The texts between the tags and in the attributes of a template, or a script's strings."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return re.findall(
            r'"([^"\n]* [^"\n]*)"', re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.S)
        )
    return [*re.findall(r'(?:aria-label|title)="([^"]*)"', source), re.sub(r"<[^>]*>", " ", source)]


SOURCES = {
    "the layout of the page": page_texts,
    "README": lambda: [INDENTED_CODE.sub("", (ROOT / "README.md").read_text(encoding="utf-8"))],
    **{
        f"lectures/{path.name}": lambda path=path: [path.read_text(encoding="utf-8")]
        for path in sorted((ROOT / "lectures").glob("*.md"))
    },
    **{
        str(path.relative_to(ROOT)): lambda path=path: read(ENGLISH, path.stem).values()
        for path in sorted((FOLDER / ENGLISH).glob("*.toml"))
    },
    **{
        str(path.relative_to(ROOT)): lambda path=path: sentences_of_python(path)
        for path in sorted((ROOT / "ui").rglob("*.py"))
    },
    **{
        str(path.relative_to(ROOT)): lambda path=path: texts_of_a_component(path)
        for path in sorted((ROOT / "ui").rglob("*"))
        if path.suffix in (".js", ".html")
    },
}


@pytest.mark.parametrize("source", SOURCES)
def test_no_private_word_is_read_on_the_page(source):
    found = [each for text in SOURCES[source]() for each in words_to_replace(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The law of two films is asked 3 times.", 3),
        ("A held-out set; `law`, $\\bar\\alpha$, bar by bar, told apart, <b>a label</b>.", 0),
        ("A whole number beside it", 2),
    ],
)
def test_private_words_are_found_where_they_are_read(text, count):
    assert len(words_to_replace(text)) == count


@pytest.mark.parametrize("package", ["diffusion", "synth", "ui", "benchmarks"])
def test_a_docstring_says_what_it_is_about(package):
    fragment = re.compile(r'^\s*"""Of .*', re.MULTILINE)
    for path in sorted((ROOT / package).rglob("*.py")):
        assert fragment.findall(path.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize("package", ["diffusion", "synth", "ui"])
def test_no_private_word_is_read_in_a_docstring(package):
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                text = str(node.value.value).replace("FiLM", "")  # a layer's name in its paper
                found += [f"{path.relative_to(ROOT)}: {each}" for each in words_to_replace(text)]
    assert found == []
