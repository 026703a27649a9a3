"""What both live trainings have in common: their layout, and how a history reaches the page."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

import gradio as gr

from ui.components import TrainingPlayer
from ui.components.base import Payload
from ui.shared.controls import Controls, handler, in_order, make_control, stops, waits_for
from ui.shared.introduction import Introduction
from ui.shared.kept_answers import not_kept
from ui.shared.live_training import Histories, TrainingHistory
from ui.shared.own_data import OwnData, show_pad
from ui.shared.permalinks import link_script, scroll_script
from ui.shared.section_opening import opens
from ui.shared.settings import Settings
from ui.shared.strips import Strip, StripControls
from ui.shared.texts import equation, source_panel
from ui.texts import Texts

TEXTS = Texts("live-training")
SHARED = Texts("shared")


SECONDS_BETWEEN_PICTURES = 0.2
TRAININGS_AT_ONCE = 2


Show = Callable[[Any, TrainingHistory, str], tuple[Payload, str]]
"""The player's payload and a table, from settings, a history and the name of its run."""

View = tuple[Payload, str, str]
"""The player's payload, a table, and how far the training is."""

Views = Generator[View, None, None]


def growing(histories: Histories, show: Show) -> Callable[[Any], Views]:
    """Make a generator that trains, and shows how far it is a few times a second."""

    @not_kept
    def train(settings: Settings) -> Views:
        """The player's payload, a table and how far it is, a few times a second as it trains."""
        run = f"{settings.to_query()} at {time.time_ns()}"
        shown = -math.inf
        # Gradio closes this generator on Stop and when the page goes; that ends the training.
        with closing(histories.train(settings)) as training:
            for history in training:
                due = time.monotonic() - shown >= SECONDS_BETWEEN_PICTURES
                if due or history.finished:
                    payload, table = show(settings, history, run)
                    status = TEXTS["trained"] if history.finished else TEXTS["training"]
                    yield payload | {"live": True}, table, status
                    shown = time.monotonic()

    return train


def opening(histories: Histories, show: Show) -> Callable[[Any], View]:
    """Make what the section opens on: the finished history, or the untrained network."""

    @not_kept
    def show_so_far(settings: Settings) -> View:
        history = histories.so_far(settings)
        status = TEXTS["trained"] if history.finished else TEXTS["not_trained"]
        return *show(settings, history, settings.to_query()), status

    return show_so_far


def build_live(
    settings: type[Settings],
    histories: Histories,
    show: Show,
    *,
    introduction: Introduction,
    details: str,
    rows: tuple[tuple[str, ...], ...],
    sources: tuple[Callable[..., Any], ...],
    strip_of: Callable[[Any], Strip] | None = None,
) -> None:
    """Lay out a section inside the present context and wire it; `rows` are of other controls."""
    controls: Controls = {}
    introduction.lay_out()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = TrainingPlayer(elem_id=f"{settings.tab}-player")
            strip = StripControls.lay_out() if strip_of else None
        with gr.Column(scale=2, min_width=320):
            with gr.Row():
                train = gr.Button(
                    TEXTS["train"], variant="primary", min_width=120, elem_classes="after-try"
                )
                stop = gr.Button(SHARED["stop"], min_width=120)
            status = gr.Markdown()
            facts = gr.Markdown()
            waits_for(TEXTS["train"])
            controls["distribution"] = make_control(settings, "distribution")
            own_data = OwnData.lay_out(settings, controls)
            for names in rows:
                with gr.Row():
                    for name in names:
                        controls[name] = make_control(settings, name)
            gr.Markdown(TEXTS.say("note", most=TRAININGS_AT_ONCE))
            with gr.Accordion(SHARED["details"], open=False):
                equation(details)
    source_panel(*sources)

    inputs = in_order(settings, controls)
    outputs = [player, facts, status]
    if strip and strip_of:
        strip.wire(settings, strip_of, inputs)
    opens(settings, [opening(histories, show), show_pad], [*inputs, *outputs, own_data.pad])
    # Before the training itself: listeners of one event take their turns.
    train.click(fn=None, js=scroll_script(f"{settings.tab}-player"), api_visibility="private")
    train.click(fn=None, inputs=inputs, js=link_script(settings), api_visibility="private")
    training = train.click(
        handler(settings, growing(histories, show)),
        inputs,
        outputs,
        api_name=settings.endpoint,
        show_progress_on=facts,
        trigger_mode="multiple",  # the newer training ends the older
        concurrency_id="train",
        concurrency_limit=TRAININGS_AT_ONCE,
    )
    own_data.wire(inputs)
    stops(stop, training, status, kept=TEXTS["stopped"])
