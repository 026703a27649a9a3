"""The section WaveGrad: a sound goes into noise and comes back, heard at every step."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion import add_noise, iterate
from diffusion.waveform.recipes import UNIFORM_FRACTION
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
from ui.shared.introduction import Introduction, Try
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
    show,
    show_noised,
    show_steps,
    vocoder_strip,
)
from ui.sound.vocoder.sound_choice import SoundChoice
from ui.sound.vocoder_tables import projection_times

INTRODUCTION = Introduction(
    what_you_see="The player has three stages: a sound goes into more and more noise, the network "
    "brings it back from noise and its mel spectrogram, and you compare the result with the "
    "original. The dotted lines mark the partials, whose frequencies are known.",
    tries=(
        Try(
            "Run WaveGrad as published",
            "A quarter of its channels and the six published steps leave noise between the "
            "partials: it is 7 dB louder than the sound, instead of 43 dB softer.",
            {
                "network": WAVEGRAD,
                "sampler": "ddpm",
                "schedule": "published",
                "mel": "conditioned",
            },
        ),
        Try(
            "Condition the network on the mel, without projection",
            "The log-mel distance rises from 0.02 to 0.24 nepers: the partials stay in their "
            "places, but their levels are off by 3 dB.",
            {"mel": "conditioned"},
        ),
        Try(
            "By the lapped transform, start from the sound itself in noise of σ = 0.01",
            "The spectral convergence is 0.006. The network *partials from the mel* stays at 0.022 "
            "there, as it makes nothing but steady sines.",
            {"network": LAPPED, "start": "0.01"},
        ),
    ),
    equation=r"""
    $$x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$$

    $$\hat x_0 = \frac{x_t - \sqrt{1 - \bar\alpha_t}\ \epsilon_\theta\big(x_t,
    \sqrt{\bar\alpha_t}, m\big)}{\sqrt{\bar\alpha_t}}$$

    $m$ is the log-mel spectrogram of the sound, on which the network is conditioned.
    """,
    papers=("Chen et al. 2020", "Liu et al. 2024", "Baoueb et al. 2025"),
)

DETAILS = r"""
**Into noise.** The same noise $\epsilon$ is added with a rising standard deviation
$\sigma = \sqrt{1 - \bar\alpha_t} / \sqrt{\bar\alpha_t}$ relative to the sound. Press **Listen**,
then move the slider of the steps. SNR is the signal-to-noise ratio of this sound at this σ.

**Back.** The network predicts $\hat x_0$ from the noisy sound $x_t$ and the mel spectrogram. It
starts from pure noise, or from the sound in noise of the chosen σ.

**Compare.** The errors are measured on the sounds as they are. The sound's own parameters give the
frequencies of its partials, at which pitch and levels are measured. The **residual** is the
original minus the result, as loud as it is beside the original. It can be as loud as the original
although both sound alike: from pure noise, the mel says nothing of the phases.

All steps and views of the three stages are played equally loud (ITU-R BS.1770), and a sound under
way goes on at its position when you change one of them. Besides **B** and the digits, the key **S**
goes to the next stage, and **R** to the residual.

The log-mel spectrogram has 80 bands, one frame every 300 samples, and no phases.
The frequency axis of all pictures is the mel scale: linear up to 1 kHz, logarithmic above.

- *WaveGrad, a quarter of the channels* has the architecture of the tutorial's second network, and
  is trained as published: all √ᾱ are drawn hierarchically.
- *Lapped transform* has the same objective, but draws only {hierarchical} of each batch
  hierarchically, and ln σ uniformly for the rest.
- *Partials from the mel* reads the frequencies and levels of the partials off the mel, so that only
  their phases are unknown. If the mel is that of no note, as for speech, the layers of *lapped
  transform* run. It makes nothing but steady sines: started from the sound itself in little noise,
  it gives the partials of the sound, not the sound.

With *projected*, $\hat x_0$ is projected onto the mel before each step: the bins of its spectrogram
$X$ are scaled, three times, by

$$G_{f,i} = \frac{\sum_b W_{b,f}\, e^{m_{b,i}} / (W |X|)_{b,i}}{\sum_b W_{b,f}}$$

with $W$ the mel filters. It mends the levels of the partials, and takes {times} of the time of six
steps. With *projected once*, only the first $\hat x_0$ is projected. Two extensions of WaveGrad are
akin to it: GLA-Grad (Liu et al. 2024) runs Griffin and Lim's algorithm in each early step;
GLA-Grad++ (Baoueb et al. 2025) runs it once, and takes its result for the early $\hat x_0$.
"""

PLAYER = "vocoder-player"
OLD_PLAYERS = ("noised-player", "vocoded-player", "compared-player")
"""One for each stage, in links of earlier versions."""


def _details() -> str:
    """The text with what was measured and set."""
    try:
        parts = (f"{part:.0%} ({name})" for name, part in projection_times().items())
        times = ", ".join(parts).replace("%", " %")
    except ValueError:
        times = "a part"
    hierarchical = f"{1 - UNIFORM_FRACTION:.0%}".replace("%", " %")
    return DETAILS.replace("{hierarchical}", hierarchical).replace("{times}", times)


SHOWS = [show, show_noised]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    INTRODUCTION.lay_out(VocoderSettings)
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
                run = gr.Button("Vocode", variant="primary", min_width=100)
                stop = gr.Button("Stop", min_width=100)
                regenerate = gr.Button("Regenerate from this step", min_width=220)
            status = gr.Markdown()
            with gr.Tabs():
                with gr.Tab("Sampling"):
                    _choose_sampling(controls)
                with gr.Tab("Sound"):
                    sound = SoundChoice.lay_out(VocoderSettings, controls)
                    controls["duration"] = make_control(VocoderSettings, "duration")
                with gr.Tab("Details"):
                    equation(_details())
    sampler_source = sampler_panel("The sampler and the network that ran")
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
    opening = opens(
        VocoderSettings, [show_steps, show_noised], [*inputs, *outputs, *noised_outputs]
    )
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
    stops(stop, [*opening, *runs], status, kept="The players show what was computed until then.")


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
