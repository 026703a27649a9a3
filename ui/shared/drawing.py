"""Drawings as short texts, so that a view with one is a link.

A stroke is its corners, a corner three letters of 64: nine bits for each coordinate over the plane
that the field shows, hence a grid of 0.007. Points between strokes part them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from string import ascii_letters, digits
from typing import Any

import torch
from torch import Tensor

from diffusion.data.distributions import fit
from diffusion.data.distributions.strokes import resample
from ui.components import DrawingPad
from ui.components.base import Payload

LIMITS = (-1.8, 1.8)
LETTERS = ascii_letters + digits + "-_"
GRID = 511  # steps of a coordinate of nine bits
STROKE = r"(?:[\w-]{3})+"
MAX_POINTS = 1000
MAX_LENGTH = 4 * MAX_POINTS
CORNER_SPACING = 0.05


def encode_strokes(strokes: Sequence[Tensor]) -> str:
    """The text of strokes, each of corners (K, 2) within the limits.

    Raises:
        ValueError: if there is no corner, too many, or one out of range.
    """
    corners = sum(len(stroke) for stroke in strokes)
    if not 0 < corners <= MAX_POINTS:
        raise ValueError(f"a drawing must have 1 to {MAX_POINTS} points, got {corners}")
    low, high = LIMITS
    if not all(bool(((stroke >= low) & (stroke <= high)).all()) for stroke in strokes):
        raise ValueError(f"every point of a drawing must lie in [{low}, {high}]²")
    return ".".join(_encode(stroke) for stroke in strokes)


def decode_strokes(text: str) -> list[Tensor]:
    """The strokes of a text of `encode_strokes`, each float64 (K, 2); none of an empty text.

    Raises:
        ValueError: if it is none, as the end of a sentence "… must be".
    """
    if not text:
        return []
    if not re.fullmatch(rf"{STROKE}(?:\.{STROKE})*", text, re.ASCII):
        raise ValueError(f"strokes of three letters a point, with dots between, got {text[:20]!r}")
    return [_decode(stroke) for stroke in text.split(".")]


def strokes_of(sent: Any) -> list[Tensor]:
    """The strokes that a browser sent, [[x, y, x, y, …], …], with corners at even steps.

    Raises:
        ValueError: if it sent anything else.
    """
    try:
        strokes = [torch.tensor(stroke, dtype=torch.float64).reshape(-1, 2) for stroke in sent]
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError("a drawing must be lists of numbers x, y, x, y, …") from error
    if not all(len(stroke) and bool(torch.isfinite(stroke).all()) for stroke in strokes):
        raise ValueError("a stroke must be finite numbers, and not empty")
    return [resample(stroke.clamp(*LIMITS), CORNER_SPACING) for stroke in strokes]


def heart() -> list[Tensor]:
    """The example that a pad shows until something is drawn."""
    t = torch.linspace(0, 2 * math.pi, 33, dtype=torch.float64)
    across = 16 * t.sin() ** 3
    up = 13 * t.cos() - 5 * (2 * t).cos() - 2 * (3 * t).cos() - (4 * t).cos()
    return [fit(torch.stack([across, up], dim=1))]


def _encode(stroke: Tensor) -> str:
    low, high = LIMITS
    steps = ((stroke - low) * (GRID / (high - low))).round().long()
    codes = (steps[:, 0] * (GRID + 1) + steps[:, 1]).tolist()
    return "".join(LETTERS[c >> 12] + LETTERS[c >> 6 & 63] + LETTERS[c & 63] for c in codes)


def _decode(stroke: str) -> Tensor:
    low, high = LIMITS
    places = torch.tensor([LETTERS.index(letter) for letter in stroke]).reshape(-1, 3)
    codes = places @ torch.tensor([64**2, 64, 1])
    steps = torch.stack([codes // (GRID + 1), codes % (GRID + 1)], dim=1)
    return low + steps.to(torch.float64) * ((high - low) / GRID)


EXAMPLE = encode_strokes(heart())
"""The text of the example."""


def on_pad(text: str) -> Payload:
    """What a drawing pad shows of a text; the next stroke replaces the example."""
    strokes = [stroke.numpy() for stroke in decode_strokes(text)]
    return DrawingPad.payload(strokes, LIMITS, run=text or "empty", example=text == EXAMPLE)
