"""From settings to what Gradio shows: controls, links, sources and errors, for every tab."""

from __future__ import annotations

import html
import inspect
import json
import re
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import wraps
from typing import Any

import gradio as gr
from gradio.components import Component

from ui.shared.long_results import until_newer
from ui.shared.settings import Choice, Settings, Text, control_of

Controls = dict[str, Any]
"""The controls of a tab by the names of its settings, in their order."""

LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def make_control(settings: type[Settings], name: str) -> Component:
    """The slider, number box or menu of one setting; a text stays hidden."""
    field = next(each for each in fields(settings) if each.name == name)
    control = control_of(field)
    default: Any = field.default
    if isinstance(control, Text):
        return gr.Textbox(value=default, label=control.label, visible=False)
    info = control.info or None
    if isinstance(control, Choice):
        return gr.Dropdown(list(control.options), value=default, label=control.label, info=info)
    if name == "seed":
        return gr.Number(value=default, label=control.label, info=info, min_width=120)
    return gr.Slider(
        control.low,
        control.high,
        value=default,
        step=control.step,
        label=control.label,
        info=info,
        min_width=200,
    )


def in_order(settings: type[Settings], controls: Controls) -> list[Component]:
    """The controls in the order of the settings' fields, as handlers receive them."""
    return [controls[name] for name in settings.names()]


def handler(settings: type[Settings], show: Callable[..., Any]) -> Callable[..., Any]:
    """Make a listener of a function of settings: values in, outputs out, errors in one line.

    Inputs after those of the settings are handed to `show` as they come, after the settings. A
    generator of outputs makes a listener that shows one after the other, until it is cancelled or
    the visitor starts another one in the same section.
    """
    further = list(inspect.signature(show).parameters)[1:]
    count = len(settings.names())

    def parts(values: Sequence[Any]) -> Iterator[Any]:
        with one_sentence():
            chosen = settings.from_values(values[:count])
            yield from map(_shown_anew, results(show, chosen, *values[count:]))

    @wraps(show)
    def handle(*values: Any) -> Any:
        return next(parts(values))

    @wraps(show)
    def handle_parts(request: gr.Request, *values: Any) -> Any:
        yield from until_newer(request.session_hash, settings.tab, parts(values))

    # Gradio reads the parameters' names from the signature, for the API's documentation.
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [inspect.Parameter(name, kind) for name in (*settings.names(), *further)]
    if inspect.isgeneratorfunction(show):
        handle_parts.__annotations__ = {"request": gr.Request}
        names.insert(0, inspect.Parameter("request", kind))
        handle = handle_parts
    handle.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    return handle


def _shown_anew(outputs: tuple[Any, ...]) -> Any:
    """An equal payload would not be shown again; but who presses a button wants to see it play."""
    now = {"shown": time.time_ns()}
    shown = [each | now if isinstance(each, dict) and "run" in each else each for each in outputs]
    return shown if len(shown) > 1 else shown[0]  # Gradio hands a single output no list


@contextmanager
def one_sentence() -> Iterator[None]:
    """Show a ValueError on the page, as its one sentence and without a traceback."""
    try:
        yield
    except ValueError as error:
        raise gr.Error(html.escape(str(error), quote=False), print_exception=False) from error


def results(show: Callable[..., Any], *inputs: Any) -> Iterator[tuple[Any, ...]]:
    """What a function of settings shows: one after the other, or the only one."""
    shown = show(*inputs)
    yield from shown if inspect.isgenerator(shown) else [shown]


def link_script(settings: type[Settings]) -> str:
    """JavaScript that puts the values of a tab's controls into the address of the page."""
    names = json.dumps(settings.names())
    return (
        "(...values) => {"
        f" const query = new URLSearchParams({{tab: {json.dumps(settings.tab)}}});"
        " const theme = new URLSearchParams(location.search).get('__theme');"
        " if (theme) query.set('__theme', theme);"
        f" {names}.forEach((name, i) => query.set(name, values[i]));"
        " history.replaceState(null, '', '?' + query);"
        " return []; }"
    )


