"""The section *Forward*: from data to noise, by schedule, and back."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion import NoiseSchedule, add_noise
from diffusion.evaluation.variational_bound import terminal_kl
from ui.components import PointPlayer
from ui.ddpm.forward.compute import (
    ForwardResult,
    ForwardSettings,
    forward_result,
    forward_strip,
    schedules,
)
from ui.ddpm.forward.figures import ends_figure, schedule_figure
from ui.shared.cache import computed_once
from ui.shared.controls import (
    Controls,
    answers,
    at_once,
    in_order,
    make_control,
)
from ui.shared.data import Data, distribution_of
from ui.shared.introduction import Introduction
from ui.shared.own_data import OwnData, show_pad
from ui.shared.section_opening import opens
from ui.shared.strips import StripControls
from ui.shared.texts import equation, short, source_panel, table
from ui.texts import Texts

TEXTS = Texts("forward")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    ForwardSettings,
    {
        "tutorial_betas": {"beta_end": 0.01},
        "many_steps": {"num_train_timesteps": 1000},
        "few_steps": {"num_train_timesteps": 10, "beta_end": 0.5},
    },
    ("Ho et al. 2020", "Nichol & Dhariwal 2021"),
)


def show(settings: ForwardSettings) -> tuple[dict[str, Any], dict[str, Any], str, str, str]:
    """Both players' payloads, the figures of the schedules and of their ends, and a table."""
    result = forward_result(settings)
    run = "forward " + settings.to_query()
    steps = settings.num_train_timesteps
    data = settings.distribution
    alone = ForwardSettings(steps, settings.beta_start, settings.beta_end)
    dissolving = TEXTS.say("forward_player", data=data, steps=steps)
    returning = TEXTS.say("backward_player", data=data)
    return (
        result.forward.payload(run, dissolving),
        result.backward.payload(run, returning),
        _schedules(alone),
        _ends(alone, settings.data()),
        _ends_table(result),
    )


@computed_once(maxsize=32)  # by what it depends on: neither the data nor the seed
def _schedules(settings: ForwardSettings) -> str:
    return schedule_figure(schedules(settings))


@computed_once(maxsize=32)
def _ends(settings: ForwardSettings, data: Data) -> str:
    return ends_figure(schedules(settings), distribution_of(data))


SHOWS = [show, show_pad]


def _ends_table(result: ForwardResult) -> str:
    rows = [
        (name, short(end.alpha_cumprod), short(end.kl), f"{end.sw2_ratio:.2f}")
        for name, end in result.ends.items()
    ]
    return table(TEXTS["head"].split(" | "), rows)


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    INTRODUCTION.lay_out()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            gr.Markdown(TEXTS["forward_heading"])
            player = PointPlayer(elem_id="forward-player")
            strip = StripControls.lay_out()
        with gr.Column(scale=2, min_width=320):
            at_once()
            controls["distribution"] = make_control(ForwardSettings, "distribution")
            own_data = OwnData.lay_out(ForwardSettings, controls)
            for name in ("num_train_timesteps", "beta_start", "beta_end", "seed"):
                controls[name] = make_control(ForwardSettings, name)
            figure = gr.HTML()
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            gr.Markdown(TEXTS["backward_heading"])
            back = PointPlayer(elem_id="backward-player")
        with gr.Column(scale=2, min_width=320):
            equation(TEXTS["ends"])
            ends = gr.HTML()
            equation(TEXTS["back"])
            facts = equation("")
    source_panel(NoiseSchedule.from_name, add_noise, terminal_kl)

    inputs = in_order(ForwardSettings, controls)
    outputs = [player, back, figure, ends, facts]
    opens(ForwardSettings, SHOWS, [*inputs, *outputs, own_data.pad])
    strip.wire(ForwardSettings, forward_strip, inputs)
    sliders = ("num_train_timesteps", "beta_start", "beta_end")
    changes = [controls[name].release for name in sliders]
    answers(
        ForwardSettings,
        show,
        [*changes, controls["distribution"].select, controls["seed"].submit],
        inputs,
        outputs,
        progress_on=facts,
    )
    own_data.wire(inputs, show, outputs, progress_on=facts)
