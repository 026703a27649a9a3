"""The section From nothing of Waveforms (WaveGrad): a sound made from noise, each step heard."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from diffusion.networks import WaveformNet
from diffusion.sampling.samplers import SAMPLERS
from diffusion.training.objectives import hierarchical_noise_levels, wavegrad_objective
from ui.components import SoundPlayer
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction, Try
from ui.shared.section_opening import opens
from ui.shared.strips import Strip, StripControls
from ui.shared.texts import equation, facts_table, sampler_panel, source, source_panel
from ui.sound.from_nothing.compute import FromNothingSettings, generate_result
from ui.sound.sound_strips import WaveRow, wave_strip

INTRODUCTION = Introduction(
    what_you_see="A sound of 0.37 s arises from white noise, and the player lets you hear each of "
    "its denoising steps. The table compares the result with the family of sounds on which the "
    "network was trained.",
    tries=(
        Try(
            "Take ten steps instead of 50",
            "With this seed, ten steps suffice: the residual after fitting the nearest sound is "
            "0.22 of the amplitude instead of 0.59. Other seeds differ.",
            {"num_inference_steps": 10},
        ),
        Try(
            "Sample with DDIM, which adds no noise",
            "The result is farther from the family: with this seed, the residual is 0.91 of the "
            "amplitude instead of 0.59.",
            {"sampler": "ddim"},
        ),
        Try(
            "Let DDIM add as much noise as DDPM",
            "The sound is that of DDPM, with f₀ = 220 Hz: with η = 1 both samplers are the same.",
            {"sampler": "ddim", "eta": 1.0},
        ),
    ),
    equation=r"""
    $$L = \mathbb{E}\,\big\| \epsilon - \epsilon_\theta\big(\sqrt{\bar\alpha}\, x_0 +
    \sqrt{1 - \bar\alpha}\, \epsilon,\ \sqrt{\bar\alpha}\big) \big\|_1$$

    WaveGrad's loss: the network $\epsilon_\theta$ receives the continuous noise level
    $\sqrt{\bar\alpha}$, so that the same weights work with any number of steps.
    """,
)

DETAILS = """
The network is small and works in a lapped transform. Unlike WaveGrad it has no mel spectrogram as
a condition: it invents a sound. All steps are played equally loud (ITU-R BS.1770).
"""


def show(settings: FromNothingSettings) -> tuple[dict[str, Any], str, str]:
    """The payload of the generated sound, a table, and the source of the sampler."""
    result = generate_result(settings)
    alt = (
        f"Waveform and spectrum of a sound that {settings.sampler} makes from noise in "
        f"{settings.num_inference_steps} steps"
    )
    payload = result.payload("generate " + settings.to_query(), alt, _file_name(settings))
    return payload, facts_table(result.facts), source(SAMPLERS[settings.sampler])


def generated_strip(settings: FromNothingSettings) -> Strip:
    """x_t and x̂₀ at ten steps from noise to a sound."""
    result = generate_result(settings)
    return wave_strip(
        name=f"{_file_name(settings)}-x_t-and-x0",
        description=f"The strip shows how {settings.sampler} makes a sound from noise in "
        f"{settings.num_inference_steps} steps: the state x_t and the predicted sound x̂₀.",
        rows={
            name: WaveRow(np.asarray(view.sounds), result.labels)
            for name, view in result.views.items()
        },
    )


def _file_name(settings: FromNothingSettings) -> str:
    return f"wavegrad-{settings.sampler}-{settings.num_inference_steps}-seed-{settings.seed}"


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    INTRODUCTION.lay_out(FromNothingSettings)
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = SoundPlayer(elem_id="generated-player")
            strip = StripControls.lay_out()
        with gr.Column(scale=2, min_width=320):
            facts = gr.Markdown()
            with gr.Row():
                for name in ("sampler", "num_inference_steps"):
                    controls[name] = make_control(FromNothingSettings, name)
            controls["eta"] = make_control(FromNothingSettings, "eta")
            with gr.Row():
                controls["seed"] = make_control(FromNothingSettings, "seed")
                generate = gr.Button("Generate", variant="primary")
            with gr.Accordion("Details", open=False):
                equation(DETAILS)
    sampler_source = sampler_panel()
    source_panel(wavegrad_objective, hierarchical_noise_levels, WaveformNet.forward)

    inputs = in_order(FromNothingSettings, controls)
    outputs = [player, facts, sampler_source]
    strip.wire(FromNothingSettings, generated_strip, inputs)
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
