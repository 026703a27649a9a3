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
from ui.shared.introduction import Introduction, Try
from ui.shared.section_opening import opens
from ui.shared.texts import equation, minus_signs, scientific, source_panel, table

INTRODUCTION = Introduction(
    "The chart shows each term of the variational bound on $-\\log p_\\theta(x_0)$ over t for four "
    "reverse processes, and below it what each loses against the exact one, summed from T down to "
    "t. The table adds the terms up and gives the exact value, below which no bound can be.",
    (
        Try(
            "Take the small variance β̃",
            "The bound of *simple* rises from 0.2 to 4.6 bits per dimension, and that of the exact "
            "score by as much: not the network but the variance dominates the gap, at t = 2 above "
            "all.",
            {"variance_type": "fixed_small"},
        ),
        Try(
            "Take the large variance β",
            "The gap shrinks to 0.2, and the network that learned its variance has only 0.08.",
            {"variance_type": "fixed_large"},
        ),
        Try(
            "Take the discretised decoder",
            "It counts the bits of the cell that a point lies in, so all of $L_0$ rise by 7.3 bits "
            "per dimension, and the gaps hardly change: here the decoder decides nothing.",
            {"decoder": DISCRETISED},
        ),
    ),
    r"""
$$-\log p_\theta(x_0) \le L_T + \textstyle\sum_{t>1} L_{t-1} + L_0$$

$$L_{t-1} = \mathrm{KL}\big(q(x_{t-1} \mid x_t, x_0) \,\|\, p_\theta(x_{t-1} \mid x_t)\big)$$
""",
    (
        "Ho et al. 2020",
        "Nichol & Dhariwal 2021",
    ),
)

DETAILS = r"""
The first and the last term of the bound are

$$L_T = \mathrm{KL}\big(q(x_T \mid x_0) \,\|\, p(x_T)\big), \qquad
L_0 = -\log p_\theta(x_0 \mid x_1).$$

All terms are expectations (Ho et al. 2020, eq. 5; Nichol & Dhariwal 2021, eqs. 4-7), in bits per
dimension. Points in the plane have a density, which may be above 1, so $L_0$ and the total may be
negative.

The **Gaussian** decoder measures the density of $p_\theta(x_0 \mid x_1)$ at the point. The
**discretised** decoder (Ho et al. 2020, eq. 13) measures the probability of the cell, 2/255 wide,
that the point lies in: the bits that it takes to send the point to this precision. Ho et al. leave
the first and the last of 256 cells open; here there are cells beyond $\pm 1$, where points lie.

- **learned**: a network that was trained on this bound gives mean and variance.
- **simple**: the network of the simple loss gives the mean, and the variance is fixed.
- **exact score**: the same with the exact mean of $x_{t-1}$.
- **least**: the exact $q(x_{t-1} \mid x_t)$, which is not Gaussian. It alone reaches
  $-\log p(x_0)$.

The others lose most at small t. With a fixed variance the variance dominates the gap: β̃ is far too
small at the first steps, and β is too large a little later.
"""

GAP = (
    "The **gap** is how far the bound is above that of the exact $q(x_{t-1} \\mid x_t)$. It is "
    "measured term by term, which has less sampling noise than the difference of the sums."
)

CELLS = (
    "Even the exact process is above it, because its other terms pay for the place of the point "
    "inside the cell, too."
)

HEAD = ("reverse process", r"terms $\sum_{t>1} L_{t-1}$", "term $L_0$", "bound", "gap")


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
    return (
        f"{table(HEAD, rows)}\n\n{_exact_text(result, decoder)} "
        f"$L_T$ depends on the schedule alone: {scientific(prior)}. {GAP}"
    )


def _exact_text(result: BoundResult, decoder: str) -> str:
    exact = f"**{minus_signs(f'{result.exact:.3f}')}** bits per dimension."
    if decoder == DISCRETISED:
        return f"Exact $-\\log_2 P(\\text{{cell}})$ of the same points: {exact} {CELLS}"
    return f"Exact $-\\log_2 p(x_0)$ of the same points: {exact}"


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    INTRODUCTION.lay_out(VariationalBoundSettings)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="bound-figure")
            sums = equation("")
        with gr.Column(scale=2, min_width=320):
            at_once()
            for name in ("variance_type", "decoder"):
                controls[name] = make_control(VariationalBoundSettings, name)
            waits_for("Measure")
            controls["num_points"] = make_control(VariationalBoundSettings, "num_points")
            with gr.Row():
                controls["seed"] = make_control(VariationalBoundSettings, "seed")
                measure = gr.Button("Measure", variant="primary")
            with gr.Accordion("Details", open=False):
                equation(DETAILS)
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
