"""Gates of √ᾱ itself condition a denoiser hardly, those of WaveGrad's encoding do."""

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from diffusion.networks.embedding import PositionalEncoding
from diffusion.process.schedule import NoiseSchedule
from diffusion.waveform.gate_mistakes import (
    RIDGE,
    best_weights,
    denoise,
    expected_error,
    gates_of_an_encoding,
    gates_of_noise_level,
)

LEVELS = NoiseSchedule.from_name("linear", 50, 1e-6, 1e-2).noise_levels


def test_the_tutorials_gates_are_nearly_constant():
    gates = gates_of_noise_level(LEVELS)
    assert float(gates.min()) == pytest.approx(0.88, abs=0.005)
    assert float(gates.max()) <= 1
    assert float(gates_of_an_encoding(LEVELS).std(dim=0).max()) > 0.5


@pytest.mark.parametrize("gates", [gates_of_noise_level, gates_of_an_encoding])
def test_no_other_weights_are_better(gates, generator):
    power = torch.tensor([0.0, 0.01, 1.0, 30.0], dtype=torch.float64)
    weights = best_weights(gates, power, LEVELS)

    def loss(weights):
        alpha, gains = LEVELS.square()[:, None], gates(LEVELS).double() @ weights.T
        noise = 1 - alpha
        return float((gains**2 * (alpha * power + noise) - 2 * gains * noise.sqrt()).sum())

    for _ in range(20):
        moved = weights + 0.01 * torch.randn(weights.shape, generator=generator).double()
        assert loss(weights) < loss(moved)


def test_the_weights_solve_the_normal_equations_of_each_bin(generator):
    power = 30 * torch.rand(20, generator=generator, dtype=torch.float64) ** 8
    phi, alpha = gates_of_an_encoding(LEVELS).double(), LEVELS.square()
    right = (phi * (1 - alpha).sqrt()[:, None]).sum(dim=0)
    of_steps = phi[:, :, None] * phi[:, None]
    for v, found in zip(power, best_weights(gates_of_an_encoding, power, LEVELS), strict=True):
        left = ((alpha * v + 1 - alpha)[:, None, None] * of_steps).sum(dim=0)
        expected = torch.linalg.solve(left + RIDGE * torch.eye(len(left)), right)
        assert torch.allclose(phi @ found, phi @ expected, rtol=1e-4, atol=1e-6)


def test_the_weights_of_many_bins_take_little_memory():
    gates, power = PositionalEncoding(64), torch.rand(4_097, dtype=torch.float64)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        weights = best_weights(gates, power, LEVELS.repeat(4))
    largest = max(event.cpu_memory_usage for event in profiled.events())
    assert largest <= 2 * weights.nbytes  # not a matrix for each bin, 64 times as large


def test_one_bin_and_one_gate_by_hand():
    level = torch.tensor([0.6], dtype=torch.float64)  # √(1 − ᾱ) = 0.8, E|X|² = 0.36 · 2 + 0.64
    power = torch.tensor([2.0], dtype=torch.float64)
    weights = best_weights(gates_of_noise_level, power, level)
    assert float(0.6 * weights) == pytest.approx(0.8 / 1.36)
    error = expected_error(gates_of_noise_level, weights, power, level)
    assert error == pytest.approx((1 - 0.64 / 1.36) ** 0.5)


@pytest.mark.parametrize("seed", range(3))
def test_the_encoding_brings_more_of_the_sound_back(seed):
    wrong, right = denoise(gates_of_noise_level, seed), denoise(gates_of_an_encoding, seed)
    name = "signal to error of the denoised sound, dB"
    assert right.measures[name] > wrong.measures[name] + 0.5
    assert torch.equal(right.states[0], wrong.states[0])
