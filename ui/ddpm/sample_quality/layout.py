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
from ui.shared.introduction import Introduction, Try
from ui.shared.sampler_runs import TOO_THIN
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, source_panel

INTRODUCTION = Introduction(
    "The chart shows how near the samples come to real points for a number of network evaluations "
    "(NFE), for each sampler, with the network and with the exact predictor (dotted). The star is "
    "the sampler that you choose below, measured now.",
    (
        Try(
            "Measure DDIM in 10 steps",
            "Its SW2 ratio is about twice that of DPM-Solver++(2M) with the same NFE, and the "
            "dotted curve is no better: the error is the sampler's, not the network's.",
            {"sampler": "ddim", "num_points": 10_000},
        ),
        Try(
            "Measure the same on the training steps (trailing)",
            "The ratio more than doubles, to about 4: with the same NFE the grid matters as much "
            "as the sampler.",
            {"sampler": "ddim", "grid": "trailing", "curves": "trailing", "num_points": 10_000},
        ),
        Try(
            "Look at the fraction off the curve of DDPM in 100 steps",
            "The star lies below the band of real points (about 0.27 %). That is not a virtue: "
            "the variance fixed_small (β̃, the smaller of the two that DDPM may have) makes the "
            "roll too thin.",
            {
                "sampler": "ddpm",
                "steps": 100,
                "measure": "fraction off the curve",
                "num_points": 10_000,
            },
        ),
    ),
    r"""
$$\text{ratio} = \frac{\mathbb{E}\, d(\text{generated}, \text{real})}
{\mathbb{E}\, d(\text{real}, \text{real}')}$$

where $d$ is the sliced Wasserstein-2 distance (SW2) or the squared maximum mean discrepancy (MMD²),
the squared distance between the means of a kernel's features. A ratio of 1 (in the band) is what
real points have among themselves; values below 1 are sampling noise.
""",
    (
        "Karras et al. 2022",
        "Lu et al. 2022",
        "Gretton et al. 2012",
    ),
)

DETAILS = r"""
The dotted curves are the **exact** predictor in the same sampler. Where the network's curve is
clearly above its dotted one, a better network could gain the difference. The distance of the dotted
curve to the band is the sampler's own error. A *fraction off the curve* counts points that are more
than three standard deviations (0.09) from the curve; real points have 0.27 %.
"""

PLAN = ("sampler", "predictor", "steps", "grid", "eta", "num_points")


def table_text() -> str:
    """Where the curves come from."""
    table = measured()
    return (
        f"The curves come from {table['num_points']:,} points. Each point is the mean over "
        f"{len(table['seeds'])} seeds, and its error bar goes from the lowest of them to the "
        f"highest; `{table['command']}` writes them. The grey **band** is where nine of ten sets "
        "of as many real points lie. **Closest to real points** are the fewest evaluations inside "
        "the band or, if none is, nearest to it. Fewer points off the curve than the band has are "
        "no virtue: such samples are too concentrated. "
        "The star is measured now with one seed and fewer points, so it is noisier, and the table "
        "has the range of as many real points. Euler's method equals DDIM with η = 0."
    )


def show(settings: SampleQualitySettings) -> tuple[str, str, str]:
    """The chart, a table, and a line on what was done."""
    return (
        quality_figure(settings),
        facts_table(quality_facts(settings)),
        "Finished: the star and the table are of these settings.",
    )


def show_steps(settings: SampleQualitySettings) -> Iterator[tuple[Any, ...]]:
    """The progress of the measurement; then the chart, a table, and a line on what was done."""
    for news in plan_quality.steps(settings.plan(), settings.num_points, settings.seed):
        yield gr.skip(), gr.skip(), news[0].upper() + news[1:]
    yield show(settings)


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    INTRODUCTION.lay_out(SampleQualitySettings)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="quality-figure")
            with gr.Accordion("Details", open=False):
                equation(DETAILS)
                equation(table_text())
                gr.Markdown(TOO_THIN)
        with gr.Column(scale=2, min_width=320):
            at_once()
            with gr.Row():
                for name in ("measure", "curves"):
                    controls[name] = make_control(SampleQualitySettings, name)
            facts = gr.Markdown()
            waits_for("Measure now")
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
