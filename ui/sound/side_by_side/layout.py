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
    handler,
    heavy,
    in_order,
    keep_endpoint,
    make_control,
    stops,
)
from ui.shared.introduction import Introduction
from ui.shared.permalinks import links
from ui.shared.sampler_runs import RUNS
from ui.shared.section_opening import opens
from ui.shared.texts import equation, sampler_panel, source, source_panel
from ui.sound.networks import LAPPED
from ui.sound.side_by_side.compute import (
    RUN_CONTROLS,
    Runs,
    SideBySideSettings,
    side_by_side_steps,
)
from ui.sound.side_by_side.displays import (
    original_payload,
    side_by_side_payload,
    side_by_side_table,
)
from ui.sound.vocoder.about import about
from ui.sound.vocoder.sound_choice import SoundChoice
from ui.sound.vocoder.subject import Subject
from ui.texts import Texts

TEXTS = Texts("side-by-side")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    SideBySideSettings,
    {
        "three_networks": {
            "sampler_3": "dpm++2m",
            "schedule_3": "searched",
            "mel_3": "projected",
            "sampler_4": "none",
        },
        "projections": {
            "network_1": LAPPED,
            "mel_2": "projected once",
            "network_3": LAPPED,
            "sampler_3": "dpm++2m",
            "schedule_3": "searched",
            "sampler_4": "none",
        },
        "samplers": {
            "network_1": LAPPED,
            "sampler_1": "ddpm",
            "sampler_2": "ddim",
            "network_3": LAPPED,
            "sampler_3": "heun",
            "steps_3": 3,
            "schedule_3": "searched",
            "mel_3": "projected",
            "sampler_4": "dpm++2m",
            "steps_4": 6,
        },
    },
)


def show(settings: SideBySideSettings, own: Subject | None = None) -> tuple[Any, ...]:
    """The player's payload, the table, a line on the sound, and the source of the samplers."""
    *_, last = show_steps(settings, own)
    return last


def show_steps(
    settings: SideBySideSettings, own: Subject | None = None
) -> Iterator[tuple[Any, ...]]:
    """The original alone; how far the sampling is; then payload, table, sound and source.

    The results of another sound must not stay on the page: hence the original at first.
    """
    subject = own or settings.subject()
    steps = side_by_side_steps(settings, own)
    began = False
    while True:
        try:
            news = next(steps)
        except StopIteration as end:
            yield _finished(settings, subject, end.value)
            return
        if began:
            yield gr.skip(), gr.skip(), news, gr.skip()
        else:
            yield original_payload(settings, subject), TEXTS["no_result"], news, gr.skip()
        began = True


def _finished(settings: SideBySideSettings, subject: Subject, runs: Runs) -> tuple[Any, ...]:
    samplers = dict.fromkeys(plan.sampler for _, plan in settings.plans().values())
    sources = "\n\n".join(source(SAMPLERS[sampler]) for sampler in samplers)
    payload = side_by_side_payload(settings, subject, runs)
    said = about(subject, settings.tab, settings.duration)
    return payload, side_by_side_table(subject, runs), said, sources


SHOWS = [show_steps]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    INTRODUCTION.lay_out()
    controls: Controls = {"sound": make_control(SideBySideSettings, "sound")}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = SoundPlayer(elem_id="side-by-side-player")
            errors = gr.Markdown()
        with gr.Column(scale=2, min_width=320):
            with gr.Tabs():
                for run in RUNS:
                    with gr.Tab(TEXTS.say("run", run=run)):
                        for name in RUN_CONTROLS:
                            key = f"{name}_{run}"
                            controls[key] = make_control(SideBySideSettings, key)
            with gr.Accordion(TEXTS["sound"], open=False):
                sound = SoundChoice.lay_out(SideBySideSettings, controls)
                controls["duration"] = make_control(SideBySideSettings, "duration")
            with gr.Row():
                controls["seed"] = make_control(SideBySideSettings, "seed")
                sample = gr.Button(TEXTS["sample"], variant="primary", min_width=100)
                stop = gr.Button(SHARED["stop"], min_width=100)
            status = gr.Markdown()
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
    sampler_source = sampler_panel(TEXTS["samplers_title"])
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
    opening = opens(SideBySideSettings, SHOWS, [*inputs, *outputs])
    sampling: dict[str, Any] = {
        "fn": handler(SideBySideSettings, show_steps),
        "inputs": [*inputs, sound.own],
        "outputs": outputs,
        **heavy(status),
    }
    runs = [
        gr.on(
            [sample.click, controls["seed"].submit],
            api_name=SideBySideSettings.endpoint,
            **sampling,
        ),
        *(
            chosen.success(**sampling, api_visibility="private")
            for chosen in sound.wire(controls, inputs, progress_on=status)
        ),
    ]
    keep_endpoint("sound_lanes", SideBySideSettings, show_steps, [*inputs, sound.own], outputs)
    sound.forget_own(opening[0])
    for run in runs:
        links(run, SideBySideSettings, inputs)
    stops(
        stop,
        [*opening, *runs],
        status,
        kept=TEXTS["stopped"],
    )
