"""The section Quality of Waveforms (WaveGrad): what a vocoder's evaluations buy, as measured."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion.process.schedule import karras_sigmas
from diffusion.waveform.vocoder_quality import SECONDS, measure_vocoder
from synth.metrics.vocoder_errors import vocoder_errors
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.texts import equation, facts_table, source_panel
from ui.sound.vocoder_quality.compute import VocoderQualitySettings, measured, sound_quality_facts
from ui.sound.vocoder_quality.figure import sound_quality_figure

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$$d_{\text{mel}} = \operatorname*{mean}_{b,i} \big| \max(L_{b,i}, m) -
\max(L^{\text{ref}}_{b,i}, m) \big|$$

with $m$ the level 60 dB below the loudest of $L^{\text{ref}}$. Spectral convergence is
$\big\| |X| - |X^{\text{ref}}| \big\| / \big\| X^{\text{ref}} \big\|$; the multi-resolution STFT
distance adds the mean difference of $\ln |X|$, at three resolutions. Pitch, partials and what lies
between them are measured where the sounds' own parameters say.

Each sampler makes the same sounds again from their log-mel spectrograms; the network was never
trained on them. Solid: $\hat x_0$ is held to the mel before each step. Dotted, triangles: the mel
is only told to the network; dotted, circles: WaveGrad's published levels. The dashed line is
**Griffin-Lim**: phases that fit the same mel, no network. The other line is the network before its
training, a Wiener filter, held to the mel as well: how much of a figure is due to that alone. In
the worst partial of a sound, more steps do worse: a weak one that is taken for noise is gone.
"""


def table_text(table: dict[str, Any]) -> str:
    """Where the curves come from."""
    return (
        f"{table['num_sounds']} held-out sounds of {SECONDS:g} s, one noise each, the same for all "
        "samplers; means, and of pitch and worst partial the median. Written by "
        f"`{table['command']}`; times are the processor's, on the machine that it ran on, torch "
        f"threads: {table['threads']}. Euler's method equals DDIM with η = 0."
    )


def show(settings: VocoderQualitySettings) -> tuple[str, str, str]:
    """The chart, where it comes from, and a table; or a sentence, if nothing was measured yet."""
    try:
        table = measured()
    except ValueError as error:
        return "", f"Nothing to show yet: {error}.", ""
    facts = facts_table(sound_quality_facts(settings))
    return sound_quality_figure(settings), table_text(table), facts


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            figure = gr.HTML(elem_id="sound-quality-figure")
            origin = gr.Markdown()
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            controls["measure"] = make_control(VocoderQualitySettings, "measure")
            facts = gr.Markdown()
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
