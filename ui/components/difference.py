"""The lines in which two pieces of code differ, with their neighbours."""

from __future__ import annotations

from typing import Any, ClassVar

from ui.components.base import Player


class Difference(Player):
    """Shows a difference, whose value is its text.

    A line begins with "- " (only in the first piece), "+ " (only in the second), two spaces (in
    both) or "@@" (where they stand). A long line wraps under its own beginning.
    """

    stem: ClassVar[str] = "difference"
    scripts: ClassVar[tuple[str, ...]] = ("common.js",)

    def api_info(self) -> dict[str, Any]:
        """Tell API clients that the value is a text."""
        return {"type": "string"}
