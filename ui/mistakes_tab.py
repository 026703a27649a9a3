"""The section In two dimensions of the notebook's mistakes: each beside the right way."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion.mistakes import MISTAKES
from ui.clouds import LIMITS
from ui.components import Panel, PointPlayer
from ui.controls import (
    Controls,
    cost,
    film_speed,
    handler,
    heavy,
    in_order,
    link_script,
    make_control,
    one_line,
    source,
    table,
)
from ui.mistakes import LESSONS, MistakesSettings, mistake_result
from ui.opening import opens

TEXT = """
This page follows a tutorial whose code has mistakes that its pictures do not show. Here each runs
now, wrong and right by one line, from one seed. Grey: where the points should end.
SW2 ratio: the distance to such points over that among them; 1 is perfect.
"""


def show(settings: MistakesSettings) -> tuple[dict[str, Any], str, str, str, str, str]:
    """The player's payload, both lines of code, the lesson, the costs, and the sources."""
    result = mistake_result(settings)
    chosen = MISTAKES[settings.mistake]
    payload = PointPlayer.side_by_side(
        [
            Panel("wrong", {"points": result.wrong}, result.labels),
            Panel("right", {"points": result.right}, result.labels),
        ],
        limits=LIMITS,
        run="mistake " + settings.to_query(),
        alt=f"{settings.mistake}: the wrong run beside the right one",
        background=result.wanted,
        fps=film_speed(len(result.labels)),
    )
    rows = [(name, cost(name, a), cost(name, b)) for name, (a, b) in result.costs.items()]
    functions = (chosen.wrong_line.function, chosen.right_line.function)
    return (
        payload,
        str(chosen.wrong_line),
        str(chosen.right_line),
        LESSONS[settings.mistake],
        table(("cost", "wrong", "right"), rows),
        "\n\n".join(dict.fromkeys(map(source, functions))),
    )


SHOWS = [show]


def build() -> None:
    """Lay out the tab inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = PointPlayer(elem_id="mistakes-player")
        with gr.Column(scale=2, min_width=320):
            gr.Markdown(TEXT)
            controls["mistake"] = make_control(MistakesSettings, "mistake")
            with gr.Row():
                controls["seed"] = make_control(MistakesSettings, "seed")
                run = gr.Button("Run", variant="primary")
            wrong_line, right_line = one_line("wrong"), one_line("right")
            lesson = gr.Markdown()
            costs = gr.Markdown()
    with gr.Accordion("The code that ran", open=False):
        sources = gr.Code(language="python", interactive=False, show_label=False)

    inputs = in_order(MistakesSettings, controls)
    outputs = [player, wrong_line, right_line, lesson, costs, sources]
    opens(MistakesSettings, SHOWS, [*inputs, *outputs])
    gr.on(
        [run.click, controls["mistake"].input, controls["seed"].submit],
        handler(MistakesSettings, show),
        inputs,
        outputs,
        api_name="mistake",
        **heavy(costs),
    ).success(fn=None, inputs=inputs, js=link_script(MistakesSettings), api_visibility="private")
