"""How far a vocoder's sounds are from the ones they were made from, by their spectrograms.

All sounds are at 22,050 Hz, and sound i is compared with sound i. A logarithm of silence is as
large as one likes, so every logarithm here has a floor 60 dB below the loudest cell of the
reference: without one, silence would decide the number.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synth.features.mel import HOP, N_FFT, SAMPLE_RATE, SHORTEST, WINDOW, log_mel, magnitudes

Floats = NDArray[np.float64]

RANGE_DB = 60.0
_RANGE = RANGE_DB * math.log(10) / 20
RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""FFT size, hop and window, in samples, of `multi_resolution_stft`."""

PITCH_RANGE_HZ = (40.0, 1200.0)


def pairs(
    generated: NDArray[np.floating], reference: NDArray[np.floating], shortest: int = SHORTEST
) -> tuple[Floats, Floats]:
    """Both in float64, if they are finite, of one shape (N, T), long enough, and none silent.

    Raises:
        ValueError: If they are not; a generated sound may be silent.
    """
    a, b = np.asarray(generated, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 2 or a.shape[1] < shortest:
        raise ValueError(
            f"generated and reference must have one shape (N, T), T >= {shortest}, "
            f"got {a.shape} and {b.shape}"
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all() and b.any(axis=1).all()):
        raise ValueError("sounds must be finite and references not silent, got nan, inf or zeros")
    return a, b


def log_mel_distance(generated: NDArray[np.floating], reference: NDArray[np.floating]) -> Floats:
    """Mean absolute difference of the log-mel spectrograms, in nepers (1 neper is 8.7 dB).

        mean_{b,i} |max(L[b,i], m) − max(L_ref[b,i], m)|,    m = max L_ref − 60 dB,

    with L of `synth.mel`: the mel loss of HiFi-GAN (Kong et al. 2020, eq. 5), floored.

    Args:
        generated: (N, T), T ≥ 1,174.
        reference: (N, T).

    Returns:
        (N,).

    Raises:
        ValueError: If a shape or value is out of range.
    """
    a, b = (log_mel(torch.from_numpy(y)) for y in pairs(generated, reference))
    floor = b.amax(dim=(1, 2), keepdim=True) - _RANGE
    distance: Floats = (a.maximum(floor) - b.maximum(floor)).abs().mean(dim=(1, 2)).numpy()
    return distance


def spectral_convergence(
    generated: NDArray[np.floating], reference: NDArray[np.floating]
) -> Floats:
    """Error of the magnitude spectrogram relative to its norm, no unit.

        ‖ |X| − |X_ref| ‖_F / ‖ X_ref ‖_F,    X the STFT of `synth.mel`

    Source: Sturmel & Daudet 2011; as a vocoder's loss, Arık et al. 2018.

    Args:
        generated: (N, T), T ≥ 1,174.
        reference: (N, T).

    Returns:
        (N,): 0 for equal magnitudes, 1 for silence.

    Raises:
        ValueError: If a shape or value is out of range.
    """
    a, b = (_magnitudes(y, N_FFT, HOP, WINDOW) for y in pairs(generated, reference))
    convergence: Floats = _convergence(a, b).numpy()
    return convergence


def multi_resolution_stft(
    generated: NDArray[np.floating], reference: NDArray[np.floating]
) -> Floats:
    """Spectral convergence plus mean log-magnitude difference (in nepers), over three STFTs.

    Source: Yamamoto et al. 2020 (Parallel WaveGAN), eqs. 5–7, with its resolutions; the floor
    of the logarithm is this module's.

    Args:
        generated: (N, T), T ≥ 1,174.
        reference: (N, T).

    Returns:
        (N,), the mean over the resolutions.

    Raises:
        ValueError: If a shape or value is out of range.
    """
    sounds = pairs(generated, reference)
    total = torch.zeros(len(sounds[0]), dtype=torch.float64)
    for resolution in RESOLUTIONS:
        a, b = (_magnitudes(y, *resolution) for y in sounds)
        floor = b.amax(dim=(1, 2), keepdim=True) * math.exp(-_RANGE)
        logs = a.maximum(floor).log() - b.maximum(floor).log()
        total += _convergence(a, b) + logs.abs().mean(dim=(1, 2))
    distance: Floats = (total / len(RESOLUTIONS)).numpy()
    return distance


def f0_error(generated: NDArray[np.floating], reference: NDArray[np.floating]) -> Floats:
    """How far the pitch is off, in cents: the median over frames of |1200 log2(f0 / f0_ref)|.

    Both f0 are estimated by pYIN (Mauch & Dixon 2014) between 40 and 1,200 Hz, so that its
    errors on a sound are the same on both sides: on some of these sounds it reads another octave.
    Frames count that are voiced in both. pYIN answers in steps of 10 cents; for finer answers,
    and known partials, see `synth.detuning`.

    Args:
        generated: (N, T), T ≥ 2,048.
        reference: (N, T).

    Returns:
        (N,); infinite where no frame is voiced in both, or nan where the reference has none.

    Raises:
        ValueError: If a shape or value is out of range.
    """
    made, original = pairs(generated, reference, 2048)
    return pitch_error(pitch(made), pitch(original))


def pitch(waveforms: NDArray[np.floating]) -> Floats:
    """f0 by frame, estimated by pYIN, in Hz: (N, frames) of (N, T); nan where it is unvoiced."""
    import librosa  # its first use takes seconds, and the page may never need it

    low, high = PITCH_RANGE_HZ
    found = [librosa.pyin(each, fmin=low, fmax=high, sr=SAMPLE_RATE)[0] for each in waveforms]
    return np.array(found)


def pitch_error(f0: Floats, expected: Floats) -> Floats:
    """`f0_error` of what `pitch` has found, each (N, frames), in cents, (N,)."""
    errors = []
    for a, b in zip(f0, expected, strict=True):
        both = np.isfinite(a) & np.isfinite(b)
        if both.any():
            errors.append(float(np.median(np.abs(1200 * np.log2(a[both] / b[both])))))
        else:
            errors.append(math.inf if np.isfinite(b).any() else math.nan)
    return np.array(errors)


def _magnitudes(waveforms: Floats, n_fft: int, hop: int, length: int) -> Tensor:
    window = torch.hann_window(length, dtype=torch.float64)
    sounds = torch.from_numpy(waveforms)
    return magnitudes(torch.stft(sounds, n_fft, hop, length, window=window, return_complex=True))


def _convergence(a: Tensor, b: Tensor) -> Tensor:
    norms = [torch.linalg.vector_norm(x, dim=(1, 2)) for x in (a - b, b)]
    ratio: Tensor = norms[0] / norms[1]
    return ratio
