"""One of several values that a player of sounds shows, one at a time."""

from __future__ import annotations

from typing import Any, ClassVar

from ui.components.base import Payload, Player


class SoundStage(Player):
    """A stage of a `SoundPlayer`: it is not seen, and hands its value to that player.

    Each stage is the output of an event of its own, so that a new one leaves the others in place.
    Its value is made by `SoundPlayer.payload`. Links of earlier versions, where each stage was a
    player, name its options by its own `elem_id`; they still work (`ui/views.js`).
    """

    stem: ClassVar[str] = "sound_stage"
    scripts: ClassVar[tuple[str, ...]] = ("sound_stages.js",)

    def __init__(self, value: Payload | None = None, *, player: str, stage: str, **options: Any):
        """Build it.

        Args:
            value: as for every player.
            player: the `elem_id` of the player.
            stage: one of the player's stages.
            options: those of `gr.HTML`.
        """
        super().__init__(value, player=player, stage=stage, visible="hidden", **options)
