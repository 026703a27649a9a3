"""WRONG ON PURPOSE: gates of the tutorial that hardly condition a network, beside the right way.

Never build on this module. Wrong and right draw the same random numbers and differ in one line.
The denoiser is linear, so that its best weights are known and nothing is left to a training.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from diffusion.networks.embedding import PositionalEncoding
from diffusion.process.denoising import add_noise
from diffusion.process.schedule import NoiseSchedule
from diffusion.sampling.samplers import iterate
from diffusion.waveform.sampling_mistakes import Run
from synth import Sound, render

NUM_SOUNDS = 64
NUM_SAMPLES = 8_192
CHANNELS = 16
RIDGE = 1e-9
"""Added to the normal equations, for gates that nearly depend on one another."""

Gates = Callable[[Tensor], Tensor]


def gates_of_noise_level(noise_level: Tensor) -> Tensor:
    """WRONG: √ᾱ itself; of the tutorial's schedule it is 0.88 to 1, as good as a constant."""
    gates: Tensor = noise_level[:, None]
    return gates


def gates_of_an_encoding(noise_level: Tensor) -> Tensor:
    """Right."""
    gates: Tensor = PositionalEncoding(CHANNELS)(noise_level)
    return gates


def denoise(gates: Gates, seed: int) -> Run:
    """A sound from the noisiest step of the tutorial's schedule back, by the best gated filter."""
    schedule = NoiseSchedule.from_name("linear", 50, beta_start=1e-6, beta_end=0.01)
    generator = torch.Generator().manual_seed(seed)
    sounds = [Sound.random(generator, "harmonic") for _ in range(NUM_SOUNDS)]
    waves = torch.from_numpy(render(sounds, 0.5)[:, :NUM_SAMPLES])
    power = torch.fft.rfft(waves.double(), norm="ortho").abs().square().mean(dim=0)
    weights = best_weights(gates, power, schedule.noise_levels)
    noise = torch.randn(1, NUM_SAMPLES, generator=generator)
    noisy = add_noise(waves[:1], noise, schedule.alphas_cumprod[-1:])
    network = partial(gated_filter, gates=gates, weights=weights)
    states = torch.stack(
        [
            state.x
            for state in iterate(
                network, schedule, (1, NUM_SAMPLES), initial=noisy, generator=generator
            )
        ]
    )
    error = states[-1] - waves[:1]
    ratio = 10 * torch.log10(waves[:1].square().sum() / error.square().sum())
    measures = {
        "relative error of the predicted noise, mean over the steps": expected_error(
            gates, weights, power, schedule.noise_levels
        ),
        "signal to error of the denoised sound, dB": float(ratio),
    }
    return Run(states, measures)


def expected_error(gates: Gates, weights: Tensor, power: Tensor, noise_levels: Tensor) -> float:
    """E|ε − gX|² = 1 − 2 g √(1 − ᾱ) + g² (ᾱv + 1 − ᾱ) as a root, mean over bins and levels."""
    alpha = noise_levels.double().square()[:, None]
    gains = gates(noise_levels).double() @ weights.T
    squares = 1 - 2 * gains * (1 - alpha).sqrt() + gains**2 * (alpha * power + 1 - alpha)
    return float(squares.mean(dim=1).clamp(min=0).sqrt().mean())


def best_weights(gates: Gates, power: Tensor, noise_levels: Tensor) -> Tensor:
    """The weights W of `gated_filter` with the least mean square error.

    Of a bin with the mean power v, E|X|² = ᾱv + 1 − ᾱ and E[ε* X] = √(1 − ᾱ), so that the normal
    equations over the levels are (vS + N) w = b with S = Σ ᾱ φφᵀ, N = Σ (1 − ᾱ) φφᵀ and
    b = Σ √(1 − ᾱ) φ. One basis V serves all bins: with VᵀNV = I and VᵀSV = Λ, which is diagonal
    (Golub & Van Loan 2013, section 8.7.2),

        w = V (vΛ + I)⁻¹ Vᵀ b.

    Args:
        gates: φ.
        power: v of each bin, (F,).
        noise_levels: √ᾱ of the steps, (T,).

    Returns:
        (F, channels of φ), float64.
    """
    phi, alpha = gates(noise_levels).double(), noise_levels.double().square()[:, None]
    ridge = RIDGE * torch.eye(phi.shape[1], dtype=phi.dtype)
    of_signal, of_noise = phi.T @ (alpha * phi), phi.T @ ((1 - alpha) * phi) + ridge
    factor = torch.linalg.inv(torch.linalg.cholesky(of_noise))
    values, vectors = torch.linalg.eigh(factor @ of_signal @ factor.T)
    basis = factor.T @ vectors
    right = basis.T @ ((1 - alpha).sqrt() * phi).sum(dim=0)
    weights: Tensor = right / (values.clamp(min=0) * power[:, None] + 1) @ basis.T
    return weights


def gated_filter(
    x_t: Tensor,
    noise_level: Tensor,
    condition: Tensor | None = None,
    *,
    gates: Gates,
    weights: Tensor,
) -> Tensor:
    """Predict ε of x_t (B, T): each bin of its spectrum times W φ(√ᾱ)."""
    gains = gates(noise_level).double() @ weights.T
    bins = torch.fft.rfft(x_t.double(), norm="ortho")
    eps: Tensor = torch.fft.irfft(gains * bins, n=x_t.shape[1], norm="ortho").to(x_t)
    return eps
