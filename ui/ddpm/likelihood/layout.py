"""The section *Likelihood*: the density of a point, by the ODE and exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from ui.shared.controls import (
    Controls,
    answers,
    at_once,
    heavy,
    in_order,
    make_control,
    one_sentence,
)
from ui.shared.introduction import Introduction
from ui.shared.long_results import until_newer, visit_of
from ui.shared.permalinks import links
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, source_panel
from ui.shared.trajectories import LIMITS
from ui.texts import Texts

TEXTS = Texts("likelihood")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    LikelihoodSettings,
    {
        "between_turns": {"x": 0.0, "y": 0.0},
        "less_noise": {"sigma": 0.02},
        "few_steps": {"num_steps": 10},
    },
    ("Song et al. 2021",),
)


def show(settings: LikelihoodSettings) -> tuple[dict[str, Any], str]:
    """The player's payload and a table."""
    return likelihood_payload(settings), facts_table(likelihood_facts(settings))


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    INTRODUCTION.lay_out()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = FieldPlayer(elem_id="likelihood-player")
        with gr.Column(scale=2, min_width=320):
            facts = equation("")
            at_once()
            for name in LikelihoodSettings.names():
                controls[name] = make_control(LikelihoodSettings, name)
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
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

    def shown_at(event: gr.EventData, values: Sequence[Any]) -> Iterator[list[Any]]:
        with one_sentence():
            x, y = FieldPlayer.position(event, LIMITS)
            settings = LikelihoodSettings.from_values(values)
            dropped = replace(settings, x=round(x, 2), y=round(y, 2))
            yield [dropped.x, dropped.y, *show(dropped)]

    def drop(event: gr.EventData, request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        run = shown_at(event, values)
        yield from until_newer(visit_of(request), LikelihoodSettings.tab, run)

    dropped = player.drop(
        drop,
        inputs,
        [controls["x"], controls["y"], *outputs],
        api_visibility="private",
        **heavy(facts),
    )
    links(dropped, LikelihoodSettings, inputs)
