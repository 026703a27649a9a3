"""What sections show: kept by the settings, and given again without a turn in the queue.

Gradio calls a listener that has an attribute `cache` as soon as an event comes, and queues it only
if that call raises `CacheMissError`. It does so for its own cache. The answers here are kept in a
cache of the page, in which equal runs that are under way are one run too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import gradio as gr
from gradio.caching import CacheMissError, _probe_mode_active
from gradio.context import LocalContext

from ui.shared import visitors
from ui.shared.cache import RememberLast, Run
from ui.shared.settings import Settings
from ui.shared.workers import results

Outputs = tuple[Any, ...]
Show = TypeVar("Show", bound=Callable[..., Any])

ANSWERS_KEPT = 16
"""For each function of settings; an answer is up to a megabyte."""


class _Answers(RememberLast[Outputs]):
    """The answers of one function of settings."""

    def _publish(self, run: Run[Outputs], part: Outputs) -> None:
        # Who follows has not seen the earlier parts, on which a skipped output stays.
        before = run.latest[0] if run.latest else part
        news = zip(part, before, strict=True)
        super()._publish(run, tuple(old if new == gr.skip() else new for new, old in news))


def not_kept(show: Show) -> Show:
    """Mark a function of settings whose answer to the same settings may be another next time."""
    show.keeps = False  # type: ignore[attr-defined]
    return show


def answers_of(show: Callable[..., Any], settings: Any, *further: Any) -> Iterator[Outputs]:
    """`results`, of which the last is kept and serves all requests with the same settings.

    Raises:
        CacheMissError: if Gradio has not queued the event yet, and there is no answer yet.
    """
    keeps = getattr(show, "keeps", True) and all(each is None for each in further)
    answers = _answers(show, settings) if keeps else None
    if not_yet_queued():
        if answers is None or not answers.has(settings):
            raise CacheMissError
        _forget_event()
    with visitors.at_work():
        yield from answers(settings) if answers else results(show, settings, *further)


def before_queue(listener: Show) -> Show:
    """Let Gradio call a listener that uses `answers_of` before it queues the event."""
    listener.cache = True  # type: ignore[attr-defined]
    return listener


def not_yet_queued() -> bool:
    """Whether the event is not queued yet, so that only an answer that is there may be given."""
    return _probe_mode_active.get()


@contextmanager
def queued_if_wrong() -> Iterator[None]:
    """Send what cannot be understood to the queue, where errors have a way to the page."""
    try:
        yield
    except ValueError as error:
        if not_yet_queued():
            raise CacheMissError from error
        raise


def _answers(show: Callable[..., Any], settings: Any) -> _Answers:
    """The answers of a function: to the settings that a section opens with, or to all others.

    Whoever opens the page wants the former: no class that explores may take their place.
    """
    if not hasattr(show, "answers"):
        show.answers = {  # type: ignore[attr-defined]
            opens: _Answers(partial(results, show), ANSWERS_KEPT) for opens in (True, False)
        }
    opens = isinstance(settings, Settings) and settings.is_default()
    answers: _Answers = show.answers[opens]  # type: ignore[attr-defined]
    return answers


def _forget_event() -> None:
    """Let go of an event that was not queued: Gradio 6.31 does so only at the end of the queue."""
    blocks, event = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if isinstance(blocks, gr.Blocks) and event:
        blocks._queue.event_ids_to_events.pop(event, None)
