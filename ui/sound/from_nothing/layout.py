"""The section From nothing of Waveforms (WaveGrad): a sound made from noise, each step heard."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion.networks import WaveformNet
from diffusion.sampling.samplers import SAMPLERS
from diffusion.training.objectives import hierarchical_noise_levels, wavegrad_objective
from ui.components import SoundPlayer
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, sampler_panel, source, source_panel
from ui.sound.from_nothing.compute import FromNothingSettings, generate_result

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$$L = \mathbb{E}\,\big\| \epsilon - \epsilon_\theta\big(\sqrt{\bar\alpha}\, x_0 + \sqrt{1 -
\bar\alpha}\, \epsilon,\ \sqrt{\bar\alpha}\big) \big\|_1$$

As in WaveGrad, the network knows the continuous noise level $\sqrt{\bar\alpha}$, so the same
weights run with any number of steps: try 10. Here DDPM's fresh noise does better than the implicit
sampler (DDIM), in few steps too. It is a small network in a lapped transform, without WaveGrad's
mel spectrogram: it invents a sound. Press **Listen**, then scrub: every step is heard, equally
loud.
"""


def show(settings: FromNothingSettings) -> tuple[dict[str, Any], str, str]:
    """The payload of the generated sound, a table, and the source of the sampler."""
    result = generate_result(settings)
    alt = (
        f"Waveform and spectrum of a sound made from noise in {settings.num_inference_steps} steps "
        f"by {settings.sampler}"
    )
    name = f"wavegrad-{settings.sampler}-{settings.num_inference_steps}-seed-{settings.seed}"
    payload = result.payload("generate " + settings.to_query(), alt, name)
    return payload, facts_table(result.facts), source(SAMPLERS[settings.sampler])


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = SoundPlayer(elem_id="generated-player")
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            facts = gr.Markdown()
            with gr.Row():
                for name in ("sampler", "num_inference_steps"):
                    controls[name] = make_control(FromNothingSettings, name)
            controls["eta"] = make_control(FromNothingSettings, "eta")
            with gr.Row():
                controls["seed"] = make_control(FromNothingSettings, "seed")
                generate = gr.Button("Generate", variant="primary")
    sampler_source = sampler_panel()
    source_panel(wavegrad_objective, hierarchical_noise_levels, WaveformNet.forward)

    inputs = in_order(FromNothingSettings, controls)
    outputs = [player, facts, sampler_source]
    opens(FromNothingSettings, SHOWS, [*inputs, *outputs])
    answers(
        FromNothingSettings,
        show,
        [generate.click, controls["seed"].submit],
        inputs,
        outputs,
        old_endpoint="generate",
        progress_on=facts,
    )
