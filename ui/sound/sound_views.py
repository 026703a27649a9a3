"""What every player of sounds shows: equally loud, as wave, spectrogram, log-mel and spectrum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from synth import (
    match_residuals,
    match_together,
    pooled_mels,
    pooled_spectra,
    pooled_spectrograms,
)
from ui.components import SoundView

SAMPLE_RATE = 22_050

FEW = 8
"""Up to so many sounds in a player have fine pictures; more have coarse ones, to stay small."""

FINE, COARSE = (2, 300), (4, 96)
"""Lines in the lowest row, and columns at most."""

Waves = npt.NDArray[np.floating]


def equally_loud(waves: Mapping[str, Waves]) -> dict[str, Waves]:
    """Waves (steps, samples) by the names of their views, all in one loudness."""
    matched, _ = match_together(waves.values())
    return dict(zip(waves, matched, strict=True))


def sound_views(
    waves: Mapping[str, Waves],
    original: str | None = None,
) -> dict[str, SoundView]:
    """The views of a `SoundPlayer`, each of waves (steps, samples) at 22,050 Hz.

    Args:
        waves: by the names of the views.
        original: the view, of one step, of which the others are copies: they get their residuals,
            the original minus the copy. These are as loud, on the pictures too, as they are beside
            the original.
    """
    few = sum(map(len, waves.values())) <= FEW
    size = FINE if few else COARSE
    matched, target = match_together(waves.values())
    views = {
        name: _view(wave, heard, target, size)
        for (name, wave), heard in zip(waves.items(), matched, strict=True)
    }
    if original is None:
        return views
    whole = waves[original]
    for name in waves.keys() - {original}:
        missing = whole - waves[name]
        heard = match_residuals(missing, whole, target)
        residual = _view(missing, heard, target, size, whole)
        views[name] = replace(views[name], residual=residual)
    return views


def _view(
    wave: Waves,
    heard: Waves,
    loudness: float,
    size: tuple[int, int],
    reference: Waves | None = None,
) -> SoundView:
    lines, columns = size
    return SoundView(
        sounds=heard,
        spectra=pooled_spectra(wave, SAMPLE_RATE, reference=reference),
        pictures={
            "spectrogram": pooled_spectrograms(wave, lines, columns, reference),
            "mel": pooled_mels(wave, columns, reference),
        },
        loudness=loudness,
    )
