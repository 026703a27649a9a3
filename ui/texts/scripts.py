"""The texts that scripts and templates say in the browser, from `scripts.toml`."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from ui.texts import Texts

TEXTS = Texts("scripts")

SAY = (Path(__file__).parent / "say.js").read_text(encoding="utf-8")


def texts_script() -> str:
    """JavaScript that defines `TEXTS` and `say`, for the head of a page before its scripts."""
    texts = json.dumps(TEXTS.everything(), ensure_ascii=False).replace("<", "\\u003c")
    return f"const TEXTS = {texts};\n{SAY}"


def fill(markup: str) -> str:
    """A template with its texts, each in the place `{{KEY}}`, escaped.

    Raises:
        KeyError: if there is no such text.
    """
    texts = TEXTS.everything()
    return re.sub(r"\{\{([\w.]+)\}\}", lambda place: html.escape(texts[place[1]]), markup)
