"""The section Likelihood of Diffusion (DDPM): the density of a point, by the ODE and exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from diffusion.data import swiss_roll
from diffusion.process.likelihood import flow, log_likelihood
from diffusion.process.score import divergence
from ui.components import FieldPlayer
from ui.ddpm.likelihood.compute import (
    LikelihoodSettings,
    likelihood_facts,
    likelihood_payload,
)
from ui.shared.controls import Controls, answers, heavy, in_order, make_control, one_sentence
from ui.shared.introduction import Introduction
from ui.shared.permalinks import links
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, source_panel
from ui.shared.trajectories import LIMITS

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$$\frac{dy}{d\sigma} = \epsilon(y, \sigma)$$

$$\log p(y_0) = \log p_{\max}(y_{\max}) + \int \nabla \cdot \epsilon(y, \sigma)\, d\sigma$$

With $y = x_t/\sqrt{\bar\alpha_t}$, the probability-flow ODE carries a point to noise. On the way
its neighbourhood grows and the density falls by as much: at its start $\log p$ is larger than at
its end by the integral (Song et al. 2021, eq. 39). Two walkers leave the tapped point: one follows
the trained network, the other the exact predictor. The density is that of the data with noise
$\sigma_0$, so that its log-density is known by quadrature.
"""


def show(settings: LikelihoodSettings) -> tuple[dict[str, Any], str]:
    """The player's payload and a table."""
    return likelihood_payload(settings), facts_table(likelihood_facts(settings))


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = FieldPlayer(elem_id="likelihood-player")
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            facts = gr.Markdown()
            for name in LikelihoodSettings.names():
                controls[name] = make_control(LikelihoodSettings, name)
    source_panel(flow, divergence, log_likelihood, swiss_roll.log_prob)

    inputs = in_order(LikelihoodSettings, controls)
    outputs = [player, facts]
    opens(LikelihoodSettings, SHOWS, [*inputs, *outputs])
    answers(
        LikelihoodSettings,
        show,
        [control.release for control in controls.values()],
        inputs,
        outputs,
        progress_on=facts,
    )

    def drop(event: gr.EventData, *values: Any) -> list[Any]:
        with one_sentence():
            x, y = FieldPlayer.position(event, LIMITS)
            settings = LikelihoodSettings.from_values(values)
            dropped = replace(settings, x=round(x, 2), y=round(y, 2))
            return [dropped.x, dropped.y, *show(dropped)]

    dropped = player.drop(
        drop,
        inputs,
        [controls["x"], controls["y"], *outputs],
        api_visibility="private",
        **heavy(facts),
    )
    links(dropped, LikelihoodSettings, inputs)
