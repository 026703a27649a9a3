"""Bring a sound nearer to the mel spectrogram that it should have."""

import functools

import torch
from torch import Tensor

from synth.features.mel import (
    BANDS,
    CONTEXT,
    FLOOR,
    filter_bank,
    magnitudes,
    num_frames,
    overlap_add,
    pad,
    stft_of_padded,
)

UPDATES = 3
"""Each takes the mel nearer; the first does most."""


def match_mel(waveforms: Tensor, log_mels: Tensor) -> Tensor:
    """Scale each bin of the spectrogram as its bands of the mel require; the phases stay.

        X ← G X,    G[f, i] = Σ_b W[b, f] r[b, i] / Σ_b W[b, f],    r = exp(L) / (W |X|),

    and back to the waveform whose spectrogram is nearest (Griffin & Lim 1984, eq. 6), three times.
    On the magnitudes this is the multiplicative update of non-negative matrix factorisation for
    the Kullback-Leibler divergence (Lee & Seung 2001, eq. 5) with W fixed. It knows nothing of the
    sounds: within a band, what is strong stays strong and what is silent stays silent.

    Args:
        waveforms: Floating point (B, T) at 22,050 Hz, T ≥ 1,174; any device.
        log_mels: (B, 80, ⌈T/300⌉), of `synth.mel.log_mel`.

    Returns:
        (B, T), like `waveforms` in type and device.

    Raises:
        ValueError: If a shape is another.
    """
    samples = waveforms.shape[-1]
    expected = len(waveforms), BANDS, num_frames(samples)
    if log_mels.shape != expected:
        raise ValueError(f"log_mels must have shape {expected}, got {tuple(log_mels.shape)}")
    bank, means, uncovered = _banks(waveforms.dtype, waveforms.device)
    mels = log_mels.exp().transpose(1, 2)
    for _ in range(UPDATES):
        spectra = stft_of_padded(pad(waveforms)).transpose(1, 2)  # as they lie in memory
        ratios = mels / (magnitudes(spectra) @ bank).clamp(min=FLOOR)
        gains = ratios @ means + uncovered
        matched = overlap_add((gains * spectra).transpose(1, 2))
        waveforms = matched[:, CONTEXT : CONTEXT + samples]
    return waveforms


@functools.cache
def _banks(dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Wᵀ, (1025, 80); W with each bin's sum 1, (80, 1025); and 1 for the bins without a band.

    These are the bins below 20 Hz and that at half the sample rate.
    """
    bank = torch.tensor(filter_bank(), dtype=dtype, device=device)
    sums = bank.sum(dim=0)
    return bank.T.contiguous(), bank / sums.clamp(min=1e-10), (sums == 0).to(dtype)
