"""What every player of sounds shows: equally loud, as wave, spectrum, spectrogram and log-mel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from synth import common_loudness, match_loudness, pooled_mels, pooled_spectra, pooled_spectrograms
from ui.components import SoundView

SAMPLE_RATE = 22_050

FEW = 8
"""Up to so many sounds in a player have fine pictures; more have coarse ones, to stay small."""

FINE, COARSE = (256, 300), (96, 96)
"""Rows and columns, at most."""


def equally_loud(
    waves: Mapping[str, npt.NDArray[np.floating]],
) -> dict[str, npt.NDArray[np.floating]]:
    """Waves (steps, samples) by the names of their views, all in one loudness."""
    target = common_loudness(waves.values())
    return {name: match_loudness(wave, target) for name, wave in waves.items()}


def sound_views(
    waves: Mapping[str, npt.NDArray[np.floating]], max_frequency: float = SAMPLE_RATE / 2
) -> dict[str, SoundView]:
    """The views of a `SoundPlayer`, each of waves (steps, samples) at 22,050 Hz.

    Args:
        waves: by the names of the views.
        max_frequency: where spectra and spectrograms end, in Hz.
    """
    few = sum(map(len, waves.values())) <= FEW
    target = common_loudness(waves.values())
    rows, columns = FINE if few else COARSE
    return {
        name: SoundView(
            sounds=match_loudness(wave, target),
            spectra=pooled_spectra(wave, SAMPLE_RATE, max_frequency),
            pictures={
                "spectrogram": pooled_spectrograms(wave, max_frequency, rows, columns),
                "mel": pooled_mels(wave, columns),
            },
            loudness=target,
        )
        for name, wave in waves.items()
    }
