"""The section *Sample quality*: how good samples are for a number of evaluations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from diffusion.evaluation.metrics import kernel_mean, sorted_projections
from diffusion.evaluation.sample_quality import RealPoints
from diffusion.process.named_schedules import karras_sigmas
from diffusion.sampling.config import SamplingConfig
from ui.ddpm.sample_quality.compute import (
    SampleQualitySettings,
    measured,
    plan_quality,
    quality_facts,
)
from ui.ddpm.sample_quality.figure import quality_figure
from ui.shared.controls import Controls, answers, at_once, in_order, make_control, stops, waits_for
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, source_panel
from ui.texts import Texts

TEXTS = Texts("sample-quality")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    SampleQualitySettings,
    {
        "ddim": {"sampler": "ddim", "num_points": 10_000},
        "training_steps": {
            "sampler": "ddim",
            "grid": "trailing",
            "curves": "trailing",
            "num_points": 10_000,
        },
        "off_the_curve": {
            "sampler": "ddpm",
            "steps": 100,
            "measure": "fraction off the curve",
            "num_points": 10_000,
        },
    },
    ("Karras et al. 2022", "Lu et al. 2022", "Gretton et al. 2012"),
)


def table_text() -> str:
    """Where the curves come from."""
    table = measured()
    return TEXTS.say(
        "origin_text",
        points=table["num_points"],
        seeds=len(table["seeds"]),
        command=table["command"],
    )


def show(settings: SampleQualitySettings) -> tuple[str, str, str]:
    """The chart, a table, and a line on what was done."""
    return (
        quality_figure(settings),
        facts_table(quality_facts(settings)),
        TEXTS["finished"],
    )


def show_steps(settings: SampleQualitySettings) -> Iterator[tuple[Any, ...]]:
    """The progress of the measurement; then the chart, a table, and a line on what was done."""
    for news in plan_quality.steps(settings.plan(), settings.num_points, settings.seed):
        yield gr.skip(), gr.skip(), news[0].upper() + news[1:]
    yield show(settings)


SHOWS = [show_steps]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    INTRODUCTION.lay_out()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="quality-figure")
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
                equation(table_text())
                gr.Markdown(SHARED["too_thin"])
        with gr.Column(scale=2, min_width=320):
            at_once()
            with gr.Row():
                for name in ("measure", "curves"):
                    controls[name] = make_control(SampleQualitySettings, name)
            facts = gr.Markdown()
            waits_for(TEXTS["measure"])
            with gr.Row():
                for name in ("sampler", "predictor"):
                    controls[name] = make_control(SampleQualitySettings, name)
            with gr.Row():
                for name in ("grid", "steps"):
                    controls[name] = make_control(SampleQualitySettings, name)
            with gr.Accordion(TEXTS["more_controls"], open=False):
                for name in ("num_points", "eta"):
                    controls[name] = make_control(SampleQualitySettings, name)
            with gr.Row():
                controls["seed"] = make_control(SampleQualitySettings, "seed")
                measure = gr.Button(TEXTS["measure"], variant="primary", min_width=120)
                stop = gr.Button(SHARED["stop"], min_width=80)
            status = gr.Markdown()
    source_panel(SamplingConfig.states, karras_sigmas, RealPoints, sorted_projections, kernel_mean)

    inputs = in_order(SampleQualitySettings, controls)
    outputs = [figure, facts, status]
    opening = opens(SampleQualitySettings, SHOWS, [*inputs, *outputs])
    redraw = [controls[name].input for name in ("measure", "curves")]
    run = answers(
        SampleQualitySettings,
        show_steps,
        [measure.click, controls["seed"].submit, *redraw],
        inputs,
        outputs,
        old_endpoint="quality",
        progress_on=status,
    )
    stops(stop, [*opening, run], status)
