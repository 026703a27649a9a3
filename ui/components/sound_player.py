"""A player of the steps of a sound: its wave and spectra drawn, and each step heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from synth import Spectrograms
from ui.components.base import (
    Limits,
    Payload,
    Player,
    check_shape,
    encode_int16,
    encode_uint8,
    encode_uint16,
)

COLUMNS = 480  # of the whole wave's picture: its lowest and highest sample in each


@dataclass(frozen=True)
class SoundView:
    """One view of the steps of a sound, e.g. x_t or x̂₀.

    Attributes:
        sounds: (steps, samples) as they are drawn and played, within [-1, 1]: match their
            loudness first.
        spectra: (steps, bins) in dB, with bins that are even on the mel scale from 0 Hz to
            half the sample rate.
        pictures: levels over time and frequency of the steps, by the names of their scales; the
            viewer chooses between these, of which the first is shown first, and the spectrum.
        loudness: in LKFS (ITU-R BS.1770), of each of the sounds if they are equally loud; else 0.
        residual: the original minus these sounds, where they are copies of one; the viewer chooses
            between the two. On the wave's axis it is as large as beside the original.
    """

    sounds: npt.ArrayLike
    spectra: npt.ArrayLike
    pictures: Mapping[str, Spectrograms] = field(default_factory=dict)
    loudness: float = 0.0
    residual: SoundView | None = None


class SoundPlayer(Player):
    """Shows and plays every denoising step of a sound; its value is made by `SoundPlayer.payload`.

    While a sound plays, another step or view takes its place at the same position. The key B (A/B)
    goes to the view before and back, a digit to the view of that number, R to the residual and
    back. With a single step the scrubber is hidden.

    A payload with a `design`, what `synth.Sound` has, a duration and the names of its controls by
    their labels, is that of a sound which these controls change: while one of them moves, the
    browser computes the sound, until the next value comes.

    A player of several stages has no value of its own: a `SoundStage` brings that of each. Radio
    buttons and the key S go from stage to stage.
    """

    stem: ClassVar[str] = "sound_player"
    scripts: ClassVar[tuple[str, ...]] = (
        *Player.scripts,
        "heat.js",
        "probe.js",
        "speaker.js",
        "wav.js",
        "sound_drawing.js",
        "additive.js",
        "spectrogram.js",
        "sound_pictures.js",
        "sound_stages.js",
        "sound_listening.js",
        "blind_test.js",
        "sound_preview.js",
    )

    def __init__(self, value: Payload | None = None, *, stages: Sequence[str] = (), **options: Any):
        """Build the player; `options` are those of `gr.HTML`."""
        super().__init__(value, stages=list(stages) or None, **options)

    @staticmethod
    def payload(
        views: Mapping[str, SoundView],
        labels: Sequence[str],
        *,
        sample_rate: int,
        run: str,
        alt: str,
        file_name: str,
        decibels: Limits = (-80.0, 0.0),
        zoom_seconds: float = 0.03,
        fps: float = 8.0,
        opens_at: int | None = None,
        partials: npt.ArrayLike = (),
        p_values: Sequence[Sequence[float]] = (),
    ) -> Payload:
        """Pack the steps of a sound for the browser.

        Args:
            views: the views by name; all have the same steps and pictures.
            labels: one text per step.
            sample_rate: of the sounds, in Hz.
            run: identifies this result; a value is shown again only if it differs.
            alt: what is seen and heard, for those who cannot see it.
            file_name: under which a visitor saves a step, without its ending.
            decibels: the ends of the spectrum's axis, and of the pictures' colours.
            zoom_seconds: how much of the wave's beginning the zoom shows.
            fps: steps per second when playing through all of them.
            opens_at: the step that is shown first; the last by default.
            partials: frequencies in Hz that are known, drawn over the pictures.
            p_values: of a blind test of two views, in row n - 1 of n trials, by the number of hits;
                without them there is no test.

        Raises:
            ValueError: if there is no view, they differ in their pictures or loudness, a shape does
                not fit, a sound leaves [-1, 1], or a number is outside its range.
        """
        if not views:
            raise ValueError("at least one view is needed")
        residuals = [view.residual for view in views.values() if view.residual]
        pictures = [list(view.pictures) for view in (*views.values(), *residuals)]
        if any(names != pictures[0] for names in pictures):
            raise ValueError(f"all views must have the same pictures, got {pictures}")
        loudness = {view.loudness for view in views.values()}
        if len(loudness) > 1:
            raise ValueError(f"all views must be equally loud, got {sorted(loudness)} LKFS")
        last = len(labels) - 1
        opens_at = last if opens_at is None else opens_at
        if not 0 <= opens_at <= last:
            raise ValueError(f"opens_at must be a step, 0 to {last}, got {opens_at}")
        if not 8000 <= sample_rate <= 96000:
            raise ValueError(f"sample_rate must be 8,000 to 96,000 Hz, got {sample_rate}")
        zoom = max(2, round(zoom_seconds * sample_rate))
        return {
            "run": run,
            "alt": alt,
            "file_name": file_name,
            "labels": list(labels),
            "views": {
                name: _encode_view(view, len(labels), decibels, zoom)
                for name, view in views.items()
            },
            "sample_rate": int(sample_rate),
            "decibels": [float(level) for level in decibels],
            "zoom_seconds": zoom / sample_rate,
            "fps": float(fps),
            "opens_at": opens_at,
            "partials": [round(float(f), 1) for f in np.asarray(partials) if f < sample_rate / 2],
            "loudness": loudness.pop(),
            "p_values": [list(row) for row in p_values],
        }


def _encode_view(
    view: SoundView, steps: int, decibels: Limits, zoom: int, least_peak: float = 0.0
) -> dict[str, Any]:
    sounds = check_shape("sounds", view.sounds, steps, None)
    peak = max(float(np.abs(sounds).max()), least_peak) or 1.0
    residual = view.residual and _encode_view(view.residual, steps, decibels, zoom, peak)
    return {
        "sounds": encode_int16(sounds),
        "zoom": encode_int16(sounds[:, :zoom], peak),
        "whole": encode_int16(_envelope(sounds), peak),
        "peak": peak,
        "spectra": encode_uint16(check_shape("spectra", view.spectra, steps, None), *decibels),
        "pictures": {
            name: _encode_picture(name, picture, steps, decibels)
            for name, picture in view.pictures.items()
        },
        "residual": residual,
    }


def _encode_picture(
    name: str, picture: Spectrograms, steps: int, decibels: Limits
) -> dict[str, Any]:
    levels = check_shape(name, picture.levels, steps, None, None)
    edges = check_shape(f"the edges of {name}", picture.edges, levels.shape[1] + 1)
    return {
        "levels": encode_uint8(levels, *decibels),
        "edges": [round(float(edge), 1) for edge in edges],
        "seconds": picture.seconds,
    }


def _envelope(waves: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Return the lowest and highest sample in each column of a picture (steps, columns, 2)."""
    edges = np.linspace(0, waves.shape[1], min(COLUMNS, waves.shape[1]) + 1).astype(int)[:-1]
    ends = [np.minimum.reduceat(waves, edges, axis=1), np.maximum.reduceat(waves, edges, axis=1)]
    return np.stack(ends, axis=-1)
