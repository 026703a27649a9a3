"""How far a short frame of sound is from the family of sounds: fit its nearest member.

A stationary member is known in closed form: with t counted from the middle of the frame,

    m(t) = Re Σ_k a_k e^{iω_k t},    a_k = −i · gain · H(e^{iω_k}) e^{iω_k τ},

where ω_k follow from (f0, inharmonicity), H from the filter, and τ is the time since the sound's
start.
"""

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from synth import _checks
from synth.metrics._nearest_search import Search
from synth.sound import PartialSeries, Sound

Floats = NDArray[np.float64]


def nearest_member(
    frames: NDArray[np.floating],
    sample_rate: float,
    series: PartialSeries = "harmonic",
    max_time: float = 0.5,
) -> tuple[Floats, list[Sound]]:
    """Fit the random sound, its time and its gain that are nearest to each frame.

    Args:
        frames: (N, L), L ≥ 512; stationary pieces, so past the first 0.2 s of a sound. Reliable
            from 1,024 samples at 22,050 Hz on: below, the partials of low notes run together.
        sample_rate: In Hz.
        series: Which partials the family has.
        max_time: Seconds; the middle of a frame is sought up to there after the sound's start.

    Returns:
        Residuals ‖y − m‖ / ‖y‖ (N,): near 0 for a member, near 1 for noise; and the sounds.

    Raises:
        ValueError: If a shape or value is out of range, or a frame is silent or not finite.
    """
    frames = _checks.loud_frames(frames, 512)
    _checks.number("sample_rate", sample_rate, 8000, 96000)
    _checks.one_of("series", series, get_args(PartialSeries))
    _checks.number("max_time", max_time, 0, 10, exclude_low=True)
    search = Search(frames.shape[1], sample_rate, series, round(max_time * sample_rate))
    guesses = [search.best(frame / np.linalg.norm(frame)) for frame in frames]
    return np.array([guess.residual for guess in guesses]), [search.sound(g) for g in guesses]
