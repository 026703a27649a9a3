"""The section *Reverse*: from noise to data, by up to four samplers at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from diffusion import iterate
from diffusion.sampling.learned_variance import learned_reverse
from diffusion.sampling.samplers import SAMPLERS
from diffusion.training.objectives import simple_objective
from ui.components import PointPlayer
from ui.ddpm.reverse.compute import (
    FIXED_LARGE,
    ReverseSettings,
    options,
    reverse_facts,
    reverse_payload,
    reverse_steps,
    reverse_strip,
)
from ui.shared.controls import Controls, answers, in_order, make_control, stops, waits_for
from ui.shared.introduction import Introduction
from ui.shared.models import checkpoint
from ui.shared.offers import offers
from ui.shared.own_data import OwnData, show_pad
from ui.shared.sampler_runs import NO_RUN, RUNS
from ui.shared.section_opening import opens
from ui.shared.strips import StripControls
from ui.shared.texts import equation, facts_table, sampler_panel, source, source_panel
from ui.texts import Texts

TEXTS = Texts("reverse")
SHARED = Texts("shared")


def _only(**settings: Any) -> dict[str, Any]:
    """Settings of a few runs; those that are not named are not in use."""
    return {f"sampler_{run}": NO_RUN for run in RUNS} | settings


INTRODUCTION = Introduction(
    ReverseSettings,
    {
        "three_grids": _only(
            sampler_1="ddim",
            steps_1=10,
            grid_1="leading",
            sampler_2="ddim",
            sampler_3="ddim",
        ),
        "two_variances": _only(
            sampler_1="ddpm",
            predictor_1="oracle",
            sampler_2=FIXED_LARGE,
            predictor_2="oracle",
            steps_2=100,
            num_points=2000,
        ),
        "fewer_evaluations": _only(sampler_1="ddpm", sampler_3="dpm++2m", num_points=2000),
    },
    ("Ho et al. 2020", "Song et al. 2020", "Karras et al. 2022", "Lu et al. 2022"),
)


RUN_CONTROLS = ("sampler", "predictor", "steps", "grid", "eta")


def trained_text() -> str:
    """The schedule of the training and the grid for few steps, from the configuration.

    Nothing, if there is none: what needs the network says so.
    """
    try:
        config = checkpoint("swiss-roll-ddpm").config
    except ValueError:
        return ""
    schedule, grid = config["schedule"], config["inference"]
    return TEXTS.say(
        "trained_text",
        beta_schedule=schedule["beta_schedule"],
        steps=schedule["num_train_timesteps"],
        beta_start=schedule["beta_start"],
        beta_end=schedule["beta_end"],
        sigma_max=grid["sigma_max"],
        sigma_min=grid["sigma_min"],
    )


def show(settings: ReverseSettings) -> tuple[dict[str, Any], str, str, str]:
    """The player's payload, a table, a line on what was done, and the source of the samplers."""
    facts = facts_table(reverse_facts(settings))
    samplers = dict.fromkeys(plan.sampler for plan in settings.plans().values())
    sources = [source(learned_reverse if s == "learned" else SAMPLERS[s]) for s in samplers]
    done = TEXTS.say("finished", num_points=settings.num_points)
    return reverse_payload(settings), facts, done, "\n\n".join(sources)


def show_steps(settings: ReverseSettings) -> Iterator[tuple[Any, ...]]:
    """The progress of the sampling; then the payload, a table, what was done, and the source."""
    for news in reverse_steps(settings):
        yield gr.skip(), gr.skip(), news, gr.skip()
    yield show(settings)


SHOWS = [show_steps, show_pad]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    INTRODUCTION.lay_out()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = PointPlayer(elem_id="reverse-player")
            strip = StripControls.lay_out()
        with gr.Column(scale=2, min_width=320):
            facts = gr.Markdown()
            waits_for(TEXTS["sample"])
            controls["distribution"] = make_control(ReverseSettings, "distribution")
            own_data = OwnData.lay_out(ReverseSettings, controls)
            with gr.Tabs():
                for run in RUNS:
                    with gr.Tab(TEXTS.say("run", run=run)):
                        _run_controls(controls, run)
            with gr.Accordion(TEXTS["more_controls"], open=False):
                for name in ("num_points", "rho"):
                    controls[name] = make_control(ReverseSettings, name)
            with gr.Row():
                controls["seed"] = make_control(ReverseSettings, "seed")
                sample = gr.Button(TEXTS["sample"], variant="primary", min_width=100)
                stop = gr.Button(SHARED["stop"], min_width=100)
            status = gr.Markdown()
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
                gr.Markdown(trained_text())
                gr.Markdown(SHARED["too_thin"])
    sampler_source = sampler_panel(TEXTS["samplers_title"])
    source_panel(iterate, simple_objective)

    offers(controls, options(has_network=False), options(has_network=True))
    inputs = in_order(ReverseSettings, controls)
    outputs = [player, facts, status, sampler_source]
    opening = opens(ReverseSettings, SHOWS, [*inputs, *outputs, own_data.pad])
    strip.wire(ReverseSettings, reverse_strip, inputs)
    run = answers(
        ReverseSettings,
        show_steps,
        [sample.click, controls["seed"].submit],
        inputs,
        outputs,
        progress_on=status,
    )
    own_data.wire(inputs)
    stops(stop, [*opening, run], status)


def _run_controls(controls: Controls, run: int) -> None:
    with gr.Row():
        for name in ("sampler", "predictor"):
            controls[f"{name}_{run}"] = make_control(ReverseSettings, f"{name}_{run}")
    with gr.Row():
        for name in ("grid", "steps"):
            controls[f"{name}_{run}"] = make_control(ReverseSettings, f"{name}_{run}")
    controls[f"eta_{run}"] = make_control(ReverseSettings, f"eta_{run}")
