"""The section Quality of Waveforms (WaveGrad): what a vocoder's evaluations buy, as measured."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion.evaluation.noise_errors import noise_errors
from diffusion.evaluation.receptive_field import effective_field
from diffusion.process.named_schedules import karras_sigmas
from diffusion.waveform.vocoder_quality import SECONDS, measure_vocoder
from synth.metrics.vocoder_errors import vocoder_errors
from ui.shared.cache import computed_once
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, source_panel
from ui.sound.networks import LAPPED, WAVEGRAD
from ui.sound.vocoder_quality.compute import (
    VocoderQualitySettings,
    changes_table,
    field_texts,
    sound_quality_facts,
)
from ui.sound.vocoder_quality.figure import noise_errors_figure, sound_quality_figure
from ui.sound.vocoder_quality.points import hearing_table, heun_sentence
from ui.sound.vocoder_tables import measured
from ui.texts import Texts

TEXTS = Texts("vocoder-quality")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    VocoderQualitySettings,
    {
        "noise": {"measure": "noise between partials (dB)"},
        "wavegrad": {"measure": "noise between partials (dB)", "network": WAVEGRAD},
        "partials": {"measure": "largest error of a partial (dB)", "network": LAPPED},
    },
)


def table_text(table: dict[str, Any]) -> str:
    """Where the curves come from."""
    return TEXTS.say(
        "origin_text",
        sounds=table["num_sounds"],
        seconds=SECONDS,
        command=table["command"],
        threads=table["threads"],
    )


def show(settings: VocoderQualitySettings) -> tuple[str, ...]:
    """The chart, where it comes from, a table; what the changes are worth; the errors by σ.

    Or a sentence, if something was not measured yet.
    """
    try:
        origin = "\n\n".join(
            [
                table_text(measured(settings.network)),
                heun_sentence(settings.network),
                hearing_table(settings.network),
            ]
        )
        changes = TEXTS["changes"] + "\n\n" + changes_table()
    except ValueError as error:
        return "", TEXTS.say("nothing", error=error), "", "", "", ""
    facts = facts_table(sound_quality_facts(settings))
    return (
        _chart(settings),
        origin,
        facts,
        changes,
        _chart_of_errors(),
        TEXTS.say("sigmas", fields=facts_table(field_texts())),
    )


@computed_once(maxsize=32)
def _chart(settings: VocoderQualitySettings) -> str:
    return sound_quality_figure(settings)


@computed_once(maxsize=1)
def _chart_of_errors() -> str:
    return noise_errors_figure()


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    INTRODUCTION.lay_out()
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="sound-quality-figure")
            origin = equation("")
            changes = gr.Markdown()
        with gr.Column(scale=2, min_width=320):
            for name in ("network", "measure"):
                controls[name] = make_control(VocoderQualitySettings, name)
            facts = gr.Markdown()
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
            errors = gr.HTML(elem_id="noise-errors-figure")
            why = equation("")
    source_panel(measure_vocoder, karras_sigmas, vocoder_errors, noise_errors, effective_field)

    inputs = in_order(VocoderQualitySettings, controls)
    outputs = [figure, origin, facts, changes, errors, why]
    opens(VocoderQualitySettings, SHOWS, [*inputs, *outputs])
    answers(
        VocoderQualitySettings,
        show,
        [controls["measure"].input, controls["network"].input],
        inputs,
        outputs,
        old_endpoint="sound_quality",
        progress_on=facts,
    )
