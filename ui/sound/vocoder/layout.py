"""The section WaveGrad: a sound goes into noise and comes back, heard at every step."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from diffusion import add_noise, iterate
from diffusion.networks import WaveformNet
from synth.features.mel import log_mel_of_padded
from synth.features.mel_projection import match_mel
from synth.metrics.partial_errors import detuning, noise_between_partials, partial_errors
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
    scroll_script,
    source_panel,
    stops,
)
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.sound.sound_text import another_sound
from ui.sound.vocoder.compute import NOISE, SIGMAS, Subject, VocoderSettings, own_subject
from ui.sound.vocoder.displays import show, show_noised, show_steps

INTRODUCTION = Introduction("", (), "")

FORWARD = r"""
### A sound goes into noise

$$x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon, \quad
\epsilon \sim \mathcal{N}(0, I)$$

One and the same $\epsilon$ at every level $\sigma = \sqrt{1 - \bar\alpha_t} / \sqrt{\bar\alpha_t}$.
Press **Listen**, then scrub: all steps are equally loud. SNR: of this sound at this level.
"""

REVERSE = r"""
### And comes back

$$\hat x_0 = \frac{x_t - \sqrt{1 - \bar\alpha_t}\ \epsilon_\theta\big(x_t, \sqrt{\bar\alpha_t},
m\big)}{\sqrt{\bar\alpha_t}}$$

WaveGrad is told the log-mel spectrogram $m$ of the sound: 80 levels every 300 samples, without
phases. (Its objective and noise levels, that is; the network is a smaller one, in a lapped
transform.) It starts from noise, or from the sound in noise of some σ: the less noise, the more of
the sound is still there. $\hat x_0$ is what it believes now; as $m$ is known, $\hat x_0$ is held to
it: before each step the bins of its spectrogram $X$ are scaled, three times over, by

$$G_{f,i} = \frac{\sum_b W_{b,f}\, e^{m_{b,i}} / (W |X|)_{b,i}}{\sum_b W_{b,f}}$$

with $W$ the mel filters. It costs little, and mends the levels most.
"""

COMPARE = r"""
### Original and result

Change the view while it plays: the position stays. Both are made equally loud to be heard; the
errors are those of the sounds as they are. A sound's own parameters say where its partials are, so
pitch and levels are measured there.
"""

OWN = """
The first 4 s after any silence are used of a sound of your own (20 MB at most). The sound stays in
this session: it is not in the link, and its file is deleted within two hours.
"""

STATE_SECONDS = 3600  # for so long a visitor's sound is kept
FILE_TYPES = [".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".m4a"]

SHOWS = [show, show_noised]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {"sound": make_control(VocoderSettings, "sound")}
    own = gr.State(None, time_to_live=STATE_SECONDS)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            forward = SoundPlayer(elem_id="noised-player")
        with gr.Column(scale=2, min_width=320):
            equation(FORWARD)
            described = gr.Markdown()
            another, upload, recording = _choose_sound()
            controls["duration"] = make_control(VocoderSettings, "duration")
            regenerate = gr.Button("Regenerate from this step", min_width=100)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            reverse = SoundPlayer(elem_id="vocoded-player")
        with gr.Column(scale=2, min_width=320):
            equation(REVERSE)
            run, stop = _choose_sampling(controls)
            status = gr.Markdown()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            compared = SoundPlayer(elem_id="compared-player")
        with gr.Column(scale=2, min_width=320):
            equation(COMPARE)
            facts = gr.Markdown()
            figure = gr.HTML(elem_id="partials-figure")
    sampler_source = sampler_panel()
    source_panel(
        add_noise,
        log_mel_of_padded,
        iterate,
        match_mel,
        WaveformNet.forward,
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
        "inputs": [*inputs, own],
        "outputs": noised_outputs,
        **heavy(described),
    }
    vocoding: dict[str, Any] = {
        "fn": handler(VocoderSettings, show_steps),
        "inputs": [*inputs, own],
        "outputs": outputs,
        **heavy(status),
    }
    opening = opens(
        VocoderSettings, [show_steps, show_noised], [*inputs, *outputs, *noised_outputs]
    )
    changes = [controls["duration"].release, controls["seed"].submit]
    gr.on(changes, api_name="noise_sound", **noise)
    # Before the run itself: listeners of one event take their turns.
    run.click(fn=None, js=scroll_script("vocoded-player"), **private)
    runs = [gr.on([run.click, *changes], api_name=VocoderSettings.endpoint, **vocoding)]
    keep_endpoint("vocode", vocoding["fn"], vocoding["inputs"], vocoding["outputs"])
    # A level that was heard is where the sound begins anew.
    begun = regenerate.click(
        fn=None, js=_start_script("noised-player"), outputs=controls["start"], **private
    )
    begun.then(fn=None, js=scroll_script("vocoded-player"), **private)
    runs.append(begun.then(**vocoding, **private))
    drawn = another.click(
        _another,
        inputs,
        [controls["sound"], controls["seed"], controls["start"], own],
        show_progress="hidden",
        **private,
    )
    uploaded = upload.upload(_read, upload, own, show_progress_on=described, **private)
    recorded = recording.stop_recording(_read, recording, own, **private)
    recorded.then(lambda: None, outputs=recording, **private)
    for chosen in (drawn, uploaded, recorded):
        chosen.success(**noise, **private)
        runs.append(chosen.success(**vocoding, **private))
    for each in runs:
        links(each, VocoderSettings, inputs)
    stops(stop, [*opening, *runs], status, kept="The steps up to here are shown.")


def _choose_sound() -> tuple[gr.Button, gr.UploadButton, gr.Audio]:
    with gr.Row():
        another = gr.Button("Another sound", min_width=100)
        upload = gr.UploadButton("Upload your own", file_types=FILE_TYPES, min_width=100)
    with gr.Accordion("Record your own", open=False):
        recording = gr.Audio(sources=["microphone"], type="filepath", show_label=False)
    gr.Markdown(OWN)
    return another, upload, recording


def _choose_sampling(controls: Controls) -> tuple[gr.Button, gr.Button]:
    for names in (("sampler", "steps"), ("levels", "mel"), ("start", "seed")):
        with gr.Row():
            controls |= {name: make_control(VocoderSettings, name) for name in names}
    controls["eta"] = make_control(VocoderSettings, "eta")
    with gr.Row():
        run = gr.Button("Vocode", variant="primary", min_width=100)
        stop = gr.Button("Stop", min_width=100)
    return run, stop


def _another(*values: Any) -> tuple[str, int, str, None]:
    """The next random sound and seed, from noise, in the place of the visitor's own."""
    with one_sentence():
        settings = VocoderSettings.from_values(values)
    return *another_sound(settings.seed), NOISE, None


def _read(path: str | None) -> Subject:
    """The visitor's own sound. Others may share its file: `delete_cache` deletes it, later."""
    with one_sentence():
        return own_subject(path)


def _start_script(elem_id: str) -> str:
    """JavaScript that gives the noise level that a player shows, the least for the sound itself."""
    levels = json.dumps([SIGMAS[1], SIGMAS[1], *SIGMAS[1:]])
    frame = f"document.querySelector('#{elem_id} [data-frame]').dataset.frame"
    return f"() => {levels}[Number({frame})]"
