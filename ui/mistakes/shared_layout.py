"""How a section shows a mistake of the notebook: wrong beside right, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from diffusion.mistakes.comparison import Mistake
from ui.components import Difference, PointPlayer, SoundPlayer
from ui.mistakes.costs import Costs, costs_table, lay_out_overview
from ui.shared.controls import Controls, answers, at_once, in_order, make_control, waits_for
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.settings import Settings
from ui.shared.texts import source
from ui.texts import Texts

TEXTS = Texts("mistakes")
SHARED = Texts("shared")


def explained(
    chosen: Mistake[Any], tutorial: str, lesson: str, costs: Costs, *further: Callable[..., Any]
) -> tuple[str, str, str, str, str]:
    """The tutorial's lines, the difference, the lesson, the costs as a table, and the sources."""
    functions = dict.fromkeys((chosen.wrong_line.function, chosen.right_line.function, *further))
    return (
        tutorial,
        chosen.diff(),
        lesson,
        costs_table(costs),
        "\n\n".join(map(source, functions)),
    )


def lay_out(
    settings: type[Settings],
    player: type[PointPlayer] | type[SoundPlayer],
    introduction: Introduction,
    details: str,
    show: Callable[[Any], tuple[Any, ...]],
    old_endpoint: str,
    overview: Callable[[Any], Iterator[tuple[str, str]]],
) -> None:
    """Lay out and wire a section.

    `show` gives the player's payload and what `explained` gives; `overview` is of `measure_all`.
    """
    introduction.lay_out()
    wire_overview = lay_out_overview(settings, overview)
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            shown = player(elem_id=f"{settings.tab}-player")
        with gr.Column(scale=2, min_width=320):
            at_once()
            controls["mistake"] = make_control(settings, "mistake")
            waits_for(TEXTS["run"])
            with gr.Row():
                controls["seed"] = make_control(settings, "seed")
                run = gr.Button(TEXTS["run"], variant="primary")
            lesson = gr.Markdown()
            costs = gr.Markdown()
            with gr.Accordion(SHARED["details"], open=False):
                gr.Markdown(details)
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            tutorial = gr.Code(
                language="python",
                interactive=False,
                label=TEXTS["tutorial_lines"],
                lines=1,
                wrap_lines=True,
                show_line_numbers=False,
            )
        with gr.Column(min_width=320):
            difference = Difference()
    with gr.Accordion(SHARED["code_that_ran"], open=False):
        sources = gr.Code(language="python", interactive=False, show_label=False)

    inputs = in_order(settings, controls)
    outputs = [shown, tutorial, difference, lesson, costs, sources]
    opens(settings, [show], [*inputs, *outputs])
    triggers = [run.click, controls["mistake"].input, controls["seed"].submit]
    answers(settings, show, triggers, inputs, outputs, progress_on=costs, old_endpoint=old_endpoint)
    wire_overview(inputs)
