"""The opening of a section: what the link names, computed when the section is first seen."""

from __future__ import annotations

import html
import inspect
import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import astuple
from typing import Any

import gradio as gr
from gradio.components import Component

from ui.components.base import Player
from ui.shared.controls import AT_ONCE, one_sentence
from ui.shared.kept_answers import answers_of, before_queue, queued_if_wrong
from ui.shared.long_results import unless_newer, until_newer, visit_of
from ui.shared.settings import Settings
from ui.texts import Texts

SHARED = Texts("shared")


OPTIONS: dict[str, Any] = {"api_visibility": "private", **AT_ONCE}

OPEN_SECTIONS = "() => { openSections(); return []; }"
"""JavaScript that a page runs when it is there: from now on, sections that are seen open."""

Parts = Generator[list[Any], None, None]
"""What a section shows as it opens: the values of all its outputs, one after the other."""


def opens(
    settings: type[Settings], shows: Sequence[Callable[[Any], Any]], outputs: Sequence[Component]
) -> list[Any]:
    """Fill a section when it is first seen; all of them at once would be megabytes.

    Args:
        settings: of the section, from its link or by default.
        shows: functions of them that make the outputs, as `restore` takes them.
        outputs: the controls of the settings, and what the functions show.

    Returns:
        The events, which `stops` can end.
    """
    # `page.js` presses it. A tab's own event would come at the page's start, seen or not.
    places = [f"at-{address}" for address in (settings.tab, *settings.old_tabs)]
    seen = gr.Button(elem_id=f"opens-{settings.tab}", elem_classes=["opens", *places])
    controls, displays = outputs[: len(settings.names())], outputs[len(settings.names()) :]
    # The last of fast links wins, and only what stands beside the first picture says that it waits.
    waits = [each for each in displays[1:] if not isinstance(each, Player)]
    options = {**OPTIONS, "trigger_mode": "always_last", "show_progress_on": waits}
    restored = restore(settings, shows)
    if inspect.isgeneratorfunction(shows[0]):
        events = _opens_in_parts(seen, restored, outputs, options)
    else:
        events = [seen.click(restored, outputs=outputs, **options)]
    heard: dict[str, Any] = {"fn": None, "inputs": list(controls), "api_visibility": "private"}
    events[0].then(**heard, js=_script("showSection", settings))
    changes = [control.change for control in controls]  # type: ignore[attr-defined]
    gr.on(changes, **heard, js=_script("controlsChanged", settings), trigger_mode="multiple")
    return events


def _script(function: str, settings: type[Settings]) -> str:
    """JavaScript that tells `stale.js` or `opening.js` of the values of all controls."""
    section, names = json.dumps(settings.tab), json.dumps(settings.names())
    return f"(...values) => {{ {function}({section}, {names}, values); return []; }}"


def _opens_in_parts(
    seen: gr.Button,
    restored: Callable[[gr.Request], Parts],
    outputs: Sequence[Component],
    options: dict[str, Any],
) -> list[Any]:
    """Show the first part by a function and the others by a generator.

    Gradio sends the last value of a generator twice. Mostly the first part is all there is, a
    result of megabytes that was computed before: a function's value is sent once.
    """

    def open_first(request: gr.Request) -> list[Any]:
        parts = restored(request)
        return [*next(parts), parts]

    def open_others(parts: Parts | None) -> Parts:
        yield [gr.skip()] * len(outputs)  # Gradio wants a value, even if there are no others
        yield from parts or ()

    others = gr.State()
    first = seen.click(before_queue(open_first), outputs=[*outputs, others], **options)
    options = {**OPTIONS, "show_progress": "hidden", "show_progress_on": seen}
    rest = first.success(open_others, others, outputs, **options)
    return [first, rest]


def restore(
    settings: type[Settings], shows: Sequence[Callable[[Any], Any]]
) -> Callable[[gr.Request], Any]:
    """Make what opens a tab: the values that the link names, and their results.

    If the first of the functions is a generator of outputs, its results come one after the other
    like those of `handler`, so that the opening of a link to a long run can be stopped too.
    """
    first, *others = shows

    def outputs(chosen: Settings) -> Parts:
        values = list(astuple(chosen))
        rest = [output for show in others for shown in answers_of(show, chosen) for output in shown]
        for result in answers_of(first, chosen):
            yield [*values, *result, *rest]
            values = [gr.skip()] * len(values)  # the visitor may have moved a control meanwhile

    def parts(request: gr.Request) -> Parts:
        query = dict(request.query_params)
        if settings.is_at(query.get("tab")):
            try:
                with queued_if_wrong():
                    yield from outputs(settings.from_query(query))
                return
            except ValueError as error:
                sentence = html.escape(str(error), quote=False)  # a link is anybody's text
                gr.Warning(SHARED.say("link_not_understood", sentence=sentence))
        with one_sentence(duration=None):  # a checkpoint is missing or damaged
            yield from outputs(settings())

    def open_in_parts(request: gr.Request) -> Parts:
        yield from until_newer(visit_of(request), settings.tab, parts(request))

    def open_tab(request: gr.Request) -> list[Any]:
        def shown() -> list[Any]:
            (only,) = parts(request)  # to its end, or it would not be kept
            return only

        # What is under way in the section, such as a training, ends.
        result: list[Any] = unless_newer(visit_of(request), settings.tab, shown)
        return result

    return before_queue(open_in_parts if inspect.isgeneratorfunction(first) else open_tab)
