"""Every distance of a vocoder's sounds from those that it made them after, in one table."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth.features.mel import SAMPLE_RATE
from synth.metrics.partial_errors import (
    detuning,
    noise_between_partials,
    noise_between_peaks,
    partial_errors,
)
from synth.metrics.spectrogram_distance import (
    log_mel_distance,
    multi_resolution_stft,
    spectral_convergence,
)
from synth.sound import Sound

Floats = NDArray[np.float64]


class VocoderErrors(NamedTuple):
    """The errors of N sounds, each (N,).

    Attributes:
        log_mel: `log_mel_distance`, nepers.
        convergence: `spectral_convergence`, no unit.
        stft: `multi_resolution_stft`.
        cents: `detuning` beyond the original's own; positive is sharp.
        partial: the largest of `partial_errors`, without its sign, dB.
        noise: `noise_between_partials`, dB.
        hiss: `noise_between_peaks`, for as many peaks as there are partials, dB.
    """

    log_mel: Floats
    convergence: Floats
    stft: Floats
    cents: Floats
    partial: Floats
    noise: Floats
    hiss: Floats


def vocoder_errors(
    generated: NDArray[np.floating], reference: NDArray[np.floating], sounds: Sequence[Sound]
) -> VocoderErrors:
    """Measure all of them.

    Args:
        generated: (N, T), T ≥ 8,192, at 22,050 Hz; no sound may be silent.
        reference: (N, T), the rendered sounds.
        sounds: what was rendered: their partials are known.

    Raises:
        ValueError: If a shape or value is out of range, or a sound is silent.
    """
    known = [sound.sines(SAMPLE_RATE)[0] for sound in sounds]
    partials = partial_errors(generated, reference, known)
    return VocoderErrors(
        log_mel=log_mel_distance(generated, reference),
        convergence=spectral_convergence(generated, reference),
        stft=multi_resolution_stft(generated, reference),
        cents=detuning(generated, known) - detuning(reference, known),
        partial=np.array([np.nanmax(np.abs(errors)) for errors in partials]),
        noise=noise_between_partials(generated, reference, known),
        hiss=noise_between_peaks(generated, reference, [len(partials) for partials in known]),
    )
