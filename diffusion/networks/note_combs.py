"""The partials that a note may have, on a grid of pitches and inharmonicities, in a noisy frame.

    f_k = k f0 √((1 + B k²)/(1 + B)),    k = 1 … 20,

with f0 one of the tutorial's 20 pitches and B in [0, 0.001] (Fletcher 1962).
"""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from diffusion.networks.sines import inner, sum_of, turns

PARTIALS = 20
PITCHES = 20
LOWEST_F0 = 440.0 * 2 ** ((40 - 69) / 12)  # Hz
SAMPLE_RATE = 22_050
MAX_INHARMONICITY = 1e-3
FADE_SAMPLES = 1_024
BLOCK = 128
ONSET_SAMPLES = 4_096  # after which a filter has rung out
SAMPLES_PER_CELL = 32
"""A frame of T samples tells T/32 inharmonicities apart: by some 0.1 turns of a loud partial."""

_PADDING = 8


def pitches() -> Tensor:
    """The 20 values of f0 in Hz, a semitone apart, (20,), float64."""
    return LOWEST_F0 * 2 ** (torch.arange(PITCHES, dtype=torch.float64) / 12)


def grid(num_samples: int) -> tuple[Tensor, Tensor, float]:
    """f0 in Hz and B of all cells, each (G,), and the width of a cell in B."""
    count = max(1, num_samples // SAMPLES_PER_CELL)
    width = MAX_INHARMONICITY / count
    middles = width * (torch.arange(count, dtype=torch.float64) + 0.5)
    return pitches().repeat_interleave(count), middles.repeat(PITCHES), width


def angular(f0: Tensor, inharmonicity: Tensor) -> Tensor:
    """The partials' ω in radians a sample, (N, 20), float64, of f0 in Hz and B, each (N,)."""
    ranks, b = _ranks(f0), inharmonicity.double()[:, None]
    first = 2 * math.pi / SAMPLE_RATE * f0.double()[:, None]
    return first * ranks * ((1 + b * ranks**2) / (1 + b)).sqrt()


def angular_slope(f0: Tensor, inharmonicity: Tensor) -> Tensor:
    """∂ω/∂B = ½ ω (k²/(1 + B k²) − 1/(1 + B)), (N, 20)."""
    ranks, b = _ranks(f0), inharmonicity.double()[:, None]
    return angular(f0, inharmonicity) / 2 * (ranks**2 / (1 + b * ranks**2) - 1 / (1 + b))


@cache
def fade(num_samples: int) -> Tensor:
    """The gain of a frame's samples: 1, and cos² over the last 1,024; (T,)."""
    gain = torch.ones(num_samples)
    angle = math.pi / 2 * (torch.arange(FADE_SAMPLES) + 0.5) / FADE_SAMPLES
    gain[-FADE_SAMPLES:] = angle.cos().square()
    return gain


def amplitudes(y: Tensor, omega: Tensor) -> Tensor:
    """û_k = 2 Σ_t w y exp(−iω_k t) / Σ_t w², (N, 20), of frames (N, T) at ω (N, 20); w the fade.

    So a sine w Re(c exp(iωt)) has û ≈ c, and noise of σ one of √2 σ/√(Σ w²) in each part.
    """
    gain = fade(y.shape[1]).to(y)
    within, starts = turns(omega, BLOCK, y.shape[1] // BLOCK)
    return 2 / gain.square().sum() * inner(y * gain, within, starts)


def grid_amplitudes(y: Tensor) -> Tensor:
    """`amplitudes` of one frame (T,) in all cells of `grid`, (G, 20), by a padded spectrum."""
    gain = fade(len(y)).to(y.device)
    below, fraction, back = (each.to(y.device) for each in _lines(len(y)))
    size = _PADDING * len(y)
    spectrum = torch.fft.rfft(F.pad(y * gain, (0, size - len(y)))) * _turn(size, len(y)).to(
        y.device
    )
    values = torch.lerp(
        torch.view_as_real(spectrum[below]),
        torch.view_as_real(spectrum[below + 1]),
        fraction[..., None],
    )
    return 2 / gain.square().sum() * torch.view_as_complex(values) * back


def grid_waves(c: Tensor, num_samples: int) -> Tensor:
    """w(t) Re Σ_jk c_jk exp(iω_jk t) over all cells j, (T,), of c (G, 20), by a padded spectrum.

    The adjoint of `grid_amplitudes`: at the ends it is 1 % too small.
    """
    below, fraction, back = (each.to(c.device) for each in _lines(num_samples))
    size = _PADDING * num_samples
    centred = c * back.conj()
    lines = c.new_zeros(size // 2 + 1)
    lines.index_add_(0, below.flatten(), (centred * (1 - fraction)).flatten())
    lines.index_add_(0, below.flatten() + 1, (centred * fraction).flatten())
    turned = lines * _turn(size, num_samples).conj().to(c.device)
    waveform: Tensor = torch.fft.irfft(turned, size)[:num_samples]
    return size / 2 * fade(num_samples).to(c.device) * waveform


@cache
def _lines(num_samples: int) -> tuple[Tensor, Tensor, Tensor]:
    """Where the grid's ω lie in the spectrum: the line below, the fraction, and a phase."""
    f0, b, _ = grid(num_samples)
    omega = angular(f0, b)
    position = omega * (_PADDING * num_samples / (2 * math.pi))
    below = position.long()
    back = torch.remainder(-_middle(num_samples) * omega, 2 * math.pi).float()
    return below, (position - below).float(), torch.polar(torch.ones_like(back), back)


@cache
def _turn(size: int, num_samples: int) -> Tensor:
    """Turns a spectrum's phases to those in the middle, where neighbouring lines differ little."""
    angle = 2 * math.pi / size * _middle(num_samples) * torch.arange(size // 2 + 1).double()
    return torch.polar(torch.ones_like(angle), angle).to(torch.complex64)


def _middle(num_samples: int) -> float:
    return (num_samples - 1) / 2


def waves(c: Tensor, omega: Tensor, num_samples: int) -> Tensor:
    """w(t) Re Σ_k c_k exp(iω_k t), (N, T)."""
    within, starts = turns(omega, BLOCK, num_samples // BLOCK)
    return fade(num_samples).to(c.device) * sum_of(c, within, starts)


def noise_of_amplitudes(sigma: Tensor, num_samples: int) -> Tensor:
    """Standard deviation of Re û and of Im û in noise of σ: √2 σ/√(Σ w²)."""
    return sigma * math.sqrt(2 / float(fade(num_samples).square().sum()))


def _ranks(like: Tensor) -> Tensor:
    return torch.arange(1, PARTIALS + 1, dtype=torch.float64, device=like.device)
