"""The section Quality of Waveforms (WaveGrad): what a vocoder's evaluations buy, as measured."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion.process.named_schedules import karras_sigmas
from diffusion.waveform.vocoder_quality import SECONDS, measure_vocoder
from synth.metrics.vocoder_errors import vocoder_errors
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction, Try
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, source_panel
from ui.sound.vocoder_quality.compute import VocoderQualitySettings, measured, sound_quality_facts
from ui.sound.vocoder_quality.figure import sound_quality_figure
from ui.sound.vocoder_quality.points import hearing_table, heun_sentence

INTRODUCTION = Introduction(
    what_you_see="Each curve is a sampler: its error on held-out sounds that it makes again from "
    "their mel spectrograms, against the number of network evaluations. The dashed line is the "
    "baseline, Griffin-Lim, which finds phases for the same mel without a network.",
    tries=(
        Try(
            "Compare the noise between the partials",
            "Even 50 evaluations leave −19 dB, far above the −55 dB of the originals; Griffin-Lim "
            "has −7 dB.",
            {"measure": "noise between partials (dB)"},
        ),
        Try(
            "Look at the pitch error",
            "DDPM is off by 3.3 cents with 6 evaluations and by 2.2 with 12; Griffin-Lim by 20.1.",
            {"measure": "pitch error (cents)"},
        ),
        Try(
            "Look at the largest error of a partial",
            "More steps do worse: DDIM reaches 19.4 dB with 6 evaluations, DDPM 33.9 dB with 100, "
            "because it removes weak partials that it takes for noise.",
            {"measure": "largest error of a partial (dB)"},
        ),
    ),
    equation=r"""
    $$d_{\text{mel}} = \operatorname*{mean}_{b,i} \big| \max(L_{b,i}, m) -
    \max(L^{\text{ref}}_{b,i}, m) \big|$$

    $L$ is the log-mel spectrogram (band $b$, frame $i$), $L^{\text{ref}}$ that of the original, and
    $m$ lies 60 dB below the largest value of $L^{\text{ref}}$.
    """,
)

DETAILS = r"""
The spectral convergence is $\big\| |X| - |X^{\text{ref}}| \big\| / \big\| X^{\text{ref}}
\big\|$. The multi-resolution STFT distance adds to it the mean difference of $\ln |X|$, at three
resolutions. The sounds' own parameters say where their partials are, and there pitch, partials and
the noise between them are measured.

Solid curves: $\hat x_0$ is projected onto the mel before each step. Dotted curve with triangles:
the network is only conditioned on the mel. Dotted curve with circles: WaveGrad's published noise
schedules. The dash-dotted line is the network before its training, a Wiener filter, with the same
projection: it shows how much of an improvement the projection alone makes.
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


def show(settings: VocoderQualitySettings) -> tuple[str, str, str]:
    """The chart, where it comes from, and a table; or a sentence, if nothing was measured yet."""
    try:
        table = measured()
    except ValueError as error:
        return "", f"Nothing to show yet: {error}.", ""
    facts = facts_table(sound_quality_facts(settings))
    origin = f"{table_text(table)}\n\n{heun_sentence()}\n{hearing_table()}"
    return sound_quality_figure(settings), origin, facts


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    buttons = INTRODUCTION.lay_out()
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="sound-quality-figure")
            origin = equation("")
        with gr.Column(scale=2, min_width=320):
            controls["measure"] = make_control(VocoderQualitySettings, "measure")
            facts = gr.Markdown()
            with gr.Accordion("Details", open=False):
                equation(DETAILS)
    source_panel(measure_vocoder, karras_sigmas, vocoder_errors)

    inputs = in_order(VocoderQualitySettings, controls)
    outputs = [figure, origin, facts]
    opens(VocoderQualitySettings, SHOWS, [*inputs, *outputs])
    answers(
        VocoderQualitySettings,
        show,
        [controls["measure"].input],
        inputs,
        outputs,
        old_endpoint="sound_quality",
        progress_on=facts,
    )
    INTRODUCTION.wire(buttons, VocoderQualitySettings, show, inputs, outputs, progress_on=facts)
