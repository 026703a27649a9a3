"""The section Quality of Diffusion (DDPM): what a sampler's evaluations buy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from diffusion.evaluation.metrics import kernel_mean, sorted_projections
from diffusion.evaluation.sample_quality import RealPoints
from diffusion.process.schedule import karras_sigmas
from diffusion.sampling.config import SamplingConfig
from ui.ddpm.sample_quality.compute import (
    MARGIN,
    SampleQualitySettings,
    measured,
    plan_quality,
    quality_facts,
)
from ui.ddpm.sample_quality.figure import quality_figure
from ui.shared.controls import Controls, answers, in_order, make_control, stops
from ui.shared.introduction import Introduction
from ui.shared.sampler_runs import percent
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, source_panel

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$$\text{ratio} = \frac{\mathbb{E}\, d(\text{generated}, \text{real})}
{\mathbb{E}\, d(\text{real}, \text{real}')}$$

With $d$ the sliced Wasserstein-2 distance or the squared MMD: 1 is what real points have among
themselves (the line), and what is below it is chance. The dotted curves are the **exact** predictor
in the same sampler. Where the network's is clearly above, a better network could gain the
difference; what the dotted one is above the line is the sampler's own error.
"""

PLAN = ("sampler", "predictor", "steps", "grid", "eta", "num_points")


def table_text() -> str:
    """Where the curves come from."""
    table = measured()
    margin = f"SW2 {MARGIN['sw2']:g}, MMD² {MARGIN['mmd2']:g}, {percent(MARGIN['off'])} off"
    return (
        f"The curves: {table['num_points']:,} points, mean of {len(table['seeds'])} seeds, written "
        f"by `{table['command']}`. **best**: the fewest evaluations within a margin ({margin}) of "
        "the best, or of real points. The star is measured now, of one seed and fewer "
        "points: it is noisier, and so are the fresh real points beside it in the table. Euler's "
        "method equals DDIM with η = 0."
    )


def show(settings: SampleQualitySettings) -> tuple[str, str, str]:
    """The chart, a table, and a line on what was done."""
    return quality_figure(settings), facts_table(quality_facts(settings)), "Measured."


def show_steps(settings: SampleQualitySettings) -> Iterator[tuple[Any, ...]]:
    """How far the measurement is; then what `show` gives."""
    for news in plan_quality.steps(settings.plan(), settings.num_points, settings.seed):
        yield gr.skip(), gr.skip(), news[0].upper() + news[1:]
    yield show(settings)


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="quality-figure")
            equation(table_text())
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            with gr.Row():
                for name in ("measure", "curves"):
                    controls[name] = make_control(SampleQualitySettings, name)
            facts = gr.Markdown()
            with gr.Row():
                for name in ("sampler", "predictor"):
                    controls[name] = make_control(SampleQualitySettings, name)
            with gr.Row():
                for name in ("grid", "steps"):
                    controls[name] = make_control(SampleQualitySettings, name)
            with gr.Accordion("Points and η", open=False):
                for name in ("num_points", "eta"):
                    controls[name] = make_control(SampleQualitySettings, name)
            with gr.Row():
                controls["seed"] = make_control(SampleQualitySettings, "seed")
                measure = gr.Button("Measure now", variant="primary", min_width=120)
                stop = gr.Button("Stop", min_width=80)
            status = gr.Markdown()
    source_panel(SamplingConfig.states, karras_sigmas, RealPoints, sorted_projections, kernel_mean)

    inputs = in_order(SampleQualitySettings, controls)
    outputs = [figure, facts, status]
    opening = opens(SampleQualitySettings, [show_steps], [*inputs, *outputs])
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
