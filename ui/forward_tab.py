"""The section Forward of Diffusion (DDPM): from data to noise, by schedule."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion import add_noise
from ui.components import PointPlayer
from ui.controls import (
    Controls,
    equation,
    facts_table,
    handler,
    heavy,
    in_order,
    link_script,
    make_control,
    restore,
    source_panel,
)
from ui.forward import ForwardSettings, forward_result, schedules
from ui.schedule_figure import schedule_figure

TEXT = r"""
$$q(x_t \mid x_0) = \mathcal{N}\big(\sqrt{\bar\alpha_t}\, x_0,\ (1 - \bar\alpha_t)\, I\big)$$

$$\bar\alpha_t = \prod_{s \le t} (1 - \beta_s)$$

One and the same noise in every schedule: only its pace differs. Sampling starts from
$\mathcal{N}(0, I)$, so a schedule must end there.
"""


def show(settings: ForwardSettings) -> tuple[dict[str, Any], str, str]:
    """The player's payload, the figure of the schedules and a table."""
    result = forward_result(settings)
    alt = (
        f"The swiss roll dissolving into noise over {settings.num_train_timesteps} steps, by "
        f"{len(result.views)} schedules"
    )
    payload = result.payload("forward " + settings.to_query(), alt)
    return payload, schedule_figure(schedules(settings)), facts_table(result.facts)


SHOWS = [show]


def build(demo: gr.Blocks) -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = PointPlayer(elem_id="forward-player")
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            figure = gr.HTML()
            facts = gr.Markdown()
            for name in ForwardSettings.names():
                controls[name] = make_control(ForwardSettings, name)
    source_panel(add_noise)

    inputs = in_order(ForwardSettings, controls)
    outputs = [player, figure, facts]
    demo.load(
        restore(ForwardSettings, SHOWS),
        outputs=[*inputs, *outputs],
        api_visibility="private",
    )
    changes = [controls[name].release for name in ForwardSettings.names() if name != "seed"]
    gr.on(
        [*changes, controls["seed"].submit],
        handler(ForwardSettings, show),
        inputs,
        outputs,
        api_name="forward",
        **heavy(facts),
    ).success(fn=None, inputs=inputs, js=link_script(ForwardSettings), api_visibility="private")