def links(event: Any, settings: type[Settings], inputs: Sequence[Component]) -> None:
    """Put the controls into the address after an event, if it came to its end."""
    event.success(fn=None, inputs=inputs, js=link_script(settings), api_visibility="private")


def scroll_script(elem_id: str) -> str:
    """JavaScript that brings a player into view: on a phone it is far above the buttons."""
    return (
        "() => {"
        " const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches"
        " ? 'auto' : 'smooth';"
        f" document.getElementById({json.dumps(elem_id)})"
        "?.scrollIntoView({block: 'nearest', behavior});"
        " return []; }"
    )


def heavy(progress_on: Component) -> dict[str, Any]:
    """Options of an event that computes: few at once, and the latest wins."""
    return {
        "concurrency_id": "compute",
        "concurrency_limit": 2,
        "trigger_mode": "always_last",
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
        handler(settings, show),
        inputs,
        outputs,
        api_name=settings.endpoint,
        **heavy(progress_on),
    )
    if old_endpoint:
        keep_endpoint(old_endpoint, handler(settings, show), inputs, outputs)
    links(run, settings, inputs)
    return run


def keep_endpoint(
    name: str, fn: Callable[..., Any], inputs: Sequence[Component], outputs: Any
) -> None:
    """Keep an endpoint under the name that it had in earlier versions, out of the documentation."""
    gr.Button(visible=False).click(
        fn,
        inputs,
        outputs,
        api_name=name,
        api_visibility="undocumented",
        concurrency_id="compute",
        concurrency_limit=2,
    )


LAST_FINISHED = (
    "The picture and the numbers are those of the last finished run, whose settings are in the "
    "address; the controls may differ."
)

STOP_WAITING = """() => {
  for (const waiting of document.querySelectorAll(".player .placeholder"))
    if (waiting.checkVisibility()) waiting.textContent = "stopped before the first result";
  return []; }"""
"""JavaScript: a player that has shown nothing yet no longer says that it computes."""


def stops(button: gr.Button, run: Any, status: Component, kept: str = LAST_FINISHED) -> None:
    """Let a button end an event that `handler` listens to, or several, between two values.

    Args:
        button: the button.
        run: the event, or a list of them.
        status: what says how far they are, and then that they were stopped.
        kept: a sentence on what is left of them.
    """
    button.click(fn=None, js=STOP_WAITING, api_visibility="private")
    # First the end, then the text: in one event the last news could come after it.
    button.click(fn=None, cancels=run, api_visibility="private").then(
        lambda: f"Stopped. {kept}",
        outputs=status,
        api_visibility="private",
    )


def frames_per_second(frames: int) -> float:
    """Frames per second, so that a animation of any length takes about four seconds."""
    return min(max((frames - 1) / 4, 2.0), 15.0)


def equation(text: str) -> gr.Markdown:
    """A paragraph with formulas between dollar signs."""
    return gr.Markdown(textwrap.dedent(text), latex_delimiters=LATEX)


def source(function: Callable[..., Any]) -> str:
    """The code on the screen is the code that ran: read from the package now."""
    return f"# {_place(function)}\n{textwrap.dedent(inspect.getsource(function))}"


def source_panel(*functions: Callable[..., Any], title: str = "The code that ran") -> None:
    """A panel with the source of functions that always run."""
    with gr.Accordion(title, open=False):
        for function in functions:
            gr.Code(source(function), language="python", interactive=False, show_label=False)


def sampler_panel(title: str = "The sampler that ran") -> gr.Code:
    """A panel for the source of the sampler that was chosen: an output of the event that ran it."""
    with gr.Accordion(title, open=False):
        return gr.Code(language="python", interactive=False, show_label=False)


def facts_table(facts: dict[str, str]) -> str:
    """Numbers and their names, as a Markdown table."""
    return table(("", ""), facts.items())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; where all its headings are empty, the page does not show them."""
    lines = [head, ["---"] * len(head), *(map(minus_signs, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def minus_signs(text: str) -> str:
    """A text whose negative numbers have a minus sign instead of Python's hyphen."""
    return re.sub(r"(?<![\w.)])-(?=[\d.])", "−", text)


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
