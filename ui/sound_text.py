"""Sounds as short texts, so that a view of one is a link: "f0:146.8,num_harmonics:12,…"."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from synth import Sound

MAX_LENGTH = 800
SEPARATOR = "~"  # between the drawn amplitudes


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
        if not colon or name in values:
            raise ValueError(f"parameters name:value, each once, got {text[:40]!r}")
        values[name] = _decode(name, value)
    try:
        return Sound(**values)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the parameters of a sound: {error}") from error


def _encode(value: Any) -> str:
    if isinstance(value, tuple):
        return SEPARATOR.join(map(_encode, value))
    return value if isinstance(value, str) else f"{value:.4g}"


def _decode(name: str, value: str) -> Any:
    if name == "law":
        return value
    if name == "amplitudes":
        return tuple(_number(name, each) for each in value.split(SEPARATOR))
    return int(value) if name == "num_harmonics" and value.isdecimal() else _number(name, value)


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise ValueError(f"a sound with a number for {name}, got {value[:20]!r}") from error
