"""A view is a link: what is shown goes into the address of the page, and into view."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gradio.components import Component

from ui.shared.settings import Settings


def link_script(settings: type[Settings]) -> str:
    """JavaScript that puts the values of a tab's controls into the address of the page."""
    names, hidden = json.dumps(settings.names()), json.dumps(dict(settings.not_linked))
    return (
        "(...values) => {"
        f" const query = new URLSearchParams({{tab: {json.dumps(settings.tab)}}});"
        f" const hidden = {hidden};"
        " const linked = (name, value) => "
        "!(name in hidden) || ![null, value].includes(hidden[name]);"
        f" {names}.forEach((name, i) => linked(name, values[i]) && query.set(name, values[i]));"
        f" showAddress({json.dumps(settings.tab)}, query);"
        f" resultShown({json.dumps(settings.tab)}, {names}, values);"
        " return []; }"
    )


def links(event: Any, settings: type[Settings], inputs: Sequence[Component]) -> None:
    """Put the controls into the address after an event, if it came to its end."""
    event.success(fn=None, inputs=inputs, js=link_script(settings), api_visibility="private")


def stage_script(elem_id: str, stage: str) -> str:
    """JavaScript that chooses a stage of a player of sounds, as a press on its button does."""
    button = f"#{elem_id} .stages input[value='{stage}']"
    return f"() => {{ document.querySelector({json.dumps(button)})?.click(); return []; }}"


def scroll_script(elem_id: str) -> str:
    """JavaScript that brings a player into view: on a phone it is far above the buttons."""
    return f"() => {{ bringIntoView(document.getElementById({json.dumps(elem_id)})); return []; }}"
