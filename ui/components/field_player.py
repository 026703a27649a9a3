"""A player of a field in the plane: heat map, arrows, data, and walkers that move through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import gradio as gr
import numpy as np
import numpy.typing as npt

from ui.components.base import (
    Limits,
    Packed,
    Payload,
    Player,
    check_limits,
    check_shape,
    encode_float32,
    encode_positions,
    encode_uint8,
    encode_uint16,
    sent,
)


@dataclass(frozen=True)
class Heat:
    """A heat map over the whole plane.

    Attributes:
        values: (rows, columns), the first row at the lowest y; or (layers, rows, columns) of a map
            that changes while the animation plays.
        low: the value of the darkest colour; what is lower has it too.
        high: the value of the brightest colour; what is higher has it too.
        labels: the texts at the two ends of the colour bar.
    """

    values: npt.NDArray[np.float64]
    low: float
    high: float
    labels: tuple[str, str]


@dataclass(frozen=True)
class Mixture:
    """A mixture of equal Gaussians, of which the browser computes the density and the score.

    Attributes:
        centres: c_k, (K, 2).
        log_weights: log w_k, (K,).
        width: standard deviation of each Gaussian without noise.
    """

    centres: npt.NDArray[np.float64]
    log_weights: npt.NDArray[np.float64]
    width: float


class FieldPlayer(Player):
    """Shows heat maps and arrows, plays walkers, and tells Python where it was tapped.

    A click, a tap, or Enter at the cross that the arrow keys move, fires the event `drop` with the
    data coordinates; the place is marked at once, before the answer comes:

        def start_walker(seed: int, event: gr.EventData) -> Payload:
            x, y = FieldPlayer.position(event, limits=(-3, 3))
            return FieldPlayer.payload(...)

        player = FieldPlayer()
        player.drop(start_walker, inputs=seed, outputs=player)

    Gradio recognises the event's argument by its annotation. `event.x` and `event.y` hold the
    numbers as the browser sent them: `position` checks them.

    A DOM event `preview` with a σ as its detail shows at once the log-density and the arrows of the
    mixtures with that noise, until the next value comes.
    """

    stem: ClassVar[str] = "field_player"
    scripts: ClassVar[tuple[str, ...]] = (
        *Player.scripts,
        "heat.js",
        "field.js",
        "mixture.js",
        "field_preview.js",
        "named_walkers.js",
    )
    triggers: ClassVar[tuple[str, ...]] = ("drop",)

    @staticmethod
    def position(event: gr.EventData, limits: Limits) -> tuple[float, float]:
        """Return where the field was tapped.

        Raises:
            ValueError: if the browser sent anything but two numbers within `limits`.
        """
        low, high = check_limits(limits)
        try:
            x, y = float(sent(event, "x")), float(sent(event, "y"))
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError("a drop needs two numbers x and y") from error
        if not (low <= x <= high and low <= y <= high):
            raise ValueError(f"a drop must lie in [{low}, {high}]², got ({x}, {y})")
        return x, y

    @staticmethod
    def payload(
        *,
        limits: Limits,
        run: str,
        alt: str,
        heats: Mapping[str, Heat] | None = None,
        arrows_xy: npt.ArrayLike | None = None,
        arrows_uv: npt.ArrayLike | None = None,
        arrow_lengths: Literal["log", "linear"] = "log",
        data: npt.ArrayLike | None = None,
        walkers: npt.ArrayLike | None = None,
        names: Sequence[str] = (),
        labels: Sequence[str] = (),
        layers: Sequence[int] = (),
        notes: Sequence[str] = (),
        mixtures: Mapping[str, Mixture] | None = None,
        arrows_of: str = "",
        unstable: str = "",
        fps: float = 15.0,
        drop_hint: str = "",
    ) -> Payload:
        """Pack a field for the browser.

        Args:
            limits: lowest and highest coordinate, on both axes.
            run: identifies this result; a value is shown again only if it differs. A walk of the
                same run with more frames goes on where the shorter one stands.
            alt: what the picture shows, for those who cannot see it.
            heats: heat maps by name, between which the viewer chooses.
            arrows_xy: where the arrows start (arrows, 2).
            arrows_uv: their vectors (arrows, 2).
            arrow_lengths: how lengths are drawn, the longest as long as the arrows lie apart:
                "linear" as given, or "log" in proportion to log(1 + length / median length).
            data: data points (points, 2) to draw faintly, or None.
            walkers: positions (frames, walkers, 2) to play, or None.
            names: of one or two walkers, which then look different and can be seen closer.
            labels: one text per frame of the walkers.
            layers: for each frame the layer of the heat maps that change; empty: the first.
            notes: for each frame a line of numbers to stand under the animation, or empty.
            mixtures: for heat maps of log-densities, by their names, what the browser can compute
                them of.
            arrows_of: the mixture whose score the arrows show, or "".
            unstable: why walkers leave the picture, a sentence that is shown while any is outside.
            fps: stored frames per second; the browser interpolates between them.
            drop_hint: tells the viewer what a tap does; "" turns tapping off.

        Raises:
            ValueError: if a shape or range does not fit.
        """
        limits = check_limits(limits)
        if walkers is not None:
            walkers = check_shape("walkers", walkers, len(labels), None, 2)
        elif labels:
            raise ValueError(f"without walkers there are no labels, got {len(labels)}")
        if names and (walkers is None or not len(names) == walkers.shape[1] <= 2):
            raise ValueError(f"names are for one or two walkers, one each, got {len(names)}")
        for name, texts in (("layers", layers), ("notes", notes)):
            if len(texts) not in (0, len(labels)):
                raise ValueError(f"{name} must be as many as labels, got {len(texts)}")
        if data is not None:
            data = check_shape("data", data, None, 2)
        return {
            "run": run,
            "alt": alt,
            "limits": list(limits),
            "heats": {name: _encode_heat(name, heat) for name, heat in (heats or {}).items()},
            "arrows": _encode_arrows(arrows_xy, arrows_uv, limits, arrow_lengths),
            "arrow_lengths": arrow_lengths,
            "data": None if data is None else encode_positions(data, limits),
            "walkers": None if walkers is None else encode_positions(walkers, limits),
            "labels": list(labels),
            "layers": list(layers),
            "notes": list(notes),
            "mixtures": {name: _encode_mixture(each) for name, each in (mixtures or {}).items()},
            "arrows_of": arrows_of,
            "unstable": unstable,
            "fps": float(fps),
            "drop_hint": drop_hint,
            "names": list(names),
        }


def _encode_heat(name: str, heat: Heat) -> dict[str, Any]:
    layered = heat.values if np.ndim(heat.values) == 3 else np.asarray(heat.values)[None]
    grid = check_shape(f"heat {name!r}", layered, None, None, None)
    return {"layers": encode_uint8(grid, heat.low, heat.high), "labels": list(heat.labels)}


def _encode_mixture(mixture: Mixture) -> dict[str, Any]:
    return {
        "centres": encode_float32(mixture.centres),
        "log_weights": encode_float32(mixture.log_weights),
        "width": mixture.width,
    }


def _encode_arrows(
    xy: npt.ArrayLike | None,
    uv: npt.ArrayLike | None,
    limits: Limits,
    lengths: Literal["log", "linear"],
) -> dict[str, Packed] | None:
    """Pack where arrows start and how far they reach on the picture, in data units."""
    if xy is None and uv is None:
        return None
    if xy is None or uv is None:
        raise ValueError("arrows_xy and arrows_uv go together, got only one of them")
    starts = check_shape("arrows_xy", xy, None, 2).astype(np.float64)
    vectors = check_shape("arrows_uv", uv, len(starts), 2).astype(np.float64)
    vectors = np.where(np.isfinite(vectors).all(axis=1, keepdims=True), vectors, 0.0)
    apart = (limits[1] - limits[0]) / np.sqrt(len(starts))
    reach = vectors * _stretch(np.linalg.norm(vectors, axis=1), lengths)[:, None] * apart
    return {
        "starts": encode_positions(starts, limits),
        "reach": encode_uint16(reach, -apart, apart),
    }


def _stretch(norms: npt.NDArray[np.float64], lengths: str) -> npt.NDArray[np.float64]:
    """Return the factor of each vector that makes the longest drawn length 1."""
    if lengths == "linear":
        drawn = norms
    elif lengths == "log":
        positive = norms[norms > 0]
        drawn = np.log1p(norms / (np.median(positive) if positive.size else 1.0))
    else:
        raise ValueError(f"arrow_lengths must be 'log' or 'linear', got {lengths!r}")
    longest = drawn.max(initial=0.0)
    if longest == 0:
        return np.zeros_like(norms)
    factor: npt.NDArray[np.float64] = drawn / longest / np.where(norms > 0, norms, 1.0)
    return factor
