"""The vectorised renderer: the samples of the pyo renderer, all at once, from a closed form.

Sines through a band-pass filter from rest are a sum of (damped) complex exponentials: the
partials in their steady state, and the filter's own ringing,

    y[n] = Im Σ_k H(e^{iω_k}) e^{iω_k n}  +  2 Re(A p^n),
    A = g (p² − 1)/(p − p̄) · Σ_k sin ω_k / (p² − 2p cos ω_k + 1),

A being the residue at the filter's pole p of its output's z-transform.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from synth.rendering.biquad import bandpass, response
from synth.rendering.envelope import envelopes, has_envelope
from synth.sound import Sound

_TABLE = np.float32(512)
_SHORTEST_PROBE = 4096
_CHUNK_SAMPLES = 2**21


def render_vectorized(
    sounds: Sequence[Sound], num_samples: int, sample_rate: int, device: str = "cpu"
) -> NDArray[np.float32]:
    """All sounds at once, within 5e-4 of the peak of pyo for four seconds of any random sound.

    `python -m benchmarks.synth_renderers` measures it; `oscillator_step` tells what differs.

    Args:
        sounds: N sounds.
        num_samples: Samples per sound.
        sample_rate: In Hz.
        device: Where the large products run; it must know float64.

    Returns:
        (N, num_samples), not normalised. Working memory does not grow with N.
    """
    waveforms = np.empty((len(sounds), num_samples), dtype=np.float32)
    size = max(1, _CHUNK_SAMPLES // num_samples)
    # A chunk is as wide as its sound of most partials, so sounds of like numbers go together.
    order = np.argsort([sound.num_harmonics * (1 + (sound.second_level > 0)) for sound in sounds])
    for start in range(0, len(sounds), size):
        rows = order[start : start + size]
        chunk = [sounds[row] for row in rows]
        exponents, amplitudes = damped_exponentials(chunk, num_samples, sample_rate)
        rendered = sum_exponentials(
            torch.from_numpy(exponents).to(device),
            torch.from_numpy(amplitudes).to(device),
            num_samples,
        ).cpu()
        if any(has_envelope(sound) for sound in chunk):
            rendered *= envelopes(chunk, num_samples, sample_rate)
        waveforms[rows] = rendered
    return waveforms


def damped_exponentials(
    sounds: Sequence[Sound], num_samples: int, sample_rate: int
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Exponents s and amplitudes c such that y[n] = Im Σ_j c_j exp(s_j n).

    Args:
        sounds: N sounds with at most K partials.
        num_samples: For how many samples they must hold.
        sample_rate: In Hz.

    Returns:
        s and c, each (N, K + 1): the partials (silent ones fill up), then the filter's pole.
    """
    sines = [sound.sines(sample_rate) for sound in sounds]
    width = max(len(frequencies) for frequencies, _ in sines)
    frequencies, levels = np.zeros((2, len(sounds), width))
    for row, (heard, amplitudes) in enumerate(sines):
        frequencies[row, : len(heard)] = heard
        levels[row, : len(heard)] = amplitudes
    omega = 2 * np.pi / float(_TABLE) * oscillator_step(frequencies, num_samples, sample_rate)

    gain, pole = bandpass(
        np.array([[sound.filter_frequency] for sound in sounds]),
        np.array([[sound.filter_q] for sound in sounds]),
        sample_rate,
    )
    steady = levels * response(np.exp(1j * omega), gain, pole)
    excitation = levels * np.sin(omega) / (pole**2 - 2 * pole * np.cos(omega) + 1)
    ringing = gain * (pole**2 - 1) / (pole - pole.conj()) * excitation.sum(1, keepdims=True)
    # 2 Re(A p^n) = Im(2i A p^n), so that the pole is one more exponential.
    return np.hstack([1j * omega, np.log(pole)]), np.hstack([steady, 2j * ringing])


def oscillator_step(
    frequencies: NDArray[np.float64], num_samples: int, sample_rate: int
) -> NDArray[np.float64]:
    """Mean step per sample of pyo's sine, 512 f/sr, in entries of its table of 512.

    pyo adds up the phase in 32 bits, and its rounding detunes a partial by up to 1e-7 of
    a cycle per sample: after half a second that is 10 times all other differences together.
    The drift is nearly steady, so a probe of a fifth of the sound, of 4,096 samples at least,
    measures it; the error that stays is largest where the probe holds few periods.

    Args:
        frequencies: In Hz, any shape.
        num_samples: How long the sound is.
        sample_rate: In Hz.

    Returns:
        Steps, shaped like `frequencies`.
    """
    step = (frequencies.astype(np.float32) * np.float64(_TABLE) / sample_rate).astype(np.float32)
    phase = np.zeros_like(step)
    steps = max(num_samples // 5, _SHORTEST_PROBE)
    for _ in range(steps):
        phase += step
        phase -= _TABLE * (phase >= _TABLE)
    # The drift is far below one turn, so the exact steps tell how many turns there were.
    turns = np.round((steps * step.astype(np.float64) - phase) / float(_TABLE))
    result: NDArray[np.float64] = (turns * float(_TABLE) + phase) / steps
    return result


def sum_exponentials(
    exponents: torch.Tensor, amplitudes: torch.Tensor, num_samples: int
) -> torch.Tensor:
    """Im Σ_j c_j exp(s_j n) for n = 0 … num_samples − 1, by angle addition.

    With n = B a + b, exp(s n) = exp(s B a) · exp(s b): about 2 √num_samples exponentials per
    partial in place of num_samples, and a sound is one (blocks × 2K) by (2K × B) matrix product.

    Args:
        exponents: s, complex128 (N, K).
        amplitudes: c, complex128 (N, K).
        num_samples: Length of the result.

    Returns:
        float32 tensor (N, num_samples).
    """
    block = math.isqrt(num_samples - 1) + 1
    within = _powers(exponents, block)
    starts = _powers(exponents * block, block) * amplitudes[..., None].to(torch.complex64)
    # Im(u v) = Im u · Re v + Re u · Im v
    left = torch.cat([starts.imag, starts.real], dim=1)
    right = torch.cat([within.real, within.imag], dim=1)
    return (left.mT @ right).flatten(1)[:, :num_samples]


def _powers(exponents: torch.Tensor, count: int) -> torch.Tensor:
    """exp(s n), n = 0 … count − 1, complex64 (N, K, count): each step doubles the table.

    Angles are still taken in 64 bits: in 32, those of the last samples would have no digits left.
    """
    table = torch.ones_like(exponents[..., None], dtype=torch.complex64)
    while (length := table.shape[-1]) < count:
        shift = torch.exp(exponents * length)[..., None].to(torch.complex64)
        table = torch.cat([table, table * shift], dim=-1)
    return table[..., :count]
