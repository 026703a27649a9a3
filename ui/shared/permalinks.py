"""A view is a link: what is shown goes into the address of the page, and into view."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gradio.components import Component

from ui.shared.settings import Settings


def linked_controls(sections: Sequence[type[Settings]]) -> str:
    """JavaScript that tells `addresses.js` what `Settings.to_link` knows, for the page's head."""
    known = {
        each.tab: {
            "defaults": each.defaults(),
            "hidden": dict(each.not_linked),
            "besideSeed": list(each.old_defaults),
        }
        for each in sections
    }
    return f"const LINKED_CONTROLS = {json.dumps(known)};"


def link_script(settings: type[Settings]) -> str:
    """JavaScript that puts the values of a section's controls into the address of the page."""
    section, names = json.dumps(settings.tab), json.dumps(settings.names())
    return (
        "(...values) => {"
        f" showLink({section}, {names}, values);"
        f" resultShown({section}, {names}, values);"
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
