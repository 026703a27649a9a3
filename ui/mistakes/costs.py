"""What the mistakes cost: one of them in all its measures, and all of them in one measure each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gradio as gr
from gradio.components import Component

from diffusion.mistakes.comparison import Mistake
from ui.shared.controls import handler, heavy, stops
from ui.shared.kept_answers import not_kept
from ui.shared.settings import Settings
from ui.shared.texts import table
from ui.texts import Texts

TEXTS = Texts("mistakes")
SHARED = Texts("shared")


Value = float | str
"""A measure, or the error that ended the run before it."""

Costs = Mapping[str, tuple[Value, Value]]
"""What is measured, by its name: wrong and right."""

ESCAPED = "\\|"
"""A vertical line inside a cell of a Markdown table."""

TIME_LIMIT = 60.0
"""Seconds after which no further mistake is measured."""


def costs_table(costs: Costs) -> str:
    """All measures of one mistake."""
    rows = [
        (name, _text(name, wrong), _text(name, right)) for name, (wrong, right) in costs.items()
    ]
    return table(TEXTS["head"].split(" | "), rows)


def measure_all(
    settings: type[Settings],
    mistakes: Mapping[str, Mistake[Any]],
    costs: Callable[[Any], Costs],
) -> Callable[[Any], Iterator[tuple[str, str]]]:
    """Make what measures all mistakes with one seed, for at most `TIME_LIMIT` seconds.

    Args:
        settings: of the section; `mistake` and `seed` are its controls.
        mistakes: by their names.
        costs: of settings, kept once computed, so that a second call continues the first.

    Returns:
        A generator function of settings: how far it is, and the table so far, row after row.
    """

    @not_kept
    def show(chosen: Any) -> Iterator[tuple[str, str]]:
        end = time.monotonic() + TIME_LIMIT
        rows: list[tuple[str, str, str, str]] = []
        for name, mistake in mistakes.items():
            count = TEXTS.say("count", done=len(rows), mistakes=len(mistakes))
            if time.monotonic() > end:
                yield TEXTS.say("time_over", count=count), _overview(rows)
                return
            title = Texts(settings.tab).option("mistake", name)
            yield TEXTS.say("now", count=count, name=title), _overview(rows)
            of_mistake = settings.from_values([name, chosen.seed])
            wrong, right = costs(of_mistake)[mistake.measure]
            link = f"[{title.replace('|', ESCAPED)}]({of_mistake.to_link()})"
            measure = mistake.measure
            rows.append((link, measure, _text(measure, wrong), _text(measure, right)))
        yield TEXTS.say("all_measured", done=len(rows), seed=chosen.seed), _overview(rows)

    return show


def lay_out_overview(
    settings: type[Settings], show: Callable[[Any], Iterator[tuple[str, str]]]
) -> Callable[[list[Component]], None]:
    """Lay out the table of all mistakes; returns what wires it to the controls of the section."""
    with gr.Accordion(TEXTS["costs_title"], open=False):
        with gr.Row():
            measure = gr.Button(TEXTS["measure_all"], min_width=120, scale=0)
            stop = gr.Button(SHARED["stop"], min_width=80, scale=0)
        status = gr.Markdown(TEXTS["takes_time"])
        overview = gr.Markdown(elem_id=f"{settings.tab}-overview")

    def wire(inputs: list[Component]) -> None:
        run = measure.click(
            handler(settings, show, group=f"{settings.tab}-overview"),
            inputs,
            [status, overview],
            api_visibility="private",
            **heavy(status, grows=True),
        )
        stops(stop, run, status, TEXTS["stopped"])

    return wire


def _overview(rows: list[tuple[str, str, str, str]]) -> str:
    return table(TEXTS["head_of_all"].split(" | "), rows) if rows else ""


def _text(name: str, value: Value) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    return f"{value:.1%}" if name.startswith("fraction") else f"{value:.3g}"
