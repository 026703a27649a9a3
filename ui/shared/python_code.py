"""A view as Python: what the snippets of the sections have in common.

A snippet computes again, with the packages `diffusion` and `synth` alone, the numbers that the page
shows for the same settings. It leaves them in variables and prints them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

from ui.shared.data import DRAWN, Data
from ui.shared.drawing import decode_strokes


def program(*paragraphs: str) -> str:
    """A program of paragraphs that are indented as they stand in their module; empty ones go."""
    written = [textwrap.dedent(each).strip() for each in paragraphs]
    return "\n\n".join(each for each in written if each) + "\n"


def imports(*lines: str) -> str:
    """The paragraph of imports; an empty one is left out."""
    return "\n".join(line for line in lines if line)


def call(value: Any) -> str:
    """The call that builds an instance of a dataclass, without what equals its default."""
    named = [
        f"{each.name}={getattr(value, each.name)!r}"
        for each in fields(value)
        if each.default is MISSING or getattr(value, each.name) != each.default
    ]
    return f"{type(value).__name__}({', '.join(named)})"


def list_of(expressions: Iterable[str]) -> str:
    """A list with an expression in each line."""
    return "[\n" + "".join(f"    {each},\n" for each in expressions) + "]"


def data_code(data: Data) -> str:
    """The paragraph that makes the distribution `data`."""
    if data.name != DRAWN:
        return f"data = diffusion.distributions.DISTRIBUTIONS[{data.name!r}]"
    strokes = [
        f"torch.tensor({stroke.tolist()}, dtype=torch.float64)"
        for stroke in decode_strokes(data.strokes)
    ]
    return f"data = diffusion.distributions.drawing({list_of(strokes)})"
