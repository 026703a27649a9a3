"""How a section shows a mistake of the notebook: wrong beside right, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import gradio as gr

from diffusion.mistakes.comparison import Mistake
from ui.components import PointPlayer, SoundPlayer
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.settings import Settings
from ui.shared.texts import source, table

Value = float | str
"""A measure, or the error that ended the run before it."""

Costs = Mapping[str, tuple[Value, Value]]
"""What is measured, by its name: wrong and right."""


def explained(
    chosen: Mistake[Any], tutorial: str, lesson: str, costs: Costs, *further: Callable[..., Any]
) -> tuple[str, str, str, str, str]:
    """The tutorial's lines, the difference, the lesson, the costs as a table, and the sources."""
    rows = [
        (name, _cost(name, wrong), _cost(name, right)) for name, (wrong, right) in costs.items()
    ]
    functions = dict.fromkeys((chosen.wrong_line.function, chosen.right_line.function, *further))
    return (
        tutorial,
        chosen.diff(),
        lesson,
        table(("measure", "wrong", "right"), rows),
        "\n\n".join(map(source, functions)),
    )


def lay_out(
    settings: type[Settings],
    player: type[PointPlayer] | type[SoundPlayer],
    introduction: Introduction,
    details: str,
    show: Callable[[Any], tuple[Any, ...]],
    old_endpoint: str,
) -> None:
    """Lay out and wire a section; `show` gives the player's payload and what `explained` gives."""
    buttons = introduction.lay_out()
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            shown = player(elem_id=f"{settings.tab}-player")
        with gr.Column(scale=2, min_width=320):
            controls["mistake"] = make_control(settings, "mistake")
            with gr.Row():
                controls["seed"] = make_control(settings, "seed")
                run = gr.Button("Run", variant="primary")
            lesson = gr.Markdown()
            costs = gr.Markdown()
            with gr.Accordion("Details", open=False):
                gr.Markdown(details)
    with gr.Row(equal_height=False):
        tutorial = _code("The tutorial's lines", "python")
        difference = _code("What was run: − wrong, + right", None)
    with gr.Accordion("The code that ran", open=False):
        sources = gr.Code(language="python", interactive=False, show_label=False)

    inputs = in_order(settings, controls)
    outputs = [shown, tutorial, difference, lesson, costs, sources]
    opens(settings, [show], [*inputs, *outputs])
    triggers = [run.click, controls["mistake"].input, controls["seed"].submit]
    answers(settings, show, triggers, inputs, outputs, progress_on=costs, old_endpoint=old_endpoint)
    introduction.wire(buttons, settings, show, inputs, outputs, progress_on=costs)


def _code(label: str, language: Literal["python"] | None) -> gr.Code:
    return gr.Code(
        language=language,
        interactive=False,
        label=label,
        lines=1,
        wrap_lines=True,
        show_line_numbers=False,
        min_width=320,
    )


def _cost(name: str, value: Value) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    return f"{value:.1%}" if name.startswith("fraction") else f"{value:.3g}"
