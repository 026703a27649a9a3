"""What a mel spectrogram is worth without a network: the baseline of a vocoder."""

import functools
import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synth import _checks
from synth.features.mel import BANDS, CONTEXT, HOP, filter_bank, overlap_add, stft_of_padded

MOMENTUM = 0.99

TOLERANCE = 1e-5
"""L-BFGS-B stops where no component of the projected gradient is larger: SciPy's default."""


def griffin_lim(
    log_mels: Tensor, num_samples: int, num_iterations: int = 32, seed: int = 0
) -> NDArray[np.float32]:
    """Waveforms from log-mel spectrograms, by least squares and alternating projections.

    Magnitudes S ≥ 0 with W S ≈ exp L by non-negative least squares, then phases by the fast
    algorithm of Griffin and Lim from random ones,

        t_n = STFT(ISTFT(c_{n-1})),    c_n = S · phase(t_n − 0.99/1.99 · t_{n-1}).

    It knows nothing of the sounds. Source: Griffin & Lim 1984; Perraudin et al. 2013 (momentum
    0.99). The same as librosa's, whose first call takes seconds to import what it does not need.

    Args:
        log_mels: (B, 80, K), of `synth.mel.log_mel`.
        num_samples: Length of the result T, up to 300 K.
        num_iterations: Projections, 1 to 10,000.
        seed: Of the first phases; each sound has the same ones alone and beside others.

    Returns:
        float32 (B, T).

    Raises:
        ValueError: If a shape or number is out of range.
    """
    if log_mels.ndim != 3 or log_mels.shape[1] != BANDS:
        raise ValueError(f"log_mels must have shape (B, {BANDS}, K), got {tuple(log_mels.shape)}")
    num_samples = _checks.whole("num_samples", num_samples, 1, HOP * log_mels.shape[2])
    num_iterations = _checks.whole("num_iterations", num_iterations, 1, 10_000)
    seed = _checks.whole("seed", seed, 0, 2**32 - 1)
    mels = torch.exp(log_mels).cpu().double().numpy()
    solved = np.stack([nonnegative_least_squares(mel) for mel in mels])
    magnitudes = torch.from_numpy(solved).float()
    generator = torch.Generator().manual_seed(seed)
    turns = torch.rand(magnitudes.shape[1:], generator=generator)
    spectra = torch.polar(magnitudes, (2 * math.pi * turns).expand_as(magnitudes))
    before: Tensor | float = 0.0
    for _ in range(num_iterations):
        rebuilt = stft_of_padded(overlap_add(spectra))
        ahead = rebuilt - MOMENTUM / (1 + MOMENTUM) * before
        spectra = magnitudes * ahead / ahead.abs().clamp(min=1e-30)
        before = rebuilt
    waveforms = overlap_add(spectra)[:, CONTEXT : CONTEXT + num_samples]
    result: NDArray[np.float32] = waveforms.numpy()
    return result


@functools.cache
def _pseudoinverse() -> NDArray[np.float64]:
    return np.linalg.pinv(filter_bank().astype(np.float64))


def nonnegative_least_squares(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Magnitudes S ≥ 0, (1025, K), that minimise ‖W S − mel‖² for (80, K).

    There are many; it is the one that L-BFGS-B (Byrd et al. 1995) finds from the least-norm
    solution without the bound, cut off at 0.
    """
    from scipy.optimize import minimize

    bank = filter_bank().astype(np.float64)
    start = np.maximum(_pseudoinverse() @ mel, 0)

    def error(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        rest = bank @ flat.reshape(start.shape) - mel
        return 0.5 * float((rest**2).mean()), (bank.T @ rest).ravel() / mel.size

    # Most often it would stop where it begins; but it prepares for each unknown by itself, which
    # takes as long as all projections.
    projected = np.minimum(start.ravel(), error(start)[1])
    if np.abs(projected).max() <= TOLERANCE:
        return start
    options = {"gtol": TOLERANCE}
    found = minimize(
        error, start.ravel(), jac=True, method="L-BFGS-B", bounds=[(0, None)], options=options
    )
    result: NDArray[np.float64] = found.x.reshape(start.shape)
    return result
