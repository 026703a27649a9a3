"""The section Quality of Waveforms (WaveGrad): what a vocoder's evaluations buy, as measured."""

from __future__ import annotations

import textwrap
from typing import Any

import gradio as gr

from diffusion.evaluation.noise_errors import noise_errors
from diffusion.evaluation.receptive_field import effective_field
from diffusion.process.named_schedules import karras_sigmas
from diffusion.waveform.vocoder_quality import SECONDS, measure_vocoder
from synth.metrics.vocoder_errors import vocoder_errors
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

INTRODUCTION = Introduction(
    VocoderQualitySettings,
    {
        "noise": {"measure": "noise between partials (dB)"},
        "wavegrad": {"measure": "noise between partials (dB)", "network": WAVEGRAD},
        "partials": {"measure": "largest error of a partial (dB)", "network": LAPPED},
    },
)


CHANGES = """
### From WaveGrad to the default

The first row is WaveGrad as published, with a quarter of its channels. Each row after it has one
change more, and the last one is what the section *Vocoder* opens on. *Noise* is that between the
partials, *time* the processor time of a second of sound.
"""

SIGMAS = r"""
### Why does it hiss?

The chart gives the error of the predicted noise for each σ: 0 is perfect, and 1 is that of a
network which predicts nothing. For one sample of $\hat x_0$ a network looks at a stretch of $x_t$
around it; nine tenths of the squared derivative at σ = 1 lie within these stretches:

{fields}

In a short stretch, a partial and noise near it look alike, so that noise stays: the sound hisses.
*Partials from the mel* can only make steady sines: its $\hat x_0$ keeps an error of its own, so
that its error of the noise grows as 1/σ in little noise.
"""


def table_text(table: dict[str, Any]) -> str:
    """Where the curves come from."""
    return (
        f"Measured on {table['num_sounds']} held-out sounds of {SECONDS:g} s. All samplers start "
        "from the same noise. The values are means over the sounds; those of the pitch error and "
        f"of the largest error of a partial are medians. `{table['command']}` writes the table; "
        f"times are processor times with torch threads: {table['threads']}. Euler's method is left "
        "out, as it equals DDIM with η = 0."
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
        changes = textwrap.dedent(CHANGES) + "\n" + changes_table()
    except ValueError as error:
        return "", f"Nothing to show yet: {error}.", "", "", "", ""
    facts = facts_table(sound_quality_facts(settings))
    return (
        sound_quality_figure(settings),
        origin,
        facts,
        changes,
        noise_errors_figure(),
        SIGMAS.format(fields=facts_table(field_texts())),
    )


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
            with gr.Accordion("Details", open=False):
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
