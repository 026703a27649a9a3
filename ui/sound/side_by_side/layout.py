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
from ui.shared.introduction import Introduction, Try
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

INTRODUCTION = Introduction(
    what_you_see="Up to four runs make one sound again from its mel spectrogram, all from the same "
    "noise: at first by three networks, one of them as WaveGrad was published. The player switches "
    "between them, the original and the baseline Griffin-Lim (GL), and the table gives their "
    "errors.",
    tries=(
        Try(
            "Run the three networks alike",
            "The noise between the partials is at −43, −17 and −9 dB. Projected onto the mel, even "
            "WaveGrad has a smaller log-mel distance than Griffin-Lim, 0.19 instead of 0.32.",
            {
                "sampler_3": "dpm++2m",
                "schedule_3": "searched",
                "mel_3": "projected",
                "sampler_4": "none",
            },
        ),
        Try(
            "Project at every step, once or not at all",
            "By the lapped transform, the log-mel distance is 0.09, 0.21 and 0.22 nepers: one "
            "projection early on is lost in the steps after it.",
            {
                "network_1": LAPPED,
                "mel_2": "projected once",
                "network_3": LAPPED,
                "sampler_3": "dpm++2m",
                "schedule_3": "searched",
                "sampler_4": "none",
            },
        ),
        Try(
            "Run the samplers with six evaluations each, by the lapped transform",
            "DDPM and DPM-Solver++(2M) come nearest, with log-mel distances of 0.08 and 0.09 "
            "nepers. Heun's method, with five evaluations, fails: its noise exceeds the sound.",
            {
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
        ),
    ),
    equation=r"""
    $$x_T = z \sim \mathcal{N}(0, I), \qquad \epsilon_\theta\big(x_t, \sqrt{\bar\alpha_t},
    \operatorname{mel}(y)\big)$$

    Every run starts from the same noise $z$, and its network is conditioned on the same log-mel
    spectrogram of the original $y$.
    """,
)

DETAILS = r"""
The runs differ in network, sampler, steps, η and noise schedule, and in whether the predicted
sound $\hat x_0$ is also projected onto the mel. Griffin-Lim has the same mel and no network.
While a sound plays, another view continues at the same position. The keys 1, 2, 3 … choose a view,
and B returns to the view before. The **residual** (key R) is the original minus the sound of the
view, as loud as it is beside the original; as the mel says nothing of the phases, it can be as loud
as the original although both sound alike.

In the **blind test** under the player you hear which of two views X is; the probability that it
gives is that of a one-sided binomial test.

Pitch and partials are measured only where they are known: for sounds of the synthesiser.
"""


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
            yield original_payload(settings, subject), NO_RESULT, news, gr.skip()
        began = True


def _finished(settings: SideBySideSettings, subject: Subject, runs: Runs) -> tuple[Any, ...]:
    samplers = dict.fromkeys(plan.sampler for _, plan in settings.plans().values())
    sources = "\n\n".join(source(SAMPLERS[sampler]) for sampler in samplers)
    payload = side_by_side_payload(settings, subject, runs)
    said = about(subject, settings.tab, settings.duration)
    return payload, side_by_side_table(subject, runs), said, sources


NO_RESULT = "The errors are shown when all runs are finished; so far, only the original is there."

SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    INTRODUCTION.lay_out(SideBySideSettings)
    controls: Controls = {"sound": make_control(SideBySideSettings, "sound")}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = SoundPlayer(elem_id="side-by-side-player")
            errors = gr.Markdown()
        with gr.Column(scale=2, min_width=320):
            with gr.Tabs():
                for run in RUNS:
                    with gr.Tab(f"Run {run}"):
                        for name in RUN_CONTROLS:
                            key = f"{name}_{run}"
                            controls[key] = make_control(SideBySideSettings, key)
            with gr.Accordion("Sound", open=False):
                sound = SoundChoice.lay_out(SideBySideSettings, controls)
                controls["duration"] = make_control(SideBySideSettings, "duration")
            with gr.Row():
                controls["seed"] = make_control(SideBySideSettings, "seed")
                sample = gr.Button("Sample", variant="primary", min_width=100)
                stop = gr.Button("Stop", min_width=100)
            status = gr.Markdown()
            with gr.Accordion("Details", open=False):
                equation(DETAILS)
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
    opening = opens(SideBySideSettings, [show_steps], [*inputs, *outputs])
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
        kept="The player and the table show what is finished.",
    )
