"""The tab Waveforms (WaveGrad): a sound composed, and a sound made from noise, both heard."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion.networks import WaveformNet
from diffusion.objectives import hierarchical_noise_levels, wavegrad_objective
from diffusion.samplers import SAMPLERS
from synth import Sound
from ui.components import SoundPlayer, SoundView
from ui.controls import (
    Controls,
    equation,
    facts_table,
    handler,
    heavy,
    in_order,
    link_script,
    make_control,
    restore,
    sampler_panel,
    source,
    source_panel,
)
from ui.waveform import (
    SAMPLE_RATE,
    SoundSteps,
    WaveformSettings,
    compose_result,
    generate_result,
)

GENERATE = r"""
### Made from noise

$$L = \mathbb{E}\,\big\| \epsilon - \epsilon_\theta\big(\sqrt{\bar\alpha}\, x_0 + \sqrt{1 -
\bar\alpha}\, \epsilon,\ \sqrt{\bar\alpha}\big) \big\|_1$$

As in WaveGrad, the network knows the continuous noise level $\sqrt{\bar\alpha}$, so the same
weights run with any number of steps, and the implicit sampler (DDIM) needs few. Here it is a small
network in a lapped transform, without WaveGrad's mel spectrogram: it invents a sound. Press
**Listen**, then scrub: every step is heard, equally loud.
"""

COMPOSE = r"""
### Composed

The family of sounds that the network learned from: partials
$f_k = k f_0 \sqrt{(1 + B k^2)/(1 + B)}$ through a band-pass filter.
"""

SOUND_SLIDERS = (
    "f0",
    "num_harmonics",
    "inharmonicity",
    "filter_frequency",
    "filter_q",
    "duration",
)


def _payload(result: SoundSteps, run: str, alt: str, file_name: str) -> dict[str, Any]:
    return SoundPlayer.payload(
        {name: SoundView(sounds, result.spectra[name]) for name, sounds in result.sounds.items()},
        result.labels,
        sample_rate=SAMPLE_RATE,
        max_frequency=result.max_frequency,
        run=run,
        alt=alt,
        file_name=file_name,
    )


def show_generated(settings: WaveformSettings) -> tuple[dict[str, Any], str, str]:
    """The payload of the generated sound, a table, and the source of the sampler."""
    result = generate_result(settings)
    alt = (
        f"Waveform and spectrum of a sound made from noise in {settings.num_inference_steps} steps "
        f"by {settings.sampler}"
    )
    name = f"wavegrad-{settings.sampler}-{settings.num_inference_steps}-seed-{settings.seed}"
    payload = _payload(result, "generate " + settings.to_query(), alt, name)
    return payload, facts_table(result.facts), source(SAMPLERS[settings.sampler])


def show_composed(settings: WaveformSettings) -> tuple[dict[str, Any], str]:
    """The payload of the composed sound, and a table."""
    result = compose_result(settings)
    alt = (
        f"Waveform and spectrum of an additive sound of {settings.num_harmonics} partials over "
        f"{settings.f0} Hz"
    )
    name = f"additive-{settings.f0:g}-hz-{settings.num_harmonics}-partials"
    payload = _payload(result, "compose " + settings.to_query(), alt, name)
    return payload, facts_table(result.facts)


SHOWS = [show_generated, show_composed]


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            generated = SoundPlayer(elem_id="generated-player")
        with gr.Column(scale=2, min_width=320):
            equation(GENERATE)
            generated_facts = gr.Markdown()
            with gr.Row():
                for name in ("sampler", "num_inference_steps"):
                    controls[name] = make_control(WaveformSettings, name)
            controls["eta"] = make_control(WaveformSettings, "eta")
            with gr.Row():
                controls["seed"] = make_control(WaveformSettings, "seed")
                generate = gr.Button("Generate", variant="primary")
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            composed = SoundPlayer(elem_id="composed-player")
        with gr.Column(scale=2, min_width=320):
            equation(COMPOSE)
            for name in (*SOUND_SLIDERS, "renderer"):
                controls[name] = make_control(WaveformSettings, name)
            composed_facts = gr.Markdown()
    sampler_source = sampler_panel()
    source_panel(
        wavegrad_objective,
        hierarchical_noise_levels,
        WaveformNet.forward,
        Sound.partial_frequencies,
    )

    inputs = in_order(WaveformSettings, controls)
    generated_outputs = [generated, generated_facts, sampler_source]
    composed_outputs = [composed, composed_facts]
    update_link: dict[str, Any] = {
        "fn": None,
        "inputs": inputs,
        "js": link_script(WaveformSettings),
        "api_visibility": "private",
    }
    demo.load(
        restore(WaveformSettings, SHOWS),
        outputs=[*inputs, *generated_outputs, *composed_outputs],
        api_visibility="private",
    )
    gr.on(
        [generate.click, controls["seed"].submit],
        handler(WaveformSettings, show_generated),
        inputs,
        generated_outputs,
        api_name="generate",
        **heavy(generated_facts),
    ).success(**update_link)
    gr.on(
        [controls["renderer"].input, *(controls[name].release for name in SOUND_SLIDERS)],
        handler(WaveformSettings, show_composed),
        inputs,
        composed_outputs,
        api_name="compose",
        **heavy(composed_facts),
    ).success(**update_link)
