"""From settings to what Gradio shows: controls, events and errors, for every tab."""

from __future__ import annotations

import html
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import partial, wraps
from typing import Any

import gradio as gr
from gradio.components import Component

from ui.components import LogSlider
from ui.shared.api_texts import describe_parameter, endpoint_text
from ui.shared.control_types import Choice, Number, Text
from ui.shared.kept_answers import answers_of, before_queue, queued_if_wrong
from ui.shared.long_results import unless_newer, until_newer, visit_of
from ui.shared.permalinks import links
from ui.shared.settings import Settings, control_of
from ui.texts import Texts

SHARED = Texts("shared")


Controls = dict[str, Any]
"""The controls of a tab by the names of its settings, in their order."""

AT_ONCE: dict[str, Any] = {"concurrency_id": "compute", "concurrency_limit": 4}
"""All events that compute, and all openings of sections, have one limit. It is above the two cores
of a small machine, because some only wait for the end of an equal run."""


def make_control(settings: type[Settings], name: str) -> Component:
    """The slider, number box or menu of one setting; a text stays hidden."""
    field = next(each for each in fields(settings) if each.name == name)
    control = _component(control_of(field), field.default, box=name == "seed")
    describe_parameter(control, control_of(field), field.default)
    # Gradio's checks speak of "component at index 4"; the settings check every value anyway.
    control.preprocess = lambda payload: payload  # type: ignore[method-assign]
    return control


def _component(control: Number | Choice | Text, default: Any, box: bool) -> Component:
    if isinstance(control, Text):
        return gr.Textbox(value=default, label=control.label, visible=False)
    info = control.info or None
    if isinstance(control, Choice):
        options = [(control.option_label(each), each) for each in control.options]
        return gr.Dropdown(options, value=default, label=control.label, info=info)
    if box:
        return gr.Number(
            value=default,
            label=control.label,
            info=info,
            minimum=control.low,
            maximum=control.high,
            step=control.step,
            min_width=120,
        )
    if control.log:
        return LogSlider(control.low, control.high, default, control.label)
    return gr.Slider(
        control.low,
        control.high,
        value=default,
        step=control.step,
        label=control.label,
        info=info,
        min_width=200,
    )


def at_once() -> None:
    """A heading above controls whose results come as soon as they change."""
    gr.Markdown(SHARED["at_once"])


def waits_for(button: str) -> None:
    """A heading above controls that change nothing until a button is pressed."""
    gr.Markdown(SHARED.say("waits_for", button=button))


def in_order(settings: type[Settings], controls: Controls) -> list[Component]:
    """The controls in the order of the settings' fields, as handlers receive them."""
    return [controls[name] for name in settings.names()]


def handler(
    settings: type[Settings],
    show: Callable[..., Any],
    *,
    group: str | None = None,
    old_keywords: bool = False,
) -> Callable[..., Any]:
    """Make a listener of a function of settings: values in, outputs out, errors in one line.

    Inputs after those of the settings are handed to `show` as they come, after the settings. A
    generator of outputs makes a listener that shows one after the other.

    Args:
        settings: of the section.
        show: the function of them.
        group: of the listeners that fill the same outputs, in which the last event of a visitor
            wins (`until_newer`). If None, a generator is in that of its section, a function in
            none.
        old_keywords: name the listener's parameters as earlier versions named the controls.
    """
    further = list(inspect.signature(show).parameters)[1:]
    count = len(settings.names())

    def parts(values: Sequence[Any]) -> Iterator[Any]:
        with one_sentence():
            chosen = settings.from_values(values[:count])
            yield from map(_shown_anew, answers_of(show, chosen, *values[count:]))

    @wraps(show)
    def handle(*values: Any) -> Any:
        (shown,) = parts(values)  # to its end, or it would not be kept
        return shown

    @wraps(show)
    def handle_parts(request: gr.Request, *values: Any) -> Any:
        yield from until_newer(visit_of(request), group or settings.tab, parts(values))

    @wraps(show)
    def handle_last(request: gr.Request, *values: Any) -> Any:
        return unless_newer(visit_of(request), group or settings.tab, partial(handle, *values))

    # Gradio reads the parameters' names from the signature, for the API's documentation.
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    old = {new: name for name, new in settings.old_names.items()} if old_keywords else {}
    called = [old.get(name, name) for name in settings.names()]
    names = [inspect.Parameter(name, kind) for name in (*called, *further)]
    grows = inspect.isgeneratorfunction(show)
    listener = handle_parts if grows else handle_last if group else handle
    if grows or group:
        listener.__annotations__ = {"request": gr.Request}
        names.insert(0, inspect.Parameter("request", kind))
    listener.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    listener.__doc__ = endpoint_text(settings, show)
    return before_queue(listener)


