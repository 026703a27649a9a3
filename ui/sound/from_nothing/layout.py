"""The section From nothing of Waveforms (WaveGrad): a sound made from noise, each step heard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

from diffusion.sampling.samplers import SAMPLERS
from diffusion.training.objectives import hierarchical_noise_levels, wavegrad_objective
from diffusion.waveform.prepare import UNIFORM_FRACTION
from ui.components import SoundPlayer
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.strips import Strip, StripControls
from ui.shared.texts import equation, facts_table, sampler_panel, source, source_panel
from ui.sound.from_nothing.compute import (
    NETWORKS,
    NOTES,
    FromNothingSettings,
    generate_result,
    what_is_wrong,
)
from ui.sound.networks import LAPPED
from ui.sound.sound_strips import WaveRow, wave_strip
from ui.texts import Texts

TEXTS = Texts("from-nothing")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    FromNothingSettings,
    {
        "lapped": {"network": LAPPED},
        "ddim": {"network": LAPPED, "sampler": "ddim"},
        "notes": {"network": NOTES},
    },
    ("Chen et al. 2020",),
)


def show(settings: FromNothingSettings) -> tuple[dict[str, Any], str, str, str]:
    """The payload of the generated sound, a table, the source of what ran, and what is wrong."""
    result = generate_result(settings)
    alt = TEXTS.say(
        "alt",
        sampler=settings.sampler,
        num_inference_steps=settings.num_inference_steps,
        network=TEXTS.option("network", settings.network),
    )
    payload = result.payload("generate " + settings.to_query(), alt, _file_name(settings))
    code = (SAMPLERS[settings.sampler], type(settings.checkpoint().network).forward)
    return (
        payload,
        facts_table(result.facts),
        "\n\n".join(map(source, code)),
        what_is_wrong(settings.network),
    )


def show_steps(settings: FromNothingSettings) -> Iterator[tuple[Any, ...]]:
    """The progress of the sampling; then payload, table, source, and what is wrong."""
    for news in generate_result.steps(settings):
        yield gr.skip(), news, gr.skip(), gr.skip()
    yield show(settings)


def generated_strip(settings: FromNothingSettings) -> Strip:
    """x_t and x̂₀ at ten steps from noise to a sound."""
    result = generate_result(settings)
    return wave_strip(
        name=f"{_file_name(settings)}-x_t-and-x0",
        description=TEXTS.say(
            "strip", sampler=settings.sampler, num_inference_steps=settings.num_inference_steps
        ),
        rows={
            name: WaveRow(np.asarray(view.sounds), result.labels)
            for name, view in result.views.items()
        },
    )


def _file_name(settings: FromNothingSettings) -> str:
    name = NETWORKS[settings.network]
    return f"{name}-{settings.sampler}-{settings.num_inference_steps}-seed-{settings.seed}"


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    INTRODUCTION.lay_out()
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = SoundPlayer(elem_id="generated-player")
            strip = StripControls.lay_out()
        with gr.Column(scale=2, min_width=320):
            controls["network"] = make_control(FromNothingSettings, "network")
            wrong = gr.Markdown()
            facts = gr.Markdown()
            with gr.Row():
                for name in ("sampler", "num_inference_steps"):
                    controls[name] = make_control(FromNothingSettings, name)
            controls["eta"] = make_control(FromNothingSettings, "eta")
            with gr.Row():
                controls["seed"] = make_control(FromNothingSettings, "seed")
                generate = gr.Button(TEXTS["generate"], variant="primary")
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS.say("details", hierarchical=f"{100 * (1 - UNIFORM_FRACTION):.0f} %"))
    code = sampler_panel(TEXTS["code_title"])
    source_panel(wavegrad_objective, hierarchical_noise_levels)

    inputs = in_order(FromNothingSettings, controls)
    outputs = [player, facts, code, wrong]
    strip.wire(FromNothingSettings, generated_strip, inputs)
    opens(FromNothingSettings, [show_steps], [*inputs, *outputs])
    answers(
        FromNothingSettings,
        show_steps,
        [generate.click, controls["seed"].submit, controls["network"].input],
        inputs,
        outputs,
        old_endpoint="generate",
        progress_on=facts,
    )
