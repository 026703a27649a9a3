"""What a mel spectrogram is worth without a network: the bar that a vocoder has to clear."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synth import _checks
from synth.mel import BANDS, CONTEXT, HOP, N_FFT, WINDOW, filter_bank


def griffin_lim(
    log_mels: Tensor, num_samples: int, num_iterations: int = 32, seed: int = 0
) -> NDArray[np.float32]:
    """Waveforms from log-mel spectrograms, by least squares and alternating projections.

    Magnitudes S ≥ 0 with W S ≈ exp L by non-negative least squares, then phases by the fast
    algorithm of Griffin and Lim from random ones. It knows nothing of the sounds. Source:
    Griffin & Lim 1984; Perraudin et al. 2013 (momentum 0.99); librosa's implementation of both.

    Args:
        log_mels: (B, 80, K), of `synth.mel.log_mel`.
        num_samples: Length of the result T, up to 300 K.
        num_iterations: Projections, 1 to 10,000.
        seed: Of the first phases.

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
    import librosa  # its first use takes seconds, and only evaluation needs it

    waveforms = np.empty((len(log_mels), num_samples), dtype=np.float32)
    for waveform, mel in zip(waveforms, torch.exp(log_mels).cpu().numpy(), strict=True):
        padded = librosa.griffinlim(
            librosa.util.nnls(filter_bank(), mel),
            n_iter=num_iterations,
            hop_length=HOP,
            win_length=WINDOW,
            n_fft=N_FFT,
            center=False,
            random_state=seed,
        )
        waveform[:] = padded[CONTEXT : CONTEXT + num_samples]
    return waveforms
