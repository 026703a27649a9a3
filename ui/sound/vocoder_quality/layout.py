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
from ui.shared.introduction import Introduction, Try
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

INTRODUCTION = Introduction(
    what_you_see="Each curve is a sampler with the chosen network: its error on held-out sounds "
    "that it makes again from their mel spectrograms, against the network evaluations. The dashed "
    "line is the baseline, Griffin-Lim, which finds phases for the same mel without a network.",
    tries=(
        Try(
            "Compare the noise between the partials",
            "DPM-Solver++(2M) leaves −42 dB with six evaluations, and no less with 100. The "
            "originals have −55 dB, Griffin-Lim has −7 dB.",
            {"measure": "noise between partials (dB)"},
        ),
        Try(
            "Compare the same of WaveGrad",
            "As published, with six evaluations, the noise is 3 dB louder than the sound. "
            "Projected onto the mel, DDPM leaves −8 dB with 12.",
            {"measure": "noise between partials (dB)", "network": WAVEGRAD},
        ),
        Try(
            "Look at the largest error of a partial, by the lapped transform",
            "More steps do worse: DDIM reaches 19.4 dB with 6 evaluations, DDPM 33.9 dB with 100, "
            "because it removes weak partials that it takes for noise.",
            {"measure": "largest error of a partial (dB)", "network": LAPPED},
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

Solid curves: $\hat x_0$ is projected onto the mel before each step. Dotted curves: the network is
only conditioned on the mel; the one with circles is sampled as WaveGrad was published, with its
noise schedules and the sampler ddpm. The dash-dotted line is the network before its training, with
the projection: it shows how much of an improvement the projection alone makes.
"""

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
    INTRODUCTION.lay_out(VocoderQualitySettings)
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
                equation(DETAILS)
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
