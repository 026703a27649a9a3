"""Texts of every section: formulas, the source of the code that ran, and tables."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import gradio as gr

from ui.texts import Texts

SHARED = Texts("shared")

LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def equation(text: str) -> gr.Markdown:
    """A paragraph with formulas between dollar signs; no line begins with the unit of a number."""
    unbroken = re.sub(r"(?<=\d) (?=%|dB\b)", "\N{NO-BREAK SPACE}", textwrap.dedent(text))
    return gr.Markdown(unbroken, latex_delimiters=LATEX)


def source(function: Callable[..., Any]) -> str:
    """The code on the screen is the code that ran: read from the package now."""
    return f"# {_place(function)}\n{textwrap.dedent(inspect.getsource(function))}"


def source_panel(*functions: Callable[..., Any]) -> None:
    """A panel with the source of functions that always run."""
    with gr.Accordion(SHARED["code_that_ran"], open=False):
        code = "\n\n".join(map(source, functions))
        gr.Code(code, language="python", interactive=False, show_label=False)


def sampler_panel(title: str) -> gr.Code:
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


def scientific(value: float) -> str:
    r"""A positive number as a formula of two digits: 2.4e-07 is $2.4 \cdot 10^{-7}$."""
    digits, power = f"{value:.1e}".split("e")
    return f"${digits} \\cdot 10^{{{int(power)}}}$"


def short(value: float) -> str:
    """A number of two digits, as a formula where it has many zeros."""
    return scientific(value) if 0 < value < 1e-3 else f"{value:.2g}"


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
