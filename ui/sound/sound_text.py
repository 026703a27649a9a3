"""Sounds as short texts, so that a view of one is a link: "f0:146.8,num_harmonics:12,…"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any
from urllib.parse import urlencode

import torch

from synth import Sound
from ui.texts import Texts

TEXTS = Texts("sound-choice")


MAX_LENGTH = 800
MAX_DRAWN_LENGTH = 400
SEPARATOR = "~"  # between the drawn amplitudes
LEAST_AMPLITUDE = 1e-6  # 120 dB below the largest that can be drawn
VOCODER, SIDE_BY_SIDE = "vocoder", "side-by-side"
"""The sections that make a sound again."""
OLD_NAMES = {"law": "series"}
"""Links of earlier versions keep working."""


def encode_sound(sound: Sound) -> str:
    """The parameters that differ from their defaults, in four significant digits."""
    parts = ((each, getattr(sound, each.name)) for each in fields(Sound))
    return ",".join(
        f"{each.name}:{_encode(value)}"
        for each, value in parts
        if each.default is MISSING or value != each.default
    )


def decode_sound(text: str) -> Sound:
    """The sound of a text of `encode_sound`.

    Raises:
        ValueError: if it is none, as the end of a sentence "… must be".
    """
    values: dict[str, Any] = {}
    for part in text.split(","):
        name, colon, value = part.partition(":")
        name = OLD_NAMES.get(name, name)
        if not colon or name in values:
            raise ValueError(f"parameters name:value, each once, got {text[:40]!r}")
        values[name] = _decode(name, value)
    try:
        return Sound(**values)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the parameters of a sound: {error}") from error


def sound_link(tab: str, sound: Sound, duration: float) -> str:
    """The address of a sound in a section that makes it again, which takes none below 0.4 s."""
    query = {"tab": tab, "sound": encode_sound(sound), "duration": max(duration, 0.4)}
    return "?" + urlencode(query)


def another_sound(seed: int) -> tuple[str, int]:
    """The text of a sound of the wide prior, and the seed that drew it: the one after `seed`."""
    following = (seed + 1) % 1_000_000
    return encode_sound(Sound.random(torch.Generator().manual_seed(following), "wide")), following


def in_words(sound: Sound) -> str:
    """What most tells a sound from others."""
    second = TEXTS.say("second_note", interval=sound.second_interval) * (sound.second_level > 0)
    return TEXTS.say(
        "in_words",
        f0=sound.f0,
        partials=sound.num_harmonics,
        inharmonicity=sound.inharmonicity,
        frequency=sound.filter_frequency,
        second=second,
    )


def encode_amplitudes(amplitudes: Sequence[float]) -> str:
    """Drawn amplitudes in four significant digits; nothing of none."""
    return SEPARATOR.join(map(_encode, amplitudes))


def decode_amplitudes(text: str) -> tuple[float, ...]:
    """The amplitudes of a text of `encode_amplitudes`; what is below -120 dB is 0.

    Raises:
        ValueError: if it is none, as the end of a sentence "… must be".
    """
    most = int(Sound.RANGES["num_harmonics"][1])
    drawn = tuple(_number("amplitudes", each) for each in text.split(SEPARATOR)) if text else ()
    if len(drawn) > most or not all(0 <= each <= 1 for each in drawn):
        raise ValueError(f"at most {most} numbers in [0, 1], got {text[:40]!r}")
    drawn = tuple(each if each >= LEAST_AMPLITUDE else 0.0 for each in drawn)
    if drawn and not any(drawn):
        raise ValueError("numbers of which one is above 0, got only zeros")
    return drawn


def fit_amplitudes(drawn: Sequence[float], count: int) -> tuple[float, ...]:
    """A drawing for another number of partials: cut, or gone on with at the last one's height.

    None of it stays none; and where all that is left is 0, it is as if nothing had been drawn.
    """
    fitted = tuple(drawn[:count]) + tuple(drawn[-1:]) * (count - len(drawn))
    return fitted if any(fitted) else ()


def _encode(value: Any) -> str:
    if isinstance(value, tuple):
        return SEPARATOR.join(map(_encode, value))
    return value if isinstance(value, str) else f"{value:.4g}"


def _decode(name: str, value: str) -> Any:
    if name == "series":
        return value
    if name == "amplitudes":
        return tuple(_number(name, each) for each in value.split(SEPARATOR))
    return int(value) if name == "num_harmonics" and value.isdecimal() else _number(name, value)


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise ValueError(f"a sound with a number for {name}, got {value[:20]!r}") from error


DEFAULT_SOUND = encode_sound(
    Sound(
        f0=174.6,
        num_harmonics=12,
        inharmonicity=0.0,
        filter_frequency=900.0,
        filter_q=1.0,
        spectral_slope=-6.0,
        attack=0.02,
        decay=0.3,
        sustain=0.5,
        release=0.15,
    )
)
"""What the sections open on that make a sound again from its mel."""
