"""The one log-mel front end: training, evaluation and the page all see a sound through it.

    L[b, i] = ln max(Σ_f W[b, f] |X_i[f]|, 1e-5),    X_i = FFT of a windowed frame around hop i

with WaveGrad's analysis (Chen et al. 2020, at 24 kHz: Hann windows of 50 ms every 12.5 ms, in
samples 1,200 and 300; a 2,048-point FFT; 20 Hz to half the sample rate) and 80 bands. Frame i is
centred on samples 300 i … 300 i + 299, so that T samples are exactly T/300 frames, as an
upsampling network needs it; the ends are mirrored. That is HiFi-GAN's padding (Kong et al. 2020).
"""

import functools
import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from synth import _checks
from synth.dataset import random_crops

SAMPLE_RATE = 22_050
HOP = 300
WINDOW = 1_200
N_FFT = 2_048
BANDS = 80
F_MIN = 20.0
F_MAX = SAMPLE_RATE / 2
FLOOR = 1e-5
"""Magnitudes below are taken for it: 100 dB below a full-scale sine, which has 300 in its bin."""

CONTEXT = (N_FFT - HOP) // 2
"""Samples on either side of a hop that its frame sees."""

SHORTEST = CONTEXT + HOP
"""Samples; a mirrored end has to come from somewhere."""


@functools.cache
def filter_bank() -> NDArray[np.float32]:
    """Triangular filters W of equal area on Slaney's mel scale: 80 bands × 1,025 bins.

    The same as `librosa.filters.mel(sr=22050, n_fft=2048, n_mels=80, fmin=20, fmax=11025)`, whose
    first call takes seconds to import what it does not need. Source: M. Slaney 1998, "Auditory
    Toolbox"; linear to 1 kHz, logarithmic above.
    """
    bins = np.linspace(0, SAMPLE_RATE / 2, N_FFT // 2 + 1)
    corners = to_hz(np.linspace(to_mel(F_MIN), to_mel(F_MAX), BANDS + 2))
    widths = np.diff(corners)[:, None]
    slopes = corners[:, None] - bins
    triangles = np.maximum(0, np.minimum(-slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]))
    bank: NDArray[np.float32] = (triangles * (2 / (corners[2:] - corners[:-2]))[:, None]).astype(
        np.float32
    )
    bank.flags.writeable = False
    return bank


@functools.cache
def _filter_bank_on(device: torch.device, dtype: torch.dtype) -> Tensor:
    return torch.tensor(filter_bank(), dtype=dtype, device=device)


def band_edges() -> NDArray[np.float64]:
    """Where one band passes into the next, half-way between their peaks in mel: 81, in Hz."""
    corners = np.linspace(to_mel(F_MIN), to_mel(F_MAX), BANDS + 2)
    return to_hz((corners[1:] + corners[:-1]) / 2)


_LINEAR_HZ_PER_MEL = 200 / 3
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = math.log(6.4) / 27


def to_mel(hz: float) -> float:
    """A frequency on Slaney's mel scale: linear to 1 kHz, which is 15, logarithmic above."""
    if hz < _BREAK_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return _BREAK_MEL + math.log(hz / _BREAK_HZ) / _LOG_STEP


