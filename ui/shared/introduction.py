"""How every section begins: what one sees, what to try, and the equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from ui.shared.references import references
from ui.shared.settings import Settings
from ui.shared.texts import equation
from ui.texts import Texts

SHARED = Texts("shared")


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
    """The three short parts; their texts are those of the section.

    Attributes:
        settings: of the section.
        views: what each thing to try sets, by its key in the texts, `tries.KEY`.
        papers: where the equations stand, by their keys in `references.PAPERS`.
    """

    settings: type[Settings]
    views: dict[str, dict[str, Any]]
    papers: tuple[str, ...] = ()

    @property
    def what_you_see(self) -> str:
        """Two sentences."""
        return self._texts["what_you_see"]

    @property
    def equation(self) -> str:
        """Markdown with LaTeX between dollar signs."""
        return self._texts["equation"]

    @property
    def tries(self) -> list[Try]:
        """Two or three things to try."""
        return [
            Try(self._texts[f"tries.{key}.action"], self._texts[f"tries.{key}.notice"], settings)
            for key, settings in self.views.items()
        ]

    def lay_out(self) -> None:
        """Show the three parts beside one another, with links to views of this section."""
        tries = [
            f"[{each.action}]({each.link(self.settings)})\n\n{each.notice}" for each in self.tries
        ]
        parts = {
            SHARED["introduction.what_you_see"]: [self.what_you_see],
            SHARED["introduction.try"]: tries,
            SHARED["introduction.equation"]: [self.equation, references(*self.papers)],
        }
        with gr.Row(elem_classes="introduction"):
            for title, paragraphs in parts.items():
                with gr.Column(min_width=280):
                    equation("\n\n".join([f"### {title}", *paragraphs]))

    @property
    def _texts(self) -> Texts:
        return Texts(self.settings.tab)
