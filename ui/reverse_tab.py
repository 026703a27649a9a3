"""The section Reverse of Diffusion (DDPM): from noise to data, by sampler."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion import iterate
from diffusion.objectives import simple_objective
from diffusion.samplers import SAMPLERS
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
    sampler_panel,
    source,
    source_panel,
)
from ui.reverse import ReverseSettings, reverse_result

TEXT = r"""
$$x_{t-1} = \tilde\mu(\hat x_0, x_t) + \sigma_t z$$

$$\hat x_0 = \frac{x_t - \sqrt{1 - \bar\alpha_t}\, \epsilon_\theta(x_t)}{\sqrt{\bar\alpha_t}}$$

A network predicts the noise in $x_t$; with it, $\hat x_0$ is what it believes the points will
become. Switch between the two, scrub, and tap a point to follow it. It was trained on the
scaled_linear schedule with T = 100 and β from 1e-5 to 0.25; the sliders of the forward process do
not change it.
"""


def show(settings: ReverseSettings) -> tuple[dict[str, Any], str, str]:
    """The player's payload, a table, and the source of the sampler."""
    result = reverse_result(settings)
    alt = (
        f"{settings.num_points} points on their way from Gaussian noise to the swiss roll, by "
        f"{settings.sampler} in {settings.num_inference_steps} steps"
    )
    payload = result.payload("reverse " + settings.to_query(), alt)
    return payload, facts_table(result.facts), source(SAMPLERS[settings.sampler])


SHOWS = [show]


def build(demo: gr.Blocks) -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = PointPlayer(elem_id="reverse-player")
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            facts = gr.Markdown()
            with gr.Row():
                for name in ("sampler", "num_inference_steps"):
                    controls[name] = make_control(ReverseSettings, name)
            with gr.Accordion("More of the sampler", open=False):
                for name in ("variance_type", "eta", "num_points"):
                    controls[name] = make_control(ReverseSettings, name)
            with gr.Row():
                controls["seed"] = make_control(ReverseSettings, "seed")
                sample = gr.Button("Sample", variant="primary")
    sampler_source = sampler_panel()
    source_panel(iterate, simple_objective)

    inputs = in_order(ReverseSettings, controls)
    outputs = [player, facts, sampler_source]
    update_link: dict[str, Any] = {
        "fn": None,
        "inputs": inputs,
        "js": link_script(ReverseSettings),
        "api_visibility": "private",
    }
    demo.load(
        restore(ReverseSettings, SHOWS),
        outputs=[*inputs, *outputs],
        api_visibility="private",
    )
    gr.on(
        [sample.click, controls["seed"].submit],
        handler(ReverseSettings, show),
        inputs,
        outputs,
        api_name="reverse",
        **heavy(facts),
    ).success(**update_link)
