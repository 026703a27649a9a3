"""One's own data: a pad to draw on and a CSV, the same in every section in the plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.components import Component

from ui.components import DrawingPad
from ui.components.base import Payload
from ui.shared.controls import Controls, heavy, make_control, one_sentence
from ui.shared.data import DRAWN
from ui.shared.drawing import encode_strokes, on_pad, strokes_of
from ui.shared.long_results import until_newer, visit_of
from ui.shared.permalinks import links
from ui.shared.points_file import PointsFile, read_points
from ui.shared.settings import Settings
from ui.shared.workers import results
from ui.texts import Texts

SHARED = Texts("shared")


Outputs = Iterator[list[Any]]
"""Values of the controls that a drawing sets, and what the section shows of it."""


def show_pad(settings: Any) -> tuple[Payload]:
    """What the drawing pad shows of settings with `strokes`."""
    return (on_pad(settings.strokes),)


@dataclass(frozen=True)
class OwnData:
    """The pad, the button that uploads a CSV, and a note on what was read of it.

    Attributes:
        settings: of the section; they have a `distribution` and its `strokes`.
        controls: of the section, by the names of the settings.
        pad: to draw on.
        upload: takes a CSV.
        note: which of its points are used.
    """

    settings: type[Settings]
    controls: Controls
    pad: DrawingPad
    upload: gr.UploadButton
    note: gr.Markdown

    @classmethod
    def lay_out(cls, settings: type[Settings], controls: Controls) -> OwnData:
        """Show them inside the present context, and add the control of the strokes."""
        with gr.Accordion(SHARED["own_data.title"], open=False):
            controls["strokes"] = make_control(settings, "strokes")
            pad = DrawingPad(elem_id=f"{settings.tab}-pad")
            upload = gr.UploadButton(SHARED["own_data.csv"], file_types=[".csv"])
            note = gr.Markdown(SHARED["own_data.stays_here"] if settings.not_linked else "")
            return cls(settings, controls, pad, upload, note)

    def wire(
        self,
        inputs: Sequence[Component],
        show: Callable[[Any], Any] | None = None,
        outputs: Sequence[Component] = (),
        progress_on: Component | None = None,
    ) -> list[Any]:
        """Let a drawing and a file become the data.

        Args:
            inputs: the controls in the order of the settings.
            show: makes the outputs of the settings, if the section shows new data at once.
            outputs: what it fills.
            progress_on: where its progress is shown.

        Returns:
            The events, which `stops` can end.
        """

        def shown(request: gr.Request, first: list[Any], strokes: str, values: Any) -> Outputs:
            chosen: Any = self.settings.from_values(values)  # of a section with these controls
            chosen = replace(chosen, distribution=DRAWN, strokes=strokes)
            first = [chosen.distribution, chosen.strokes, *first]
            if not show:
                yield first
                return
            parts = ([*first, *each] for each in results(show, chosen))
            yield from until_newer(visit_of(request), self.settings.tab, parts)

        def draw(event: gr.EventData, request: gr.Request, *values: Any) -> Outputs:
            with one_sentence():
                strokes = encode_strokes(strokes_of(DrawingPad.strokes(event)))
                yield from shown(request, [], strokes, values)

        def read(path: str | None, request: gr.Request, *values: Any) -> Outputs:
            with one_sentence():
                points = read_points(path)
                strokes = encode_strokes(points.strokes)
                yield from shown(request, [on_pad(strokes), self._note_on(points)], strokes, values)

        options: dict[str, Any] = {"api_visibility": "private"}
        hidden = {"show_progress": "hidden", "show_progress_on": self.note}
        options |= heavy(progress_on, grows=True) if progress_on else hidden
        chosen = [self.controls["distribution"], self.controls["strokes"]]
        drawn = self.pad.draw(draw, list(inputs), [*chosen, *outputs], **options)
        filled = [*chosen, self.pad, self.note, *outputs]
        uploaded = self.upload.upload(read, [self.upload, *inputs], filled, **options)
        # The run that is under way would fill in its own drawing again.
        cleared = self.pad.clear(fn=None, cancels=drawn, api_visibility="private")
        cleared.then(
            lambda: "", outputs=self.controls["strokes"], queue=False, api_visibility="private"
        )
        if show:
            for event in (drawn, uploaded):
                links(event, self.settings, inputs)
        return [drawn, uploaded]

    def _note_on(self, points: PointsFile) -> str:
        if self.settings.not_linked:
            return f"{points.note} {SHARED['own_data.stays_here']}"
        return points.note
