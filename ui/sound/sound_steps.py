"""The result of a section with a player of sounds: the steps of a sound, and facts about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ui.components import SoundPlayer, SoundView
from ui.sound.sound_views import SAMPLE_RATE


@dataclass(frozen=True)
class SoundSteps:
    """A sound, or the steps of its making, in one or more views.

    Attributes:
        views: by their names, as `sound_views` makes them; all have the same steps.
        labels: one for each step.
        facts: numbers with their names.
    """

    views: dict[str, SoundView]
    labels: list[str]
    facts: dict[str, str]

    def payload(self, run: str, alt: str, file_name: str) -> dict[str, Any]:
        """What a `SoundPlayer` shows; the arguments as there."""
        return SoundPlayer.payload(
            self.views,
            self.labels,
            sample_rate=SAMPLE_RATE,
            run=run,
            alt=alt,
            file_name=file_name,
        )
