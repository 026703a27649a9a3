"""How harmonic a short frame of sound is, whatever the amplitudes and phases of its partials."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from synth import _checks
from synth.metrics.unit_waves import unit_waves
from synth.priors import MAX_RANDOM_INHARMONICITY, MIDI_NOTES, midi_to_hz
from synth.sound import stretch

Floats = NDArray[np.float64]

_PARTIALS = np.arange(1.0, 21)
_PADDING = 8
_PITCHES = 900
_STIFFNESSES = 65
_F0_HZ = np.geomspace(midi_to_hz(MIDI_NOTES.start - 1), midi_to_hz(MIDI_NOTES.stop), _PITCHES)
_B = np.linspace(0, MAX_RANDOM_INHARMONICITY, _STIFFNESSES)
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
    coarse = _interpolation(_F0_HZ, _B, frames.shape[1], sample_rate)
    frames = frames / np.linalg.norm(frames, axis=1, keepdims=True)
    return np.array([_frame_ratio(frame, coarse, sample_rate) for frame in frames])


def _frame_ratio(frame: Floats, coarse: csr_array, sample_rate: float) -> float:
    f0, b = _best_on_grids(frame, coarse, sample_rate)
    ranks = _PARTIALS[f0 * stretch(_PARTIALS, b) < sample_rate / 2]
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
    middle = len(frame) / 2
    time = (np.arange(len(frame)) - middle) / sample_rate
    omega = 2 * np.pi * f0 * stretch(ranks, b)
    waves = unit_waves(omega / sample_rate, -middle, len(frame))
    basis = np.hstack([waves.real, waves.imag])
    # The normal equations take a tenth of a QR decomposition's time. Directions in which partials
    # nearly run together lose their digits in them, and are left out.
    inverse = np.linalg.pinv(basis.T @ basis, rcond=1e-13, hermitian=True)
    a, c = np.split(inverse @ (basis.T @ frame), 2)
    residual = frame - basis @ np.concatenate([a, c])
    # d omega_k / d log f0 = omega_k, d omega_k / d B = omega_k d log(stretch) / d B
    by_f0 = np.concatenate([c * omega, -a * omega])
    by_b = by_f0 * np.tile((ranks**2 / (1 + b * ranks**2) - 1 / (1 + b)) / 2, 2)
    jacobian = time[:, None] * (basis @ np.stack([by_f0, by_b], axis=1))
    jacobian -= basis @ (inverse @ (basis.T @ jacobian))
    scale = np.array([1.0, _B_SCALE])
    both = scale * np.linalg.lstsq(jacobian * scale, residual, rcond=1e-6)[0]
    alone = np.linalg.lstsq(jacobian[:, :1], residual)[0]
    return float(residual @ residual), ((both[0], both[1]), (alone[0], 0.0))


def _best_on_grids(frame: Floats, coarse: csr_array, sample_rate: float) -> tuple[float, float]:
    """The f0 in Hz and B whose partials gather the most energy, on ever finer grids."""
    window = np.hanning(len(frame) + 1)[:-1]
    power = np.abs(np.fft.rfft(window * frame, _PADDING * len(frame))) ** 2
    f0, b = _F0_HZ, _B
    best = divmod(int((coarse @ power).argmax()), len(b))
    for zoom in (1, 6):
        offsets = np.linspace(-1.5, 1.5, 21) / zoom
        near = f0[best[0]], b[best[1]]
        f0 = near[0] * (_F0_HZ[-1] / _F0_HZ[0]) ** (offsets / _PITCHES)
        b = np.clip(near[1] + offsets * MAX_RANDOM_INHARMONICITY / _STIFFNESSES, 0, None)
        finer = _interpolation(f0, b, len(frame), sample_rate)
        best = divmod(int((finer @ power).argmax()), len(b))
    return float(f0[best[0]]), float(b[best[1]])


def _interpolation(f0: Floats, b: Floats, length: int, sample_rate: float) -> csr_array:
    """The matrix from a frame's power spectrum to the power at each note's partials.

    Linear between two lines of the spectrum, 0 beyond the last; (F · B, lines).
    """
    hz = f0[:, None, None] * stretch(_PARTIALS, b[:, None])
    position = hz.ravel() * (_PADDING * length / sample_rate)
    last = _PADDING * length // 2
    below = np.minimum(position.astype(int), last - 1)
    weights = np.stack([1 - (position - below), position - below], axis=1)
    weights[position >= last] = 0
    notes = np.arange(len(f0) * len(b) + 1) * (2 * len(_PARTIALS))
    lines = np.stack([below, below + 1], axis=1)
    return csr_array((weights.ravel(), lines.ravel(), notes), shape=(len(notes) - 1, last + 1))
