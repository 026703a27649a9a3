"""The section From nothing of Waveforms (WaveGrad): a sound made from noise, each step heard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

from diffusion.sampling.samplers import SAMPLERS
from diffusion.training.objectives import hierarchical_noise_levels, wavegrad_objective
from diffusion.waveform.recipes import UNIFORM_FRACTION
from ui.components import SoundPlayer
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction, Try
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

INTRODUCTION = Introduction(
    what_you_see="A sound arises from white noise, and the player lets you hear each of its "
    "denoising steps. The table compares the result with the family of sounds on which the "
    "network was trained.",
    tries=(
        Try(
            "Take the lapped transform",
            "A note of 0.37 s is heard: the residual after fitting the nearest sound is 0.59 of "
            "the amplitude, instead of 0.99 of a frame by the tutorial's first network.",
            {"network": LAPPED},
        ),
        Try(
            "Let it be sampled with DDIM, which adds no noise",
            "The result is farther from the family: with this seed, the residual is 0.91 of the "
            "amplitude instead of 0.59.",
            {"network": LAPPED, "sampler": "ddim"},
        ),
        Try(
            "Take the mixture of notes",
            "The sound is nearly a member of the family: the residual is 0.02 of the amplitude. "
            "This network knows what a note is, and can make nothing else.",
            {"network": NOTES},
        ),
    ),
    equation=r"""
    $$L = \mathbb{E}\,\big\| \epsilon - \epsilon_\theta\big(\sqrt{\bar\alpha}\, x_0 +
    \sqrt{1 - \bar\alpha}\, \epsilon,\ \sqrt{\bar\alpha}\big) \big\|_1$$

    WaveGrad's loss: the network $\epsilon_\theta$ receives the continuous noise level
    $\sqrt{\bar\alpha}$, so that the same weights work with any number of steps.
    """,
    papers=("Chen et al. 2020",),
)

DETAILS = f"""
Unlike WaveGrad, no network here has a mel spectrogram as a condition: each invents a sound. All
steps are played equally loud (ITU-R BS.1770).

- *The tutorial's first network, mended* is trained as the tutorial does it, on frames of its own
  sounds: all √ᾱ are drawn hierarchically, and each $\\hat x_0$ of the sampling is clipped to
  [−1, 1]. Mended are the noise schedule, which now reaches noise, the batch normalisation, which no
  longer normalises a sound by itself, and the length, 29 ms instead of 11.
- *Lapped transform* draws only {1 - UNIFORM_FRACTION:.0%} of each batch hierarchically, and ln σ
  uniformly for the rest.
- *Mixture of notes* has no layers. Written into it are the partials' frequencies, $f_k = k f_0
  \\sqrt{{(1 + B k^2)/(1 + B)}}$ for the 20 pitches and $0 \\le B \\le 0.001$, and that sines of
  equal amplitude go through one band-pass filter. It learned the centres and qualities of 128
  filters, how likely each of them is, and how many partials a note has, by maximum likelihood of
  the partials of 12,000 sounds in noise. $\\hat x_0$ is the mean of all such notes, weighted by
  how well each explains $x_t$. It can make nothing else.
""".replace("%", " %")


def show(settings: FromNothingSettings) -> tuple[dict[str, Any], str, str, str]:
    """The payload of the generated sound, a table, the source of what ran, and what is wrong."""
    result = generate_result(settings)
    alt = (
        f"Waveform and spectrum of a sound that {settings.sampler} makes from noise in "
        f"{settings.num_inference_steps} steps, by {settings.network}"
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
        description=f"The strip shows how {settings.sampler} makes a sound from noise in "
        f"{settings.num_inference_steps} steps: the state x_t and the predicted sound x̂₀.",
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
    INTRODUCTION.lay_out(FromNothingSettings)
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
                generate = gr.Button("Generate", variant="primary")
            with gr.Accordion("Details", open=False):
                equation(DETAILS)
    code = sampler_panel("The sampler and the network that ran")
    source_panel(wavegrad_objective, hierarchical_noise_levels)

    inputs = in_order(FromNothingSettings, controls)
    outputs = [player, facts, code, wrong]
    strip.wire(FromNothingSettings, generated_strip, inputs)
    opens(FromNothingSettings, SHOWS, [*inputs, *outputs])
    answers(
        FromNothingSettings,
        show_steps,
        [generate.click, controls["seed"].submit, controls["network"].input],
        inputs,
        outputs,
        old_endpoint="generate",
        progress_on=facts,
    )
