"""The section WaveGrad: a sound goes into noise and comes back, heard at every step."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion import add_noise, iterate
from diffusion.waveform.prepare import UNIFORM_FRACTION
from synth.features.mel import log_mel_of_padded
from synth.features.mel_projection import match_mel
from synth.metrics.partial_errors import detuning, noise_between_partials, partial_errors
from ui.components import SoundPlayer, SoundStage
from ui.shared.controls import (
    Controls,
    handler,
    heavy,
    in_order,
    keep_endpoint,
    make_control,
    one_sentence,
    stops,
)
from ui.shared.introduction import Introduction
from ui.shared.permalinks import links, scroll_script, stage_script
from ui.shared.section_opening import opens
from ui.shared.strips import StripControls
from ui.shared.texts import equation, sampler_panel, source_panel
from ui.sound.networks import LAPPED, WAVEGRAD
from ui.sound.vocoder.compute import VocoderSettings, start_of_step
from ui.sound.vocoder.displays import (
    BACK,
    INTO_NOISE,
    STAGES,
    show_noised,
    show_steps,
    vocoder_strip,
)
from ui.sound.vocoder.sound_choice import SoundChoice
from ui.sound.vocoder_tables import projection_times
from ui.texts import Texts

TEXTS = Texts("vocoder")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    VocoderSettings,
    {
        "as_published": {
            "network": WAVEGRAD,
            "sampler": "ddpm",
            "schedule": "published",
            "mel": "conditioned",
        },
        "conditioned": {"mel": "conditioned"},
        "from_the_sound": {"network": LAPPED, "start": "0.01"},
    },
    ("Chen et al. 2020", "Liu et al. 2024", "Baoueb et al. 2025"),
)


PLAYER = "vocoder-player"
OLD_PLAYERS = ("noised-player", "vocoded-player", "compared-player")
"""One for each stage, in links of earlier versions."""


def _details() -> str:
    """The text with what was measured and set."""
    try:
        parts = (f"{part:.0%} ({name})" for name, part in projection_times().items())
        times = ", ".join(parts).replace("%", " %")
    except ValueError:
        times = TEXTS["some_time"]
    hierarchical = f"{1 - UNIFORM_FRACTION:.0%}".replace("%", " %")
    return TEXTS.say("details", hierarchical=hierarchical, times=times)


SHOWS = [show_steps, show_noised]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    INTRODUCTION.lay_out()
    controls: Controls = {"sound": make_control(VocoderSettings, "sound")}
    frame = gr.Number(visible=False)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            SoundPlayer(elem_id=PLAYER, stages=STAGES)
            forward, reverse, compared = (
                SoundStage(player=PLAYER, stage=stage, elem_id=old)
                for stage, old in zip(STAGES, OLD_PLAYERS, strict=True)
            )
            facts = gr.Markdown()
            figure = gr.HTML(elem_id="partials-figure")
            strip = StripControls.lay_out()
        with gr.Column(scale=2, min_width=320):
            described = gr.Markdown()
            with gr.Row():
                run = gr.Button(TEXTS["vocode"], variant="primary", min_width=100)
                stop = gr.Button(SHARED["stop"], min_width=100)
                regenerate = gr.Button(TEXTS["regenerate"], min_width=220)
            status = gr.Markdown()
            with gr.Tabs():
                with gr.Tab(TEXTS["sampling"]):
                    _choose_sampling(controls)
                with gr.Tab(TEXTS["sound"]):
                    sound = SoundChoice.lay_out(VocoderSettings, controls)
                    controls["duration"] = make_control(VocoderSettings, "duration")
                with gr.Tab(SHARED["details"]):
                    equation(_details())
    sampler_source = sampler_panel(TEXTS["code_title"])
    source_panel(
        add_noise,
        log_mel_of_padded,
        iterate,
        match_mel,
        detuning,
        partial_errors,
        noise_between_partials,
    )

    inputs = in_order(VocoderSettings, controls)
    noised_outputs = [forward, described]
    outputs = [reverse, compared, facts, figure, status, sampler_source]
    private: dict[str, Any] = {"api_visibility": "private"}
    noise: dict[str, Any] = {
        "fn": handler(VocoderSettings, show_noised),
        "inputs": [*inputs, sound.own],
        "outputs": noised_outputs,
        **heavy(described),
    }
    vocoding: dict[str, Any] = {
        "fn": handler(VocoderSettings, show_steps),
        "inputs": [*inputs, sound.own],
        "outputs": outputs,
        **heavy(status),
    }
    strip.wire(VocoderSettings, vocoder_strip, [*inputs, sound.own])
    opening = opens(VocoderSettings, SHOWS, [*inputs, *outputs, *noised_outputs])
    changes = [controls["duration"].release, controls["seed"].submit]
    gr.on(changes, api_name="noise_sound", **noise)
    # Before the run itself: listeners of one event take their turns.
    run.click(fn=None, js=scroll_script(PLAYER), **private)
    run.click(fn=None, js=stage_script(PLAYER, BACK), **private)
    runs = [gr.on([run.click, *changes], api_name=VocoderSettings.endpoint, **vocoding)]
    keep_endpoint("vocode", VocoderSettings, show_steps, [*inputs, sound.own], outputs)
    # The sound begins anew in the noise that was heard.
    begun = regenerate.click(_start, frame, controls["start"], js=NOISED_STEP, **private)
    begun.success(fn=None, js=stage_script(PLAYER, BACK), **private)
    runs.append(begun.success(**vocoding, **private))
    for chosen in sound.wire(controls, inputs, progress_on=described):
        chosen.success(fn=None, js=stage_script(PLAYER, INTO_NOISE), **private)
        chosen.success(**noise, **private)
        runs.append(chosen.success(**vocoding, **private))
    for each in runs:
        links(each, VocoderSettings, inputs)
    sound.forget_own(opening[0])
    stops(stop, [*opening, *runs], status, kept=TEXTS["stopped"])


def _choose_sampling(controls: Controls) -> None:
    controls["network"] = make_control(VocoderSettings, "network")
    for names in (("sampler", "steps"), ("schedule", "mel"), ("start", "seed")):
        with gr.Row():
            controls |= {name: make_control(VocoderSettings, name) for name in names}
    controls["eta"] = make_control(VocoderSettings, "eta")


def _start(step: float) -> str:
    """The σ of a step of the stage into noise."""
    with one_sentence():
        return start_of_step(step)


NOISED_STEP = (
    f"() => [globalThis[Symbol.for('companion.stages')]['{PLAYER}'].steps['{INTO_NOISE}'] ?? 0]"
)
"""JavaScript that gives the step at which the stage into noise stands."""
