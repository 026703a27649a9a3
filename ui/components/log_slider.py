"""A slider for what ranges over powers of ten."""

from __future__ import annotations

from typing import Any, ClassVar

from ui.components.base import Player


class LogSlider(Player):
    """A slider that moves in log10 of its value, with a box for the value itself.

    Its value is the number, as of any other slider: nothing but the handle knows of the logarithm.
    A released handle and a changed box fire the event `release`.
    """

    stem: ClassVar[str] = "log_slider"
    scripts: ClassVar[tuple[str, ...]] = ("common.js",)

    def __init__(self, low: float, high: float, value: float, label: str) -> None:
        """A slider over [low, high].

        Raises:
            ValueError: unless 0 < low < high.
        """
        if not 0 < low < high:
            raise ValueError(f"a logarithmic slider needs 0 < low < high, got {low} and {high}")
        # Gradio hands what is not its own to the script, as `props`.
        super().__init__(value=value, label=label, low=low, high=high)  # type: ignore[arg-type]

    def api_info(self) -> dict[str, Any]:
        """Tell API clients that the value is a number."""
        return {"type": "number"}
