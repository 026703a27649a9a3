"""How every section begins: what one sees, what to try, and the equation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr
from gradio.components import Component

from ui.shared.controls import handler, heavy
from ui.shared.permalinks import links, scroll_script
from ui.shared.references import references
from ui.shared.settings import Settings
from ui.shared.texts import equation


@dataclass(frozen=True)
class Try:
    """Something to try: a click on it sets the controls and runs the section.

    Attributes:
        action: what to do, an imperative sentence; the button's text.
        notice: what to notice in the result, a sentence.
        settings: the controls that it sets, by their names; the others go back to their defaults.
    """

    action: str
    notice: str
    settings: dict[str, Any]


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

    def lay_out(self) -> list[gr.Button]:
        """Show the three parts beside one another; returns the buttons of the tries."""
        buttons = []
        with gr.Row(elem_classes="introduction"):
            with gr.Column(min_width=280):
                gr.Markdown("### What you see")
                equation(self.what_you_see)
            with gr.Column(min_width=280):
                gr.Markdown("### Try")
                for each in self.tries:
                    buttons.append(gr.Button(each.action, size="sm", elem_classes="try"))
                    equation(each.notice)
            with gr.Column(min_width=280):
                gr.Markdown("### Equation")
                equation(self.equation)
                if self.papers:
                    gr.Markdown(references(*self.papers))
        return buttons

    def wire(
        self,
        buttons: Sequence[gr.Button],
        settings: type[Settings],
        show: Callable[..., Any],
        inputs: Sequence[Component],
        outputs: Sequence[Component],
        *,
        progress_on: Component,
        scroll_to: str = "",
        options: dict[str, Any] | None = None,
    ) -> list[Any]:
        """Let each button set the controls and then run the section.

        Args:
            buttons: of `lay_out`.
            settings: of the section.
            show: makes the outputs of the settings, as for `answers`.
            inputs: the controls in the order of the settings.
            outputs: what `show` fills.
            progress_on: where the progress is shown.
            scroll_to: the id of a player, which is brought into view.
            options: of the event that runs the section, in the place of those of `heavy`.

        Returns:
            The events that run the section, which `stops` can end.
        """
        runs = []
        for button, each in zip(buttons, self.tries, strict=True):
            chosen = settings(**each.settings)
            values = [getattr(chosen, field.name) for field in fields(chosen)]
            if scroll_to:
                button.click(fn=None, js=scroll_script(scroll_to), api_visibility="private")
            set_controls = button.click(
                lambda values=values: values,
                outputs=list(inputs),
                queue=False,
                show_progress="hidden",
                api_visibility="private",
            )
            run = set_controls.then(
                handler(settings, show, group=settings.tab),
                inputs,
                outputs,
                api_visibility="private",
                **heavy(progress_on) | (options or {}),
            )
            links(run, settings, inputs)
            runs.append(run)
        return runs
