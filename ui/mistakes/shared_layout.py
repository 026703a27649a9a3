"""How a section shows a mistake of the notebook: wrong beside right, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from diffusion.mistakes.registry import Mistake
from ui.components import PointPlayer, SoundPlayer
from ui.shared.controls import Controls, answers, in_order, make_control, source, table
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.settings import Settings

Costs = dict[str, tuple[float, float]]
"""What is measured, by its name: wrong and right."""


def told(
    chosen: Mistake[Any], lesson: str, costs: Costs, *beside: Callable[..., Any]
) -> tuple[str, str, str, str, str]:
    """Both lines of code, the lesson, the costs as a table, and the sources of all that differs."""
    rows = [
        (name, _cost(name, wrong), _cost(name, right)) for name, (wrong, right) in costs.items()
    ]
    functions = dict.fromkeys((chosen.wrong_line.function, chosen.right_line.function, *beside))
    return (
        str(chosen.wrong_line),
        str(chosen.right_line),
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
    """Lay out and wire a section whose `show` gives the player's payload and what `told` gives."""
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
            wrong_line, right_line = _line("wrong"), _line("right")
            lesson = gr.Markdown()
            costs = gr.Markdown()
            with gr.Accordion("Details", open=False):
                gr.Markdown(details)
    with gr.Accordion("The code that ran", open=False):
        sources = gr.Code(language="python", interactive=False, show_label=False)

    inputs = in_order(settings, controls)
    outputs = [shown, wrong_line, right_line, lesson, costs, sources]
    opens(settings, [show], [*inputs, *outputs])
    triggers = [run.click, controls["mistake"].input, controls["seed"].submit]
    answers(settings, show, triggers, inputs, outputs, progress_on=costs, old_endpoint=old_endpoint)
    introduction.wire(buttons, settings, show, inputs, outputs, progress_on=costs)


def _line(label: str) -> gr.Code:
    return gr.Code(language="python", interactive=False, label=label, lines=1, wrap_lines=True)


def _cost(name: str, value: float) -> str:
    return f"{value:.1%}" if name.startswith(("share", "fraction")) else f"{value:.3g}"
