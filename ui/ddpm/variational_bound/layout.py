"""The section *Variational bound*: the bound term by term."""

from __future__ import annotations

import gradio as gr

from diffusion.evaluation.exact_probabilities import exact_step
from diffusion.evaluation.variational_bound import FixedVariance, bounds, exact_bound, excess
from diffusion.networks import ReverseMLP
from diffusion.process.variational import discretized_nll, step_terms
from ui.ddpm.variational_bound.compute import (
    DISCRETISED,
    LEAST,
    BoundResult,
    VariationalBoundSettings,
    bound_result,
)
from ui.ddpm.variational_bound.figure import bound_figure
from ui.shared.controls import Controls, answers, at_once, in_order, make_control, waits_for
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.texts import equation, minus_signs, scientific, source_panel, table
from ui.texts import Texts

TEXTS = Texts("variational-bound")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    VariationalBoundSettings,
    {
        "small_variance": {"variance_type": "fixed_small"},
        "large_variance": {"variance_type": "fixed_large"},
        "discretised": {"decoder": DISCRETISED},
    },
    ("Ho et al. 2020", "Nichol & Dhariwal 2021"),
)


def show(settings: VariationalBoundSettings) -> tuple[str, str]:
    """The chart of the terms and a table of their sums."""
    result = bound_result(settings)
    return bound_figure(result.bounds), _sums_table(result, settings.decoder)


SHOWS = [show]


def _sums_table(result: BoundResult, decoder: str) -> str:
    rows = [
        (
            name,
            f"{float(found.terms[1:].sum()):.3f}",
            f"{float(found.terms[0]):.3f}",
            f"**{found.total:.3f}**",
            f"{float(found.excess.sum()):.3f}",
        )
        for name, found in result.bounds.items()
    ]
    prior = result.bounds[LEAST].prior
    exact = minus_signs(f"{result.exact:.3f}")
    if decoder == DISCRETISED:
        said = TEXTS.say("exact_cell", exact=exact)
    else:
        said = TEXTS.say("exact", exact=exact)
    about_sums = TEXTS.say("sums", prior=scientific(prior))
    return f"{table(TEXTS['head'].split(' | '), rows)}\n\n{said} {about_sums}"


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    INTRODUCTION.lay_out()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="bound-figure")
            sums = equation("")
        with gr.Column(scale=2, min_width=320):
            at_once()
            for name in ("variance_type", "decoder"):
                controls[name] = make_control(VariationalBoundSettings, name)
            waits_for(TEXTS["measure"])
            controls["num_points"] = make_control(VariationalBoundSettings, "num_points")
            with gr.Row():
                controls["seed"] = make_control(VariationalBoundSettings, "seed")
                measure = gr.Button(TEXTS["measure"], variant="primary")
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
    source_panel(
        step_terms,
        discretized_nll,
        bounds,
        FixedVariance,
        ReverseMLP,
        exact_bound,
        exact_step,
        excess,
    )

    inputs = in_order(VariationalBoundSettings, controls)
    outputs = [figure, sums]
    opens(VariationalBoundSettings, SHOWS, [*inputs, *outputs])
    answers(
        VariationalBoundSettings,
        show,
        [
            measure.click,
            controls["seed"].submit,
            controls["variance_type"].input,
            controls["decoder"].input,
        ],
        inputs,
        outputs,
        old_endpoint="bound",
        progress_on=sums,
    )
