"""The section Samplers side by side: one sound made again from its mel by up to four samplers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from diffusion.sampling.samplers import SAMPLERS
from diffusion.waveform.config import VocoderConfig
from synth import detuning, log_mel_distance, match_mel, partial_errors, spectral_convergence
from synth.features.griffin_lim import griffin_lim
from ui.components import SoundPlayer
from ui.shared.controls import (
    Controls,
    equation,
    handler,
    heavy,
    in_order,
    keep_endpoint,
    links,
    make_control,
    one_sentence,
    sampler_panel,
    source,
    source_panel,
    stops,
)
from ui.shared.introduction import Introduction
from ui.shared.sampler_runs import RUNS
from ui.shared.section_opening import opens
from ui.sound.side_by_side.compute import (
    RUN_CONTROLS,
    SideBySideSettings,
    side_by_side_payload,
    side_by_side_steps,
    side_by_side_table,
)
from ui.sound.sound_text import another_sound, decode_sound, in_words

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$$x_T = z \sim \mathcal{N}(0, I), \qquad \epsilon_\theta\big(x_t, \sqrt{\bar\alpha_t},
\operatorname{mel}(y)\big)$$

Every run starts from the same noise $z$ and is told the same log-mel spectrogram of the original
$y$; they differ in sampler, steps and levels, and in whether $\hat x_0$ is also *held* to it at
each step. **Griffin-Lim** (GL) has the same mel and no network: it is the bar to clear. Press
**Listen**, then choose another view: it goes on at the same position. Keys: 1, 2, 3 … for the
views, B for the one before.
"""


def show(settings: SideBySideSettings) -> tuple[dict[str, Any], str, str, str]:
    """The player's payload, the table, a line on the sound, and the source of the samplers."""
    samplers = dict.fromkeys(plan.sampler for plan in settings.plans().values())
    sources = "\n\n".join(source(SAMPLERS[sampler]) for sampler in samplers)
    done = f"{in_words(decode_sound(settings.sound))}; {settings.duration:g} s"
    return side_by_side_payload(settings), side_by_side_table(settings), done, sources


def show_steps(settings: SideBySideSettings) -> Iterator[tuple[Any, ...]]:
    """How far the sampling is; then what `show` gives."""
    for news in side_by_side_steps(settings):
        yield gr.skip(), gr.skip(), news, gr.skip()
    yield show(settings)


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {"sound": make_control(SideBySideSettings, "sound")}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = SoundPlayer(elem_id="side-by-side-player")
            errors = gr.Markdown()
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            with gr.Tabs():
                for run in RUNS:
                    with gr.Tab(f"Run {run}"):
                        for name in RUN_CONTROLS:
                            key = f"{name}_{run}"
                            controls[key] = make_control(SideBySideSettings, key)
            controls["duration"] = make_control(SideBySideSettings, "duration")
            with gr.Row():
                controls["seed"] = make_control(SideBySideSettings, "seed")
                sample = gr.Button("Sample", variant="primary", min_width=100)
                stop = gr.Button("Stop", min_width=100)
            another = gr.Button("Another sound")
            status = gr.Markdown()
    sampler_source = sampler_panel("The samplers that ran")
    source_panel(
        VocoderConfig.states,
        match_mel,
        griffin_lim,
        log_mel_distance,
        spectral_convergence,
        detuning,
        partial_errors,
    )

    inputs = in_order(SideBySideSettings, controls)
    outputs = [player, errors, status, sampler_source]
    opens(SideBySideSettings, SHOWS, [*inputs, *outputs])
    sampling: dict[str, Any] = {
        "fn": handler(SideBySideSettings, show_steps),
        "inputs": inputs,
        "outputs": outputs,
        **heavy(status),
    }
    drawn = another.click(
        _another,
        inputs,
        [controls["sound"], controls["seed"]],
        show_progress="hidden",
        api_visibility="private",
    )
    runs = [
        gr.on(
            [sample.click, controls["seed"].submit],
            api_name=SideBySideSettings.endpoint,
            **sampling,
        ),
        drawn.success(**sampling, api_visibility="private"),
    ]
    keep_endpoint("sound_lanes", sampling["fn"], sampling["inputs"], sampling["outputs"])
    for run in runs:
        links(run, SideBySideSettings, inputs)
    stops(stop, runs, status)


def _another(*values: Any) -> tuple[str, int]:
    """A random sound and the seed that drew it, the next one."""
    with one_sentence():
        settings = SideBySideSettings.from_values(values)
    return another_sound(settings.seed)
