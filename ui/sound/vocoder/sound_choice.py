"""How a visitor chooses the sound: at random, a recording, or one of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from synth.recordings import RECORDINGS
from ui.shared.controls import Controls, make_control, one_sentence
from ui.shared.settings import Settings
from ui.sound.sound_text import another_sound
from ui.sound.vocoder.subject import Subject, recorded
from ui.texts import Texts

TEXTS = Texts("sound-choice")


STATE_SECONDS = 3600  # for so long a visitor's sound is kept
FILE_TYPES = [".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".m4a"]
PRIVATE: dict[str, Any] = {"api_visibility": "private"}


@dataclass(frozen=True)
class SoundChoice:
    """What chooses the sound, and what the session keeps of a recording.

    Attributes:
        settings: of the section, with a sound, a seed and the start of an excerpt.
        another: the button that draws a random sound.
        upload: takes a file of the visitor's own.
        built_in: a button for each of `RECORDINGS`.
        recorder: takes a recording of the visitor's own.
        excerpt: the control of where the excerpt begins; seen only with a recording.
        own: the recording, or nothing.
        file: where it was read from.
    """

    settings: type[Settings]
    another: gr.Button
    upload: gr.UploadButton
    built_in: dict[str, gr.Button]
    recorder: gr.Audio
    excerpt: Any
    own: gr.State
    file: gr.State

    @classmethod
    def lay_out(cls, settings: type[Settings], controls: Controls) -> SoundChoice:
        """Show it inside the present context, with the control of the excerpt."""
        with gr.Row():
            another = gr.Button(TEXTS["another"], min_width=100)
            upload = gr.UploadButton(TEXTS["upload"], file_types=FILE_TYPES, min_width=100)
        with gr.Row():
            built_in = {name: gr.Button(name.capitalize(), min_width=80) for name in RECORDINGS}
        with gr.Accordion(TEXTS["record"], open=False):
            recorder = gr.Audio(sources=["microphone"], type="filepath", show_label=False)
        controls["excerpt_start"] = excerpt = make_control(settings, "excerpt_start")
        excerpt.visible = False
        gr.Markdown(TEXTS["own"])
        own, file = (gr.State(None, time_to_live=STATE_SECONDS) for _ in range(2))
        return cls(settings, another, upload, built_in, recorder, excerpt, own, file)

    def wire(
        self, controls: Controls, inputs: Sequence[Component], progress_on: Component
    ) -> list[Any]:
        """Let each way of choosing set the sound.

        Returns:
            The events, after whose success the section runs.
        """
        seen = [self.own, self.file, self.excerpt]
        reads: dict[str, Any] = {"outputs": seen, "show_progress_on": progress_on, **PRIVATE}
        chosen = [controls["sound"], controls["seed"], *seen]
        drawn = self.another.click(
            self._another, list(inputs), chosen, show_progress="hidden", **PRIVATE
        )
        uploaded = self.upload.upload(self._read, [self.upload, self.excerpt], **reads)
        record = self.recorder.stop_recording(self._read, [self.recorder, self.excerpt], **reads)
        record.then(lambda: None, outputs=self.recorder, **PRIVATE)
        moved = self.excerpt.release(self._read_again, [self.own, self.file, self.excerpt], **reads)
        built_in = [
            button.click(lambda name=name: self._built_in(name), **reads)
            for name, button in self.built_in.items()
        ]
        return [drawn, uploaded, record, moved, *built_in]

    def forget_own(self, opening: Any) -> None:
        """Let a link take the sound that it names, in the place of a recording."""
        opening.then(
            lambda: NO_RECORDING,
            outputs=[self.own, self.file, self.excerpt],
            queue=False,
            **PRIVATE,
        )

    def _another(self, *values: Any) -> tuple[Any, ...]:
        """The next random sound and seed, in the place of a recording."""
        with one_sentence():
            settings: Any = self.settings.from_values(values)
        return *another_sound(settings.seed), *NO_RECORDING

    def _read(self, path: str | None, start: float, **options: str) -> tuple[Any, ...]:
        """A recording. Others may use the same file: `delete_cache` deletes it, later."""
        with one_sentence():
            chosen: Any = self.settings(excerpt_start=start)  # type: ignore[call-arg]
            own = recorded(path, chosen.excerpt_start, **options)
            return own, path, gr.update(visible=True)

    def _read_again(self, own: Subject | None, path: str | None, start: float) -> tuple[Any, ...]:
        """Another excerpt of the recording, if there is one."""
        if own is None or path is None:
            return NO_RECORDING
        return self._read(path, start, name=own.words.partition(",")[0])

    def _built_in(self, name: str) -> tuple[Any, ...]:
        """One of the recordings, from its beginning."""
        own, path, _ = self._read(str(RECORDINGS[name]), 0.0, name=name.capitalize())
        return own, path, gr.update(value=0.0, visible=True)


NO_RECORDING = (None, None, gr.update(visible=False))
"""What the session then keeps, and that there is no excerpt to choose."""
