"""What the API says of itself: the range of each parameter, and what each endpoint computes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from gradio.components import Component

from ui.shared.control_types import Choice, Number, Text
from ui.shared.settings import Settings


def describe_parameter(component: Component, control: Number | Choice | Text, default: Any) -> None:
    """Let a component tell API clients the type, the range and the unit of its values."""
    schema = _schema(control) | {"additional_description": f"{control.label}, {control.allowed}"}
    component.api_info = lambda: schema  # type: ignore[method-assign]
    component.example_inputs = lambda: default  # type: ignore[method-assign]


def _schema(control: Number | Choice | Text) -> dict[str, Any]:
    """JSON Schema of the values of a control."""
    if isinstance(control, Choice):
        return {"type": "string", "enum": list(control.options)}
    if isinstance(control, Text):
        return {"type": "string", "maxLength": control.max_length}
    kind = "integer" if isinstance(control.step, int) else "number"
    return {"type": kind, "minimum": control.low, "maximum": control.high}


def endpoint_text(settings: type[Settings], show: Callable[..., Any]) -> str:
    """What an endpoint computes and gives, in a paragraph.

    Gradio reads it from the docstring of the listener: an `api_description` would be sent with the
    page, whoever opens it.
    """
    gives = " ".join((inspect.getdoc(show) or "").split("\n\n")[0].split())
    return (
        f"Computes the section {settings.title} of the page. The parameters are its controls, and "
        f"the same values give the same numbers as on the page. It gives: {gives}"
    )
