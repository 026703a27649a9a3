"""How a visitor of WaveGrad's section chooses the sound: at random, or one of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from ui.shared.controls import Controls, make_control, one_sentence
from ui.sound.sound_text import another_sound
from ui.sound.vocoder.compute import NOISE, VocoderSettings
from ui.sound.vocoder.subject import Subject, own_subject

OWN = """
Up to 4 s of a sound of your own are used (20 MB at most); choose where they start. It stays in this
session and is not part of the link; its file is deleted within two hours.
"""

STATE_SECONDS = 3600  # for so long a visitor's sound is kept
FILE_TYPES = [".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".m4a"]
PRIVATE: dict[str, Any] = {"api_visibility": "private"}


@dataclass(frozen=True)
class SoundChoice:
    """What chooses the sound, and what the session keeps of a visitor's own.

    Attributes:
        another: the button that draws a random sound.
        upload: takes a file of the visitor's own.
        recording: takes a recording.
        own: the visitor's own sound, or nothing.
        file: where it was read from.
    """

    another: gr.Button
    upload: gr.UploadButton
    recording: gr.Audio
    own: gr.State
    file: gr.State

    @classmethod
    def lay_out(cls, controls: Controls) -> SoundChoice:
        """Show it inside the present context, with the control of the excerpt."""
        with gr.Row():
            another = gr.Button("Another sound", min_width=100)
            upload = gr.UploadButton("Upload your own", file_types=FILE_TYPES, min_width=100)
        with gr.Accordion("Record your own", open=False):
            recording = gr.Audio(sources=["microphone"], type="filepath", show_label=False)
        controls["excerpt_start"] = make_control(VocoderSettings, "excerpt_start")
        gr.Markdown(OWN)
        own, file = (gr.State(None, time_to_live=STATE_SECONDS) for _ in range(2))
        return cls(another, upload, recording, own, file)

    def wire(
        self, controls: Controls, inputs: Sequence[Component], progress_on: Component
    ) -> list[Any]:
        """Let each way of choosing set the sound.

        Returns:
            The events, after whose success the section runs.
        """
        excerpt = controls["excerpt_start"]
        drawn = self.another.click(
            _another,
            list(inputs),
            [controls["sound"], controls["seed"], controls["start"], self.own, self.file],
            show_progress="hidden",
            **PRIVATE,
        )
        reads: dict[str, Any] = {"fn": _read, "outputs": [self.own, self.file], **PRIVATE}
        uploaded = self.upload.upload(
            inputs=[self.upload, excerpt], show_progress_on=progress_on, **reads
        )
        recorded = self.recording.stop_recording(inputs=[self.recording, excerpt], **reads)
        recorded.then(lambda: None, outputs=self.recording, **PRIVATE)
        moved = excerpt.release(
            **reads | {"fn": _read_again},
            inputs=[self.file, excerpt],
            show_progress_on=progress_on,
        )
        return [drawn, uploaded, recorded, moved]

    def forget_own(self, opening: Any) -> None:
        """Let a link take the sound that it names, in the place of the visitor's own."""
        opening.then(lambda: (None, None), outputs=[self.own, self.file], queue=False, **PRIVATE)


def _another(*values: Any) -> tuple[str, int, str, None, None]:
    """The next random sound and seed, from noise, in the place of the visitor's own."""
    with one_sentence():
        settings = VocoderSettings.from_values(values)
    return *another_sound(settings.seed), NOISE, None, None


def _read(path: str | None, start: float) -> tuple[Subject, str | None]:
    """The visitor's own sound. Others may use the same file: `delete_cache` deletes it, later."""
    with one_sentence():
        return own_subject(path, VocoderSettings(excerpt_start=start).excerpt_start), path


def _read_again(path: str | None, start: float) -> tuple[Subject | None, str | None]:
    """Another excerpt of the visitor's own sound, if there is one."""
    return (None, None) if path is None else _read(path, start)
