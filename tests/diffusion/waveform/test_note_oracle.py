"""The oracle of the tutorial's family, against brute force, and the sounds that it makes."""

import numpy as np
import pytest
import torch

from diffusion.networks.note_combs import PARTIALS, angular
from diffusion.sampling.samplers import sample
from diffusion.waveform.note_oracle import note_oracle
from diffusion.waveform.notes import Notes
from diffusion.waveform.training_sounds import sound_frames
from synth import Sound, nearest_member
from synth.rendering.biquad import bandpass, response


@pytest.fixture(scope="module")
def notes():
    return Notes.random(40, seed=1)


def test_notes_are_the_frames_that_the_other_network_was_trained_on(notes):
    assert torch.allclose(notes.frames(), sound_frames(40, seed=1), atol=1e-4)


def brute_force(resonances, u, noise, f0, b):
    """ln of the evidence, and E[c | û], by a loop over members and a fine grid of gains."""
    total, mean = 0.0, np.zeros(PARTIALS, dtype=complex)
    omega = angular(torch.tensor([f0]), torch.tensor([b]))[0].numpy()
    factor, power, deviation = resonances.peak.tolist()
    for frequency, q in zip(
        resonances.log_frequency.exp().numpy(), resonances.log_q.exp().numpy(), strict=True
    ):
        h = -1j * response(np.exp(1j * omega), *bandpass(frequency, q, 22_050))
        for count in range(1, PARTIALS + 1):
            shape = np.where(np.arange(PARTIALS) < count, h, 0)
            expected = factor * count**power / np.abs(shape).sum()
            gains = expected * (1 + deviation * np.linspace(-6, 6, 601))
            prior = np.exp(-(((gains / expected - 1) / deviation) ** 2) / 2)
            misfit = np.abs(u - gains[:, None] * shape) ** 2 - np.abs(u) ** 2
            weights = prior / prior.sum() * np.exp(-misfit.sum(axis=1) / (2 * noise**2))
            total += weights.sum()
            mean += (weights * gains).sum() * shape
    return np.log(total / (len(resonances.log_q) * PARTIALS)), mean / total


@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_the_sum_over_the_family_is_right(notes, generator, noise):
    f0, b = float(notes.f0[3]), float(notes.inharmonicity[3])
    z = torch.randn(1, PARTIALS, generator=generator, dtype=torch.complex64)
    u = notes.partials()[3:4] + 2**0.5 * noise * z
    s = torch.tensor([noise])
    resonances = note_oracle().network.resonances
    c, _, found = resonances(u, s, notes.f0[3:4], notes.inharmonicity[3:4])
    evidence, mean = brute_force(resonances, u[0].numpy().astype(complex), noise, f0, b)
    assert np.allclose(c[0].numpy(), mean, atol=2e-4)
    assert float(found) == pytest.approx(evidence, abs=0.01)


@pytest.mark.parametrize("sigma", [3.0, 0.3, 0.03])
def test_a_sound_in_noise_is_known_but_for_a_handful_of_numbers(notes, generator, sigma):
    x, network = notes.frames()[4:12], note_oracle().network
    y = x + sigma * torch.randn(x.shape, generator=generator)
    original = torch.stack([network.denoised(each, torch.tensor(sigma)) for each in y])
    unknown = (original - x).square().sum(dim=1) / sigma**2
    assert float(unknown.median()) < 15


def test_its_error_is_orthogonal_to_its_estimate(generator):
    # So it is of every posterior mean: E⟨x_0 − x̂_0, x̂_0⟩ = 0.
    x, network = Notes.random(20, seed=2).frames(), note_oracle().network
    products, energy = [], float(x.square().sum(dim=1).mean())
    for frame in x:
        original = network.denoised(
            frame + 6 * torch.randn(frame.shape, generator=generator), torch.tensor(6.0)
        )
        products.append(float((frame - original) @ original) / energy)
    assert abs(np.mean(products)) < 3.5 * np.std(products) / len(products) ** 0.5


def test_the_sounds_that_it_makes_are_members_of_the_family():
    oracle = note_oracle()
    schedule = oracle.inference_schedule(12)
    made = sample(oracle.network, schedule, (1, 8_192), generator=torch.Generator().manual_seed(1))
    residuals, sounds = nearest_member(made[:, 3_072:5_120].numpy(), 22_050)
    assert residuals[0] < 0.02
    assert isinstance(sounds[0], Sound)
    assert 0.3 < float(made.abs().max()) < 2


def test_it_makes_longer_sounds_too():
    oracle = note_oracle()
    made = sample(
        oracle.network,
        oracle.inference_schedule(8),
        (1, 22_016),
        generator=torch.Generator().manual_seed(0),
    )
    assert nearest_member(made[:, 12_000:14_048].numpy(), 22_050, max_time=1.0)[0][0] < 0.05
