"""How every section begins: what one sees, what to try, and the equation."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from ui.shared.references import references
from ui.shared.settings import Settings
from ui.shared.texts import equation


@dataclass(frozen=True)
class Try:
    """Something to try: a link to a view of the section, which a click shows in its place.

    Attributes:
        action: what to do, an imperative sentence; the link's text.
        notice: what to notice in the result, a sentence.
        settings: the controls that it sets, by their names; the others go back to their defaults.
    """

    action: str
    notice: str
    settings: dict[str, Any]

    def link(self, settings: type[Settings]) -> str:
        """The address of the view; `settings(**self.settings)` is what it opens."""
        return f"?{urlencode({'tab': settings.tab, **self.settings})}"


@dataclass(frozen=True)
class Introduction:
    """The three short parts.

    Attributes:
        what_you_see: two sentences.
        tries: two or three things to try.
        equation: Markdown with LaTeX between dollar signs.
        papers: where the equations stand, by their keys in `references.PAPERS`.
    """

    what_you_see: str
    tries: tuple[Try, ...]
    equation: str
    papers: tuple[str, ...] = ()

    def lay_out(self, settings: type[Settings]) -> None:
        """Show the three parts beside one another, with links to views of this section."""
        tries = [f"[{each.action}]({each.link(settings)})\n\n{each.notice}" for each in self.tries]
        parts = {
            "What you see": [self.what_you_see],
            "Try": tries,
            "Equation": [textwrap.dedent(self.equation), references(*self.papers)],
        }
        with gr.Row(elem_classes="introduction"):
            for title, paragraphs in parts.items():
                with gr.Column(min_width=280):
                    equation("\n\n".join([f"### {title}", *paragraphs]))
