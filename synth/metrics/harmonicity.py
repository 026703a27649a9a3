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
_REFINEMENTS = 8
_B_SCALE = MAX_RANDOM_INHARMONICITY  # of like effect on the residual as a relative change of f0


def harmonics_to_noise(frames: NDArray[np.floating], sample_rate: float) -> Floats:
    """The harmonics-to-noise ratio of each frame, with stretched partials allowed, in dB.

        HNR = 10 log10(‖h‖² / ‖y − h‖²),    h(t) = Σ_k a_k cos ω_k t + b_k sin ω_k t,

    with k = 1 … 20 and ω_k = 2π f0 k √((1 + B k²)/(1 + B)). h is the least-squares fit to the frame
    over all a_k, b_k; f0 and B are those that gather the most energy, f0 from a semitone below to
    one above the random sounds' range, then refined. So it tells only whether a frame is one
    steady note: 0 dB when half of the energy is in such a note, and about −14 dB for white noise
    in 2,048 samples.

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
    f0, b = _best_on_grids(frame, sample_rate)
    ranks = _PARTIALS[_frequencies(np.array([f0]), np.array([b]))[0, 0] < sample_rate / 2]
    rest = max(_least_residual(frame, sample_rate, ranks, f0, b), 10 ** (-_LIMIT_DB / 10))
    return float(min(10 * np.log10((1 - rest) / rest), _LIMIT_DB))


def _least_residual(frame: Floats, sample_rate: float, ranks: Floats, f0: float, b: float) -> float:
    """The energy outside the partials, least over f0 and B >= 0 near the given ones.

    Gauss-Newton steps of the variable projection (Golub & Pereyra 1973, Kaufman's Jacobian): the
    grids find f0 to a fraction of an FFT bin only, which leaves 1 % of a sine's energy outside.
    """
    rest, steps = _fit(frame, sample_rate, ranks, f0, b)
    for _ in range(_REFINEMENTS):
        tried = []
        for log_f0, change in steps:
            trial = f0 * np.exp(log_f0), max(b + change, 0.0)
            tried.append((*_fit(frame, sample_rate, ranks, *trial), *trial))
        best = min(tried, key=lambda each: each[0])
        if best[0] >= rest:
            break
        rest, steps, f0, b = best
    return rest


def _fit(
    frame: Floats, sample_rate: float, ranks: Floats, f0: float, b: float
) -> tuple[float, tuple[tuple[float, float], tuple[float, float]]]:
    """The energy outside the partials, and two next steps of (log f0, B): both, or f0 alone.

    It is f0 alone where B = 0 stops the other step.
    """
    # Counted from the middle, f0 and the phases hardly depend on each other.
    time = (np.arange(len(frame)) - len(frame) / 2) / sample_rate
    omega = 2 * np.pi * f0 * stretch(ranks, b)
    angles = np.outer(time, omega)
    cosines, sines = np.cos(angles), np.sin(angles)
    basis, triangle = np.linalg.qr(np.hstack([cosines, sines]))
    projected = basis.T @ frame
    residual = frame - basis @ projected
    a, c = np.split(np.linalg.lstsq(triangle, projected)[0], 2)
    # d omega_k / d log f0 = omega_k, d omega_k / d B = omega_k d log(stretch) / d B
    by_f0 = time[:, None] * (c * cosines - a * sines) * omega
    by_b = by_f0 * (ranks**2 / (1 + b * ranks**2) - 1 / (1 + b)) / 2
    jacobian = np.stack([by_f0.sum(axis=1), by_b.sum(axis=1)], axis=1)
    jacobian -= basis @ (basis.T @ jacobian)
    scale = np.array([1.0, _B_SCALE])
    both = scale * np.linalg.lstsq(jacobian * scale, residual, rcond=1e-6)[0]
    alone = np.linalg.lstsq(jacobian[:, :1], residual)[0]
    return float(residual @ residual), ((both[0], both[1]), (alone[0], 0.0))


def _best_on_grids(frame: Floats, sample_rate: float) -> tuple[float, float]:
    """The f0 in Hz and B whose partials gather the most energy, on ever finer grids."""
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
        offsets = np.linspace(-1.5, 1.5, 21) / zoom
        f0 = best[0] * (high / low) ** (offsets / _PITCHES)
        b = np.clip(best[1] + offsets * MAX_RANDOM_INHARMONICITY / _STIFFNESSES, 0, None)
    return float(best[0]), float(best[1])


def _frequencies(f0: Floats, b: Floats) -> Floats:
    """Hz of the partials, (F, B, K)."""
    return f0[:, None, None] * stretch(_PARTIALS, b[:, None])


def _at(values: Floats, position: Floats) -> Floats:
    """Linear interpolation between the values, 0 beyond the last."""
    below = np.minimum(position.astype(int), len(values) - 2)
    weight = position - below
    result = values[below] * (1 - weight) + values[below + 1] * weight
    inside: Floats = np.where(position < len(values) - 1, result, 0)
    return inside
