"""The tab Score & Langevin: controls, the field and its walkers."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import gradio as gr

from diffusion import langevin, swiss_roll
from diffusion.score_matching import denoising_score_matching
from ui.components import FieldPlayer
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
    source_panel,
)
from ui.score import HEAT_RANGE, LIMITS, ScoreSettings, score_result

TEXT = r"""
The **score** $\nabla_x \log p(x)$ points to where data is likelier. A network learned it from
points with noise of size σ alone. **Langevin dynamics** follows it and adds noise of its own, and
ends in samples of $p$:

$$x_{k+1} = x_k + \tfrac{\varepsilon}{2}\, \nabla_x \log p(x_k) + \sqrt{\varepsilon}\, \tau\, z_k$$

with $z_k \sim \mathcal{N}(0, I)$.

Colours: the exact log-density of the swiss roll with that noise. Arrows: the learned score. **Tap
the picture to drop the walkers there.**
"""


def show(settings: ScoreSettings) -> tuple[dict[str, Any], str]:
    """What the tab shows for its settings: the player's payload and a table."""
    result = score_result(settings)
    payload = FieldPlayer.payload(
        limits=LIMITS,
        run=settings.to_query(),
        alt=f"Heat map of the log-density of the swiss roll with noise {settings.sigma}, arrows of "
        f"the learned score, and {settings.walkers} walkers that start at ({settings.x}, "
        f"{settings.y}) and follow Langevin dynamics for {settings.num_steps} steps",
        heat=result.heat,
        heat_range_labels=(f"log p ≤ max − {HEAT_RANGE:.0f}", "max"),
        arrows_xy=result.arrows_xy,
        arrows_uv=result.arrows_uv,
        data=result.data,
        walkers=result.walkers,
        labels=result.labels,
        fps=film_speed(len(result.labels)),
        drop_hint="Tap to drop the walkers. Arrow keys move the cross, Enter drops them there.",
    )
    return payload, facts_table(result.facts)


SHOWS = [show]


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = FieldPlayer(elem_id="score-player")
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            facts = gr.Markdown()
            with gr.Row():
                for name in ("sigma", "step_size"):
                    controls[name] = make_control(ScoreSettings, name)
            with gr.Row():
                for name in ("num_steps", "temperature"):
                    controls[name] = make_control(ScoreSettings, name)
            with gr.Accordion("Start point, walkers, decay", open=False):
                for name in ("walkers", "x", "y", "spread", "decay"):
                    controls[name] = make_control(ScoreSettings, name)
            with gr.Row():
                controls["seed"] = make_control(ScoreSettings, "seed")
                walk = gr.Button("Walk", variant="primary")
    source_panel(langevin, denoising_score_matching, swiss_roll.score)

    inputs = in_order(ScoreSettings, controls)
    outputs = [player, facts]
    run = handler(ScoreSettings, show)
    update_link: dict[str, Any] = {
        "fn": None,
        "inputs": inputs,
        "js": link_script(ScoreSettings),
        "api_visibility": "private",
    }

    demo.load(
        restore(ScoreSettings, SHOWS),
        outputs=[*inputs, *outputs],
        api_visibility="private",
    )
    gr.on(
        [walk.click, controls["seed"].submit, controls["sigma"].release],
        run,
        inputs,
        outputs,
        api_name="score",
        **heavy(facts),
    ).success(**update_link)

    def drop(event: gr.EventData, *values: Any) -> list[Any]:
        try:
            x, y = FieldPlayer.position(event, LIMITS)
            settings = ScoreSettings.from_values(values)
            dropped = replace(settings, x=round(x, 2), y=round(y, 2))
        except ValueError as error:
            raise gr.Error(html.escape(str(error)), print_exception=False) from error
        return [dropped.x, dropped.y, *show(dropped)]

    player.drop(
        drop,
        inputs,
        [controls["x"], controls["y"], *outputs],
        api_visibility="private",
        **heavy(facts),
    ).success(**update_link)