def _shown_anew(outputs: tuple[Any, ...]) -> Any:
    """An equal payload would not be shown again; but who presses a button wants to see it play."""
    now = {"shown": time.time_ns()}
    shown = [each | now if isinstance(each, dict) and "run" in each else each for each in outputs]
    return shown if len(shown) > 1 else shown[0]  # Gradio hands a single output no list


@contextmanager
def one_sentence(duration: float | None = 10) -> Iterator[None]:
    """Show a ValueError on the page, as its one sentence and without a traceback.

    Args:
        duration: for so many seconds, or None: until the visitor closes it.
    """
    try:
        with queued_if_wrong():
            yield
    except ValueError as error:
        sentence = html.escape(str(error), quote=False)
        raise gr.Error(sentence, duration, print_exception=False) from error


def heavy(progress_on: Component, *, grows: bool = False) -> dict[str, Any]:
    """Options of an event that computes: few at once, and the latest wins.

    Of a result that `grows` the newer run ends the older one (`until_newer`), so none waits.
    """
    return {
        **AT_ONCE,
        "trigger_mode": "multiple" if grows else "always_last",
        "show_progress_on": progress_on,
    }


def answers(
    settings: type[Settings],
    show: Callable[[Any], Any],
    triggers: Sequence[Any],
    inputs: Sequence[Component],
    outputs: Sequence[Component],
    *,
    progress_on: Component,
    old_endpoint: str | None = None,
) -> Any:
    """Show a function of the controls when one of the triggers comes, and link to what is shown.

    Returns:
        The event, which `stops` can end.
    """
    run = gr.on(
        triggers,
        handler(settings, show, group=settings.tab),
        inputs,
        outputs,
        api_name=settings.endpoint,
        **heavy(progress_on, grows=inspect.isgeneratorfunction(show)),
    )
    if old_endpoint:
        keep_endpoint(old_endpoint, settings, show, inputs, outputs)
    links(run, settings, inputs)
    return run


def keep_endpoint(
    name: str,
    settings: type[Settings],
    show: Callable[..., Any],
    inputs: Sequence[Component],
    outputs: Sequence[Component],
) -> None:
    """Keep an endpoint and its keywords under the names that they had in earlier versions.

    It is documented, for Gradio's client takes keywords only for what is.
    """
    unseen = gr.Button(visible=False)
    unseen.click(
        handler(settings, show, old_keywords=True),
        inputs,
        outputs,
        api_name=name,
        api_description=f"An old name of /{settings.endpoint}, kept for programs that call it.",
        show_progress_on=unseen,
        **AT_ONCE,
    )


STOP_WAITING = """() => {
  for (const waiting of document.querySelectorAll(".player .placeholder"))
    if (waiting.checkVisibility()) waiting.textContent = "stopped before the first result";
  return []; }"""
"""JavaScript: a player that has shown nothing yet no longer says that it computes."""


def stops(button: gr.Button, run: Any, status: Component, kept: str = "") -> None:
    """Let a button end an event that `handler` listens to, or several, between two values.

    Args:
        button: the button.
        run: the event, or a list of them.
        status: what says how far they are, and then that they were stopped.
        kept: a sentence on what is left of them; if empty, what of a finished run is left.
    """
    button.click(fn=None, js=STOP_WAITING, api_visibility="private")
    # First the end, then the text: in one event the last news could come after it.
    button.click(fn=None, cancels=run, api_visibility="private").then(
        lambda: SHARED.say("stopped", kept=kept or SHARED["last_finished"]),
        outputs=status,
        api_visibility="private",
    )


def frames_per_second(frames: int) -> float:
    """Frames per second, so that an animation of any length takes about four seconds."""
    return min(max((frames - 1) / 4, 2.0), 15.0)
