"""What all browser players need: how arrays travel, and how a component's files are put together.

A player is a `gr.HTML` subclass with an `.html`, a `.css` and a `.js` file of its name. `common.*`,
`axes.js` and `transport.js` give all players one toolbar and one look. The page has each player's
program and style once (`programs`, `styles`), however often it is on it. Python computes a whole
trajectory once and packs it; the browser plays it, and no scrubbing needs the server again.
"""

from __future__ import annotations

import base64
from abc import ABCMeta
from pathlib import Path
from typing import Any, ClassVar

import gradio as gr
import numpy as np
import numpy.typing as npt
from gradio.component_meta import ComponentMeta, updateable

from ui.texts.scripts import fill

FOLDER = Path(__file__).parent

Payload = dict[str, Any]
Packed = dict[str, Any]
Limits = tuple[float, float]


def _pack(codes: npt.NDArray[Any], offset: float, scale: float) -> Packed:
    """Describe integer codes so that `offset + scale * code` gives the values back."""
    little_endian = np.ascontiguousarray(codes, dtype=codes.dtype.newbyteorder("<"))
    return {
        "dtype": codes.dtype.name,
        "shape": list(codes.shape),
        "offset": float(offset),
        "scale": float(scale),
        "base64": base64.b64encode(little_endian.tobytes()).decode("ascii"),
    }


def decode(packed: Packed) -> npt.NDArray[np.float64]:
    """The values of an array that was packed, to within half a step of its codes."""
    dtype = np.dtype(packed["dtype"]).newbyteorder("<")
    codes = np.frombuffer(base64.b64decode(packed["base64"]), dtype)
    values: npt.NDArray[np.float64] = packed["offset"] + packed["scale"] * codes.astype(np.float64)
    return values.reshape(packed["shape"])


def _encode_range(
    values: npt.ArrayLike, low: float, high: float, dtype: type[np.unsignedinteger[Any]]
) -> Packed:
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"the range must be finite and rise, got ({low}, {high})")
    top = int(np.iinfo(dtype).max)
    array = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=high)
    codes = np.rint((np.clip(array, low, high) - low) * (top / (high - low)))
    return _pack(codes.astype(dtype), low, (high - low) / top)


def encode_uint16(values: npt.ArrayLike, low: float, high: float) -> Packed:
    """Pack values as 16-bit steps from `low` to `high`; the error is at most (high - low) / 131070.

    Values outside go to the nearer end and NaN to `high`: a particle that diverged leaves the
    picture instead of breaking it.
    """
    return _encode_range(values, low, high, np.uint16)


def encode_uint8(values: npt.ArrayLike, low: float, high: float) -> Packed:
    """Pack values as 8-bit steps from `low` to `high`, enough for a colour; ends as in uint16."""
    return _encode_range(values, low, high, np.uint8)


def encode_float32(values: npt.ArrayLike) -> Packed:
    """Pack values that the browser calculates with, to 24 bits."""
    return _pack(np.asarray(values, dtype=np.float32), 0.0, 1.0)


