"""The section Reverse of Diffusion (DDPM): from noise to data, by up to four samplers at once."""

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
    ReverseSettings,
    reverse_facts,
    reverse_payload,
    reverse_steps,
)
from ui.shared.controls import Controls, answers, in_order, make_control, stops
from ui.shared.introduction import Introduction
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import RUNS
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, sampler_panel, source, source_panel

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$$x_{t-1} = \tilde\mu(\hat x_0, x_t) + \sigma_t z \qquad \text{(ddpm)}$$

$$\hat x_0 = \frac{x_t - \sqrt{1 - \bar\alpha_t}\, \epsilon(x_t)}{\sqrt{\bar\alpha_t}}$$

The step is that of ddpm, with fresh noise $z$ in each; the other samplers go from $\hat x_0$ on
by steps of their own (source below). Every run starts from the same noise, $x_T$, and ends
together with the others: a point that you follow (tap it, or use the arrow keys) is the same one in
all of them. $\hat x_0$ is what the predictor of $\epsilon$ believes the points will become: a
trained network, or the exact oracle.
"""

RUN_CONTROLS = ("sampler", "predictor", "steps", "grid", "eta")


def trained_text() -> str:
    """The schedule of the training and the grid for few steps, from the configuration."""
    config = checkpoint("swiss-roll-ddpm").config
    schedule, grid = config["schedule"], config["inference"]
    return (
        f"The network was trained on the schedule {schedule['beta_schedule']} with "
        f"T = {schedule['num_train_timesteps']} and β from {schedule['beta_start']:g} to "
        f"{schedule['beta_end']:g}. **trailing** and **leading** visit steps of it, from N(0, I); "
        f"leading misses the noisiest. **karras** has levels of its own, from "
        f"σ = √(1 − ᾱ)/√ᾱ = {grid['sigma_max']:g} down to {grid['sigma_min']:g}, and starts "
        "from the Gaussian with the mean and covariance of the noised data."
    )


def show(settings: ReverseSettings) -> tuple[dict[str, Any], str, str, str]:
    """The player's payload, a table, a line on what was done, and the source of the samplers."""
    facts = facts_table(reverse_facts(settings))
    samplers = dict.fromkeys(plan.sampler for plan in settings.plans().values())
    sources = [source(learned_reverse if s == "learned" else SAMPLERS[s]) for s in samplers]
    done = f"{settings.num_points} points in each run."
    return reverse_payload(settings), facts, done, "\n\n".join(sources)


def show_steps(settings: ReverseSettings) -> Iterator[tuple[Any, ...]]:
    """How far the sampling is; then what `show` gives."""
    for news in reverse_steps(settings):
        yield gr.skip(), gr.skip(), news, gr.skip()
    yield show(settings)


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = PointPlayer(elem_id="reverse-player")
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            facts = gr.Markdown()
            with gr.Tabs():
                for run in RUNS:
                    with gr.Tab(f"SamplerRun {run}"):
                        _run_controls(controls, run)
            with gr.Accordion("Points and ρ", open=False):
                for name in ("num_points", "rho"):
                    controls[name] = make_control(ReverseSettings, name)
            with gr.Row():
                controls["seed"] = make_control(ReverseSettings, "seed")
                sample = gr.Button("Sample", variant="primary", min_width=100)
                stop = gr.Button("Stop", min_width=100)
            status = gr.Markdown()
            equation(trained_text())
    sampler_source = sampler_panel("The samplers that ran")
    source_panel(iterate, simple_objective)

    inputs = in_order(ReverseSettings, controls)
    outputs = [player, facts, status, sampler_source]
    opening = opens(ReverseSettings, [show_steps], [*inputs, *outputs])
    run = answers(
        ReverseSettings,
        show_steps,
        [sample.click, controls["seed"].submit],
        inputs,
        outputs,
        progress_on=status,
    )
    stops(stop, [*opening, run], status)


def _run_controls(controls: Controls, run: int) -> None:
    with gr.Row():
        for name in ("sampler", "predictor"):
            controls[f"{name}_{run}"] = make_control(ReverseSettings, f"{name}_{run}")
    with gr.Row():
        for name in ("grid", "steps"):
            controls[f"{name}_{run}"] = make_control(ReverseSettings, f"{name}_{run}")
    controls[f"eta_{run}"] = make_control(ReverseSettings, f"eta_{run}")
