"""What Gradio 6.31 does and this page does not need: copies of the page, haste, and downloads."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gradio as gr
import gradio.processing_utils
import gradio.queueing
import gradio.state_holder
from gradio.components import Component
from gradio.queueing import Queue
from gradio.state_holder import SessionState

SESSIONS_KEPT = 1000
"""Beyond them the one that was used longest ago loses the sound of its own."""

PAUSE = 0.02
"""Seconds between two looks at the queue."""


class SmallSession(SessionState):
    """A session with the values of its `gr.State` and with the components that were changed.

    Gradio's describes every component anew and keeps the last value of each, for the sake of its
    deep links: on this page that is 0.1 s of a core for each visitor and each call of an endpoint,
    and then megabytes for as long as the server runs. A link of this page names the settings.
    """

    def __init__(self, blocks: gr.Blocks):
        # Of components that are not the page's, the session makes no descriptions.
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks={}))  # type: ignore[arg-type]

    def __setitem__(self, key: int, value: Any) -> None:
        """Keep a value, or a changed component with a `preprocess` that its first one was given."""
        first = self.blocks_config.blocks.get(key)
        if isinstance(value, Component) and first and "preprocess" in vars(first):
            value.preprocess = first.preprocess  # type: ignore[attr-defined,method-assign]
        super().__setitem__(key, value)

    def _update_config(self, key: int) -> None:
        """Describe no component."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Keep no value."""


class CalmQueue(Queue):
    """A queue that looks fifty times a second for an event that can begin.

    Gradio's looks a thousand times: of a server that nobody visits this is 6 to 8 % of a core, and
    what is computed meanwhile waits for Python's lock as often.
    """

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.sleep_when_free = PAUSE
        self.progress_update_sleep_when_free = 5 * PAUSE  # this page reports none


async def _fetch_nothing(url: str) -> Any:
    """Gradio would fetch a file whose path is an address, whoever names it."""
    raise gr.Error("no file of another server is fetched: upload it", print_exception=False)


def limit_gradio() -> None:
    """Make small sessions and calm queues from now on, and fetch nothing."""
    gradio.queueing.Queue = CalmQueue  # type: ignore[misc]
    gradio.state_holder.SessionState = SmallSession  # type: ignore[misc]
    gradio.processing_utils.async_ssrf_protected_get = _fetch_nothing