def encode_int16(sound: npt.ArrayLike, peak: float = 1.0) -> Packed:
    """Pack a signal within ±`peak`; silence stays exactly zero.

    Raises:
        ValueError: if a sample is not finite, or lies outside (clipping would be heard).
    """
    if not (np.isfinite(peak) and peak > 0):
        raise ValueError(f"peak must be finite and positive, got {peak}")
    array = np.asarray(sound, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError("every sample must be finite")
    loudest = float(np.abs(array).max(initial=0.0))
    if loudest > peak * (1 + 1e-4):
        raise ValueError(f"samples must lie within ±{peak}, got {loudest}")
    codes = np.rint(np.clip(array / peak, -1.0, 1.0) * 32767)
    return _pack(codes.astype(np.int16), 0.0, peak / 32767)


def encode_positions(points: npt.ArrayLike, limits: Limits) -> Packed:
    """Pack 2-D positions for a plot of `limits`, with half a plot of room on every side.

    At 650 pixels the error stays under 0.01 pixel. What lies farther out is drawn outside anyway.
    """
    room = (limits[1] - limits[0]) / 2
    return encode_uint16(points, limits[0] - room, limits[1] + room)


def sent(event: gr.EventData, name: str) -> Any:
    """A value that the browser sent with an event, unchecked; None if it sent none."""
    return event._data.get(name) if isinstance(event._data, dict) else None


def check_shape(name: str, array: npt.ArrayLike, *shape: int | None) -> npt.NDArray[Any]:
    """Return `array` as NumPy's, if its shape is `shape` (None: any length from 1).

    Raises:
        ValueError: if the shape is another.
    """
    found = np.asarray(array)
    fits = len(found.shape) == len(shape) and all(
        size == wanted if wanted is not None else size > 0
        for size, wanted in zip(found.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("≥1" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} must have the shape ({wanted}), got {found.shape}")
    return found


def check_limits(limits: Limits) -> Limits:
    """Return the two ends of both axes as floats, or raise ValueError."""
    low, high = float(limits[0]), float(limits[1])
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"limits must be finite and rise, got {limits}")
    return low, high


class _PlayerMeta(ComponentMeta):
    """Gradio's metaclass without its stub writer.

    The stock one writes a .pyi beside every component's source, which type checkers would then
    read instead of the source. A player declares no EVENTS of its own, so nothing else is lost.
    """

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _PlayerMeta:
        if "__init__" in namespace:
            namespace["__init__"] = updateable(namespace["__init__"])  # type: ignore[no-untyped-call]
        return ABCMeta.__new__(mcs, name, bases, namespace)


PARAMETERS = "element, trigger, props, server, upload, watch"
"""What Gradio hands to a component's JavaScript."""


class Player(gr.HTML, metaclass=_PlayerMeta):
    """A component that plays a payload; its subclasses name their files in `stem`.

    Give the payload to it as an event's output. Never list a player as an event's *input*: the
    browser would send the whole payload back. Fill it from `demo.load` or `tab.select`, as an
    initial value would be embedded in the page.
    """

    stem: ClassVar[str]
    scripts: ClassVar[tuple[str, ...]] = ("common.js", "axes.js", "transport.js")
    triggers: ClassVar[tuple[str, ...]] = ()
    """Events of its own that the program fires. Gradio wants them quoted in `js_on_load`."""

    def __init__(self, value: Payload | None = None, **options: Any):
        """Build the player; `options` are those of `gr.HTML` (elem_id, visible, scale, …)."""
        super().__init__(
            value=value,
            html_template=fill(self._markup()),
            elem_classes=_class_of(type(self)),
            js_on_load=f"players.{self.stem}({PARAMETERS}); // {list(self.triggers)}",
            apply_default_css=False,
            **options,
        )

    @classmethod
    def program(cls) -> str:
        """The JavaScript that runs once for each mount of the component."""
        return "\n".join(map(_read, (*cls.scripts, f"{cls.stem}.js")))

    @classmethod
    def _markup(cls) -> str:
        return _read(f"{cls.stem}.html").replace("<!-- transport -->", _read("common.html"))

    def api_info(self) -> dict[str, Any]:
        """Tell API clients that the value is an object, not `gr.HTML`'s string."""
        return {"type": "object", "description": f"payload of {type(self).__name__}"}


def programs(*players: type[Player]) -> str:
    """JavaScript that defines the programs of players, for their page's head after the texts."""
    functions = (
        f"players.{each.stem} = function ({PARAMETERS}) {{\n{each.program()}\n}};"
        for each in players
    )
    return "\n".join([_read("files.js"), "const players = {};", *functions])


def styles(*players: type[Player]) -> str:
    """The style of players, for their page's head.

    Gradio would make one of each player that is on the page, and lay out the page anew with it.
    """
    shared = _scoped(", ".join(map(_place_of, players)), _read("common.css"))
    own = (_scoped(_place_of(each), _read(f"{each.stem}.css")) for each in players)
    return "\n".join([shared, *own])


def _scoped(places: str, style: str) -> str:
    """Nest a style in the roots of players, where it counts as much as a style of an id."""
    return f":is(#_, {places}) {{\n{style}\n}}"


def _place_of(player: type[Player]) -> str:
    return f".html-container > .{_class_of(player)}"


def _class_of(player: type[Player]) -> str:
    return f"player-{player.stem}"


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
