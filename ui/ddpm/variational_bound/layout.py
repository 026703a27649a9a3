"""The section Bound of Diffusion (DDPM): the variational bound term by term."""

from __future__ import annotations

import gradio as gr

from diffusion.evaluation.variational_bound import (
    FixedVariance,
    bounds,
    exact_bound,
    exact_step,
    excess,
)
from diffusion.networks import ReverseMLP
from diffusion.process.variational import step_terms
from ui.ddpm.variational_bound.compute import (
    LEAST,
    BoundResult,
    VariationalBoundSettings,
    bound_result,
)
from ui.ddpm.variational_bound.figure import bound_figure
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.texts import equation, minus_signs, source_panel, table

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$$-\log p_\theta(x_0) \le L_T + \textstyle\sum_{t>1} L_{t-1} + L_0$$

$$L_T = \mathrm{KL}\big(q(x_T \mid x_0) \,\|\, p(x_T)\big)$$

$$L_{t-1} = \mathrm{KL}\big(q(x_{t-1} \mid x_t, x_0) \,\|\, p_\theta(x_{t-1} \mid x_t)\big)$$

$$L_0 = -\log p_\theta(x_0 \mid x_1)$$

in expectation (Ho et al. 2020, eq. 5; Nichol & Dhariwal 2021, eqs. 4-7), in bits per dimension.
Points in the plane have a density, which may be above 1: $L_0$ and the total may be negative.
"""

READING = r"""
**learned**: mean and variance by a network that was trained on this bound. **simple**: mean by the
network of the simple loss, variance fixed. **exact score**: the same with the exact mean of
$x_{t-1}$. **least**: the exact $q(x_{t-1} \mid x_t)$, which is not Gaussian; only it reaches
$-\log p(x_0)$. The others lose most at small t. With a fixed variance it is the variance's fault:
β̃ is far too small at the first steps, β too large a little later.
"""

HEAD = ("reverse process", r"$\sum_{t>1} L_{t-1}$", "$L_0$", "bound", "lost")


def show(settings: VariationalBoundSettings) -> tuple[str, str]:
    """The chart of the terms and a table of their sums."""
    result = bound_result(settings)
    return bound_figure(result.bounds), _sums_table(result)


SHOWS = [show]


def _sums_table(result: BoundResult) -> str:
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
    return (
        f"{table(HEAD, rows)}\n\nExact $-\\log_2 p(x_0)$ of the same points: "
        f"**{exact}** bits per dimension. $L_T$ is the schedule's alone: {prior:.1e}. "
        "**lost**: what the bound is above it, measured term by term against the exact "
        "$q(x_{t-1} \\mid x_t)$; the difference of the sums errs by more."
    )


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="bound-figure")
            sums = equation("")
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            equation(READING)
            controls["variance_type"] = make_control(VariationalBoundSettings, "variance_type")
            controls["num_points"] = make_control(VariationalBoundSettings, "num_points")
            with gr.Row():
                controls["seed"] = make_control(VariationalBoundSettings, "seed")
                measure = gr.Button("Measure", variant="primary")
    source_panel(step_terms, bounds, FixedVariance, ReverseMLP, exact_bound, exact_step, excess)

    inputs = in_order(VariationalBoundSettings, controls)
    outputs = [figure, sums]
    opens(VariationalBoundSettings, SHOWS, [*inputs, *outputs])
    answers(
        VariationalBoundSettings,
        show,
        [measure.click, controls["seed"].submit, controls["variance_type"].input],
        inputs,
        outputs,
        old_endpoint="bound",
        progress_on=sums,
    )
