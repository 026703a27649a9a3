"""How harmonic a short frame of sound is, whatever the amplitudes and phases of its partials."""

import numpy as np
from numpy.typing import NDArray

from synth import _checks
from synth.priors import MAX_RANDOM_INHARMONICITY, MIDI_NOTES, midi_to_hz
from synth.sound import stretch

Floats = NDArray[np.float64]

_PARTIALS = np.arange(1.0, 21)
_PADDING = 8
_PITCHES = 900
_STIFFNESSES = 65
_LIMIT_DB = 60.0


def harmonics_to_noise(frames: NDArray[np.floating], sample_rate: float) -> Floats:
    """The harmonics-to-noise ratio of each frame, with stretched partials allowed, in dB.

        HNR = 10 log10(‖h‖² / ‖y − h‖²),    h(t) = Σ_k a_k cos ω_k t + b_k sin ω_k t,

    with k = 1 … 20 and ω_k = 2π f0 k √((1 + B k²)/(1 + B)). h is the least-squares fit to the frame
    over all a_k, b_k; f0 and B are those that gather the most energy, f0 from a semitone below to
    one above the random sounds' range. So it asks only whether a frame is one steady note: 0 dB
    when half of the energy is in such a note, and about −15 dB for white noise in 2,048 samples.

    Args:
        frames: (N, L), L ≥ 1,024: below, the partials of low notes run together.
        sample_rate: In Hz.

    Returns:
        (N,), at most 60 dB.

    Raises:
        ValueError: If a shape or value is out of range, or a frame is silent or not finite.
    """
    _checks.number("sample_rate", sample_rate, 8000, 96000)
    frames = _checks.loud_frames(frames, 1024)
    return np.array([_frame_ratio(frame / np.linalg.norm(frame), sample_rate) for frame in frames])


def _frame_ratio(frame: Floats, sample_rate: float) -> float:
    frequencies = _best_partials(frame, sample_rate)
    angles = 2 * np.pi / sample_rate * np.outer(np.arange(len(frame)), frequencies)
    basis, _ = np.linalg.qr(np.hstack([np.cos(angles), np.sin(angles)]))
    rest = 1 - float(np.sum((basis.T @ frame) ** 2))
    rest = max(rest, 10 ** (-_LIMIT_DB / 10))
    return float(min(10 * np.log10((1 - rest) / rest), _LIMIT_DB))


def _best_partials(frame: Floats, sample_rate: float) -> Floats:
    """The partials below half the sample rate that gather the most energy, on ever finer grids."""
    window = np.hanning(len(frame) + 1)[:-1]
    power = np.abs(np.fft.rfft(window * frame, _PADDING * len(frame))) ** 2
    low, high = midi_to_hz(MIDI_NOTES.start - 1), midi_to_hz(MIDI_NOTES.stop)
    f0, b = (
        np.geomspace(low, high, _PITCHES),
        np.linspace(0, MAX_RANDOM_INHARMONICITY, _STIFFNESSES),
    )
    for zoom in (1, 6, 36):
        position = _frequencies(f0, b) * (_PADDING * len(frame) / sample_rate)
        energy = _at(power, position).sum(axis=-1)
        row, column = np.unravel_index(energy.argmax(), energy.shape)
        best = f0[row], b[column]
        spread = np.linspace(-1.5, 1.5, 21) / zoom
        f0 = best[0] * (high / low) ** (spread / _PITCHES)
        b = np.clip(best[1] + spread * MAX_RANDOM_INHARMONICITY / _STIFFNESSES, 0, None)
    frequencies = _frequencies(*(np.array([value]) for value in best))[0, 0]
    audible: Floats = frequencies[frequencies < sample_rate / 2]
    return audible


def _frequencies(f0: Floats, b: Floats) -> Floats:
    """Hz of the partials, (F, B, K)."""
    return f0[:, None, None] * stretch(_PARTIALS, b[:, None])


def _at(values: Floats, position: Floats) -> Floats:
    """Linear interpolation between the values, 0 beyond the last."""
    below = np.minimum(position.astype(int), len(values) - 2)
    share = position - below
    result = values[below] * (1 - share) + values[below + 1] * share
    inside: Floats = np.where(position < len(values) - 1, result, 0)
    return inside
