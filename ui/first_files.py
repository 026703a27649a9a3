"""The files of Gradio that a page fetches until its first view is there.

Each names the next ones, so that a browser would fetch them in six rounds, and for most of them
only after it has made the components. A page that names all of them is read while they come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ui.gradio_scripts import ASSETS

LISTED = re.compile(r"m\.f=(\[.*?\])")
"""In a script the files that it fetches later, each with what that needs in turn."""

FETCHED = r"import\(`\./{}`\).{{0,40}}?__vite__mapDeps\(\[([\d,]*)\]\)"
"""Where it fetches one: the numbers of the files in that list."""

CHAIN = (
    ("index-*.js", r"Index-[\w-]+\.js"),
    ("index-*.js", r"core-[\w-]+\.js"),
    ("Index-*.js", r"Blocks-[\w-]+\.js"),
)
"""The pattern of a script, and the name of another that it fetches on every page."""

FORMULAS = (
    "auto-render-*.js",
    "katex-*.css",
    "KaTeX_Main-Regular-*.woff2",
    "KaTeX_Math-Italic-*.woff2",
)
"""What sets formulas, with two fonts: what is below them moves when it comes."""


def first_files(config: dict[str, Any]) -> list[str]:
    """The names of files of `assets`, as a page of this configuration opens."""
    found = dict.fromkeys(path.name for path in sorted(ASSETS.glob("index-*.js")))
    for scripts, name in CHAIN:
        for path in sorted(ASSETS.glob(scripts)):
            found |= dict.fromkeys(_fetched(path.read_text(encoding="utf-8"), FETCHED.format(name)))
    for core in ASSETS.glob("core-*.js"):
        text = core.read_text(encoding="utf-8")
        for kind in sorted(shown_kinds(config)):
            component = rf"[{{,]{kind}:{{.{{0,800}}?component:\(\)=>\w+\(\(\)=>"
            found |= dict.fromkeys(_fetched(text, component + FETCHED.format(r"[\w-]+\.js")))
    for pattern in FORMULAS:
        found |= dict.fromkeys(path.name for path in sorted(ASSETS.glob(pattern)))
    return [*found]


def _fetched(script: str, place: str) -> Iterator[str]:
    listed, fetches = LISTED.search(script), re.search(place, script)
    if listed and fetches:
        names = re.findall(r'"\./([^"]+)"', listed[1])
        yield from (names[int(number)] for number in fetches[1].split(","))


def shown_kinds(config: dict[str, Any]) -> set[str]:
    """The kinds of components that a page shows as it opens, on its first tabs."""
    components = {each["id"]: each for each in config["components"]}
    kinds: set[str] = set()
    nodes = [config["layout"]]
    while nodes:
        node = nodes.pop()
        component = components.get(node["id"], {"type": "column", "props": {}})
        if component["props"].get("visible", True):
            kinds.add(component["type"])
            nodes += _shown_inside(component, node.get("children") or [])
    return kinds


def _shown_inside(component: dict[str, Any], nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    closed = component["type"] == "accordion" and not component["props"].get("open", True)
    return [] if closed else nodes[:1] if component["type"] == "tabs" else nodes
