"""The panel of the lecture: its markup, and the scenes for its scripts."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ui.lecture.scenes import Scene
from ui.texts.scripts import fill


def panel(scenes: Sequence[Scene]) -> str:
    """The panel as HTML, with the scenes as JSON in it."""
    markup = fill((Path(__file__).parent / "panel.html").read_text(encoding="utf-8"))
    shown = html.escape(json.dumps([_public(scene) for scene in scenes]), quote=False)
    return f'{markup}<pre class="lecture-scenes" hidden>{shown}</pre>'


def _public(scene: Scene) -> dict[str, Any]:
    """A scene as the browser gets it: the truth of its question is computed when it is due."""
    parts = ("text", "choices", "low", "high", "unit", "sounds")
    question = scene.question and {name: getattr(scene.question, name) for name in parts}
    names = ("title", "part", "view", "picture", "text", "notice", "notes")
    return {name: getattr(scene, name) for name in names} | {"question": question}
