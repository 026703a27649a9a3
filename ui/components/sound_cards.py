"""A gallery of short sounds: each a card with its picture, heard by a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import gradio as gr
import numpy as np
import numpy.typing as npt

from ui.components.base import Payload, Player, check_shape, encode_int16, sent


@dataclass(frozen=True)
class SoundCard:
    """What a card shows of its sound.

    Attributes:
        name: a few words.
        frequencies: of its partials (S,), Hz.
        levels: theirs (S,), dB.
        links: addresses on this page, by their names, which other sections open on this sound.
    """

    name: str
    frequencies: npt.ArrayLike
    levels: npt.ArrayLike
    links: Mapping[str, str]


class SoundCards(Player):
    """Shows sounds with their waves and partials, plays one at a time, and lets one be taken.

    The button "Edit" of a card fires the event `edit`:

        cards.edit(load_sound, outputs=controls)  # with a parameter event: gr.EventData
        SoundCards.index(event, len(sounds))      # which one, checked

    Its value is made by `SoundCards.payload`.
    """

    stem: ClassVar[str] = "sound_cards"
    scripts: ClassVar[tuple[str, ...]] = ("common.js", "axes.js", "speaker.js")

    @staticmethod
    def index(event: gr.EventData, count: int) -> int:
        """Which of `count` cards the browser means.

        Raises:
            ValueError: if it is none of them.
        """
        index = sent(event, "index")
        if type(index) is not int or not 0 <= index < count:
            raise ValueError(f"the card must be an integer in [0, {count - 1}]")
        return index

    @staticmethod
    def payload(
        cards: Sequence[SoundCard],
        sounds: npt.ArrayLike,
        *,
        sample_rate: int,
        run: str,
    ) -> Payload:
        """Pack sounds for the browser.

        Args:
            cards: one for each sound.
            sounds: (cards, samples), within [-1, 1]: match their loudness first.
            sample_rate: of the sounds, in Hz.
            run: identifies these sounds; a value is shown again only if it differs.

        Raises:
            ValueError: if a shape does not fit or a sound leaves [-1, 1].
        """
        return {
            "run": run,
            "sounds": encode_int16(check_shape("sounds", sounds, len(cards), None)),
            "sample_rate": int(sample_rate),
            "cards": [_encode(card) for card in cards],
        }


def _encode(card: SoundCard) -> dict[str, Any]:
    frequencies = check_shape("frequencies", card.frequencies, None)
    levels = check_shape("levels", card.levels, len(frequencies))
    return {
        "name": card.name,
        "links": dict(card.links),
        "frequencies": np.round(frequencies, 1).tolist(),
        "levels": np.round(levels - levels.max(), 1).tolist(),
    }
