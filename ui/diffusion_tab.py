"""The tab Diffusion (DDPM): the forward process by schedule, the reverse process by sampler."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion import add_noise, iterate
from diffusion.objectives import simple_objective
from diffusion.samplers import SAMPLERS
from ui.components import PointPlayer
from ui.controls import (
    Controls,
    equation,
    facts_table,
    film_speed,
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
from ui.diffusion import (
    LIMITS,
    DiffusionSettings,
    Trajectory,
    forward_result,
    reverse_result,
    schedules,
)
from ui.schedule_figure import schedule_figure

FORWARD = r"""
### Forward: data to noise

$$q(x_t \mid x_0) = \mathcal{N}\big(\sqrt{\bar\alpha_t}\, x_0,\ (1 - \bar\alpha_t)\, I\big)$$

$$\bar\alpha_t = \prod_{s \le t} (1 - \beta_s)$$

One and the same noise in every schedule: only its pace differs. Sampling starts from
$\mathcal{N}(0, I)$, so a schedule must end there.
"""

REVERSE = r"""
### Reverse: noise to data

$$x_{t-1} = \tilde\mu(\hat x_0, x_t) + \sigma_t z$$

$$\hat x_0 = \frac{x_t - \sqrt{1 - \bar\alpha_t}\, \epsilon_\theta(x_t)}{\sqrt{\bar\alpha_t}}$$

A network predicts the noise in $x_t$; with it, $\hat x_0$ is what it believes the points will
become. Switch between the two, scrub, and tap a point to follow it. It was trained on the
scaled_linear schedule with T = 100 and β from 1e-5 to 0.25; the sliders of the forward process do
not change it.
"""


def _payload(result: Trajectory, run: str, alt: str) -> dict[str, Any]:
    return PointPlayer.payload(
        result.views,
        result.labels,
        limits=LIMITS,
        run=run,
        alt=alt,
        background=result.data,
        fps=film_speed(len(result.labels)),
    )


def show_forward(settings: DiffusionSettings) -> tuple[dict[str, Any], str, str]:
    """The forward player's payload, the figure of the schedules and a table."""
    result = forward_result(settings)
    alt = (
        f"The swiss roll dissolving into noise over {settings.num_train_timesteps} steps, by "
        f"{len(result.views)} schedules"
    )
    payload = _payload(result, "forward " + settings.to_query(), alt)
    return payload, schedule_figure(schedules(settings)), facts_table(result.facts)


def show_reverse(settings: DiffusionSettings) -> tuple[dict[str, Any], str, str]:
    """The reverse player's payload, a table, and the source of the sampler."""
    result = reverse_result(settings)
    alt = (
        f"{settings.num_points} points on their way from Gaussian noise to the swiss roll, by "
        f"{settings.sampler} in {settings.num_inference_steps} steps"
    )
    payload = _payload(result, "reverse " + settings.to_query(), alt)
    return payload, facts_table(result.facts), source(SAMPLERS[settings.sampler])


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            forward_player = PointPlayer(elem_id="forward-player")
        with gr.Column(scale=2, min_width=320):
            equation(FORWARD)
            figure = gr.HTML()
            forward_facts = gr.Markdown()
            for name in ("num_train_timesteps", "beta_start", "beta_end"):
                controls[name] = make_control(DiffusionSettings, name)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            reverse_player = PointPlayer(elem_id="reverse-player")
        with gr.Column(scale=2, min_width=320):
            equation(REVERSE)
            reverse_facts = gr.Markdown()
            with gr.Row():
                for name in ("sampler", "num_inference_steps"):
                    controls[name] = make_control(DiffusionSettings, name)
            with gr.Accordion("More of the sampler", open=False):
                for name in ("variance_type", "eta", "num_points"):
                    controls[name] = make_control(DiffusionSettings, name)
            with gr.Row():
                controls["seed"] = make_control(DiffusionSettings, "seed")
                sample = gr.Button("Sample", variant="primary")
    sampler_source = sampler_panel()
    source_panel(add_noise, iterate, simple_objective)

    inputs = in_order(DiffusionSettings, controls)
    forward_outputs = [forward_player, figure, forward_facts]
    reverse_outputs = [reverse_player, reverse_facts, sampler_source]
    update_link: dict[str, Any] = {
        "fn": None,
        "inputs": inputs,
        "js": link_script(DiffusionSettings),
        "api_visibility": "private",
    }
    demo.load(
        restore(DiffusionSettings, [show_forward, show_reverse]),
        outputs=[*inputs, *forward_outputs, *reverse_outputs],
        api_visibility="private",
    )
    gr.on(
        [sample.click, controls["seed"].submit],
        handler(DiffusionSettings, show_reverse),
        inputs,
        reverse_outputs,
        api_name="reverse",
        **heavy(reverse_facts),
    ).success(**update_link)
    gr.on(
        [controls[name].release for name in ("num_train_timesteps", "beta_start", "beta_end")],
        handler(DiffusionSettings, show_forward),
        inputs,
        forward_outputs,
        api_name="forward",
        **heavy(forward_facts),
    ).success(**update_link)