def to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The frequencies of places on that scale."""
    logarithmic = _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL))
    result: NDArray[np.float64] = np.where(mel < _BREAK_MEL, mel * _LINEAR_HZ_PER_MEL, logarithmic)
    return result


def num_frames(num_samples: int) -> int:
    """Frames of a sound: one for every 300 samples begun."""
    return -(-num_samples // HOP)


def pad(waveforms: Tensor) -> Tensor:
    """Mirror both ends, and complete the last hop, so that every hop has its whole frame.

    Args:
        waveforms: (B, T), T ≥ 1,174.

    Returns:
        (B, 300 · frames + 1,748).

    Raises:
        ValueError: If the shape is another.
    """
    samples = _long_enough(waveforms).shape[1]
    missing = num_frames(samples) * HOP - samples
    return F.pad(waveforms[:, None], (CONTEXT, CONTEXT + missing), mode="reflect")[:, 0]


def whole_blocks(waveforms: Tensor, block_size: int) -> Tensor:
    """Mirror the end, so that a network that works in blocks can make sounds of any length.

    Args:
        waveforms: (B, T), T ≥ 1,174.
        block_size: Samples, 1 to 1,174.

    Returns:
        (B, block_size · ⌈T / block_size⌉).

    Raises:
        ValueError: If a shape or number is out of range.
    """
    block_size = _checks.whole("block_size", block_size, 1, SHORTEST)
    missing = -_long_enough(waveforms).shape[1] % block_size
    return F.pad(waveforms[:, None], (0, missing), mode="reflect")[:, 0]


def log_mel(waveforms: Tensor) -> Tensor:
    """The log-mel spectrogram of sounds at 22,050 Hz, in nepers.

    Args:
        waveforms: Floating point (B, T), T ≥ 1,174; any device.

    Returns:
        (B, 80, ⌈T/300⌉), like `waveforms` in type and device; differentiable.

    Raises:
        ValueError: If the shape is another.
    """
    return log_mel_of_padded(pad(waveforms))


def log_mel_of_padded(padded: Tensor) -> Tensor:
    """The log-mel spectrogram of what is already padded by `pad`, or a piece out of it.

    Args:
        padded: (B, 300 K + 1,748).

    Returns:
        (B, 80, K).
    """
    bank = _filter_bank_on(padded.device, padded.dtype)
    return (bank @ magnitudes_of_padded(padded)).clamp(min=FLOOR).log()


def magnitudes_of_padded(padded: Tensor) -> Tensor:
    """The magnitude spectrogram |X| that the bands are sums of, (B, 1,025, K)."""
    return magnitudes(stft_of_padded(padded))


def magnitudes(spectra: Tensor) -> Tensor:
    """|X| of complex X (…), real of that shape.

    Without a gradient by the squares, in half the time of `abs`; their root has none at 0.
    """
    if spectra.requires_grad:
        return spectra.abs()
    return (spectra.real.square() + spectra.imag.square()).sqrt()


def stft_of_padded(padded: Tensor) -> Tensor:
    """The complex spectrogram X of (B, 300 K + 1,748), (B, 1,025, K)."""
    window = _window(padded.dtype, padded.device)
    return torch.stft(padded, N_FFT, HOP, WINDOW, window=window, center=False, return_complex=True)


def overlap_add(spectra: Tensor) -> Tensor:
    """The padded sounds whose STFT is nearest to (B, 1,025, K): (B, 300 (K - 1) + 2,048).

    Source: Griffin & Lim 1984, eq. 6.
    """
    edge = (N_FFT - WINDOW) // 2  # beyond its window a frame is 0
    window = _window(spectra.real.dtype, spectra.device)
    frames = torch.fft.irfft(spectra.transpose(1, 2), N_FFT)[..., edge : edge + WINDOW]
    weights = _weights_of_overlaps(frames.shape[1], window.dtype, window.device)
    return F.pad(_add_at_hops(window * frames) / weights, (edge, edge))


@functools.lru_cache(maxsize=16)
def _window(dtype: torch.dtype, device: torch.device) -> Tensor:
    """Hann's, periodic, (WINDOW,)."""
    return torch.hann_window(WINDOW, dtype=dtype, device=device)


@functools.lru_cache(maxsize=16)
def _weights_of_overlaps(count: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    window = _window(dtype, device)
    return _add_at_hops((window**2).expand(1, count, -1)).clamp(min=1e-10)


def _add_at_hops(frames: Tensor) -> Tensor:
    """Frames (B, K, WINDOW), each a hop after the last, added up: (B, HOP (K - 1) + WINDOW)."""
    count, hops = frames.shape[1], WINDOW // HOP
    parts = frames.reshape(len(frames), count, hops, HOP)
    added = frames.new_zeros(len(frames), count + hops - 1, HOP)
    for i in range(hops):
        added[:, i : i + count] += parts[:, :, i]
    return added.flatten(1)


def _long_enough(waveforms: Tensor) -> Tensor:
    if waveforms.ndim != 2 or waveforms.shape[1] < SHORTEST:
        raise ValueError(
            f"waveforms must have shape (B, T) with T >= {SHORTEST}, got {tuple(waveforms.shape)}"
        )
    return waveforms


def mel_crops(
    padded: Tensor, frames: int, batch_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Random pieces of sounds with their log-mel spectrograms: a vocoder's training batch.

    The frames at a piece's ends see the sound beyond it, as they will when whole sounds are
    generated, and a piece may begin at any sample.

    Args:
        padded: N sounds of at least `frames` hops through `pad`, (N, L).
        frames: Frames per piece K, at least 1.
        batch_size: Number of pieces B, drawn with replacement.
        generator: The only source of randomness.

    Returns:
        Pieces (B, 300 K) and their log-mel spectrograms (B, 80, K).

    Raises:
        ValueError: If a shape or number is out of range.
    """
    pieces = random_crops(padded, piece_samples(frames), batch_size, generator)
    return crops_of_pieces(pieces)


def piece_samples(frames: int) -> int:
    """Samples of a piece of so many frames, with what its frames see at either end.

    Raises:
        ValueError: If the number is out of range.
    """
    return _checks.whole("frames", frames, 1, 10_000) * HOP + 2 * CONTEXT


def crops_of_pieces(pieces: Tensor) -> tuple[Tensor, Tensor]:
    """Pieces (B, `piece_samples(K)`) without their ends, (B, 300 K), and their (B, 80, K)."""
    return pieces[:, CONTEXT:-CONTEXT], log_mel_of_padded(pieces)
