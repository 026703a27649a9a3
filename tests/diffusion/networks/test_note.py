"""The combs of a note in noise, and the predictor that is made of them."""

import math

import numpy as np
import pytest
import torch

from diffusion.networks.note import NotePredictor
from diffusion.networks.note_combs import (
    MAX_INHARMONICITY,
    PARTIALS,
    PITCHES,
    amplitudes,
    angular,
    angular_slope,
    fade,
    grid,
    grid_amplitudes,
    grid_waves,
    noise_of_amplitudes,
    pitches,
    waves,
)
from diffusion.networks.resonances import ResonanceMixture, independent_evidence
from synth import Sound

LENGTH = 4_096
F0, B = torch.tensor([[110.0, 196.0], [3e-4, 8e-4]], dtype=torch.float64)


def random_partials(generator, count=2):
    return 0.1 * torch.randn(count, PARTIALS, generator=generator, dtype=torch.complex64)


def test_the_partials_are_those_of_a_sound():
    sound = Sound(196.0, PARTIALS, 8e-4, 500, 1)
    hertz = angular(F0, B)[1] * 22_050 / (2 * math.pi)
    assert np.allclose(hertz, sound.sines(22_050)[0], rtol=1e-12)
    slope = (angular(F0, B + 1e-9) - angular(F0, B)) / 1e-9
    assert torch.allclose(slope, angular_slope(F0, B), rtol=1e-4)
    assert pitches()[0] == pytest.approx(82.407, abs=1e-3)
    assert len(pitches()) == PITCHES


def test_the_amplitudes_of_sines_are_found_again(generator):
    c, omega = random_partials(generator), angular(F0, B)
    y = waves(c, omega, LENGTH)
    time = torch.arange(LENGTH)
    slow = sum((c[1, k] * torch.exp(1j * omega[1, k] * time)).real for k in range(PARTIALS))
    assert torch.allclose(y[1], (fade(LENGTH) * slow).float(), atol=1e-4)
    # In a frame of nine periods neighbouring partials are nearly, but not quite, orthogonal.
    assert (amplitudes(y, omega) - c).abs().max() < 0.05


def test_noise_has_the_size_that_is_said(generator):
    y = 0.3 * torch.randn(400, LENGTH, generator=generator)
    found = torch.view_as_real(amplitudes(y, angular(F0[:1], B[:1]).expand(400, -1)))
    expected = float(noise_of_amplitudes(torch.tensor(0.3), LENGTH))
    assert float(found.std()) == pytest.approx(expected, rel=0.03)


def test_the_grid_is_read_off_a_spectrum(generator):
    y = torch.randn(LENGTH, generator=generator)
    f0, b, width = grid(LENGTH)
    assert float(b.max()) + width / 2 == pytest.approx(MAX_INHARMONICITY)
    rows = torch.arange(0, len(f0), 97)
    direct = amplitudes(y.expand(len(rows), -1), angular(f0[rows], b[rows]))
    assert (grid_amplitudes(y)[rows] - direct).abs().max() < 0.02 * direct.abs().max()


def test_waves_of_the_grid_are_sums_of_sines(generator):
    f0, b, _ = grid(LENGTH)
    c = torch.zeros(len(f0), PARTIALS, dtype=torch.complex64)
    rows = torch.tensor([3, 900])
    c[rows] = random_partials(generator)
    direct = waves(c[rows], angular(f0[rows], b[rows]), LENGTH).sum(dim=0)
    assert (grid_waves(c, LENGTH) - direct).norm() < 0.01 * direct.norm()


def test_independent_evidence_is_a_ratio_of_gaussians(generator):
    u, noise, rms = random_partials(generator), torch.tensor(0.05), torch.linspace(0.2, 0.01, 20)

    def log_density(variance):
        return -(u.abs().square() / (2 * variance) + variance.log()).sum(dim=1)

    expected = log_density(rms**2 + noise**2) - log_density(noise**2 + 0 * rms)
    assert torch.allclose(independent_evidence(u, noise, rms), expected, rtol=1e-4)


@pytest.fixture
def predictor():
    """It has two filters."""
    resonances = ResonanceMixture(torch.tensor([300.0, 700.0]), torch.tensor([2.0, 4.0]))
    resonances.rms.fill_(0.1)
    resonances.peak.copy_(torch.tensor([1.0, 0.0, 0.2]))
    return NotePredictor(resonances).eval().requires_grad_(False)


def note(predictor):
    """Nine partials through the second filter, with its ringing, from the start, (1, LENGTH)."""
    omega = angular(F0[:1], B[:1])
    members = -1j / (1 + 1j * predictor.resonances.detuning(omega))
    excitation = predictor.resonances.excitation(omega)
    gain = 1 / members[0, 1, :9].abs().sum()
    c = torch.where(torch.arange(PARTIALS) < 9, gain * members[:, 1], 0)
    a, ringing = gain * excitation[0, 1, :9].sum(), predictor.resonances.ringing()
    x = waves(c, omega, LENGTH)
    return x + fade(LENGTH) * (a.real * ringing[1] - a.imag * ringing[3])


def test_a_note_is_silent_before_its_sines_and_filter_start(predictor):
    # Sines through a filter from rest: at t = 0 partials and ringing cancel.
    x = note(predictor)[0]
    assert float(x[0].abs()) < 1e-4
    assert float(x.abs().max()) > 0.3


@pytest.mark.parametrize("sigma", [0.01, 0.1, 1.0])
def test_a_note_is_found_in_noise(predictor, generator, sigma):
    x = note(predictor)
    x_t = (x + sigma * torch.randn(x.shape, generator=generator)) / (1 + sigma**2) ** 0.5
    level = torch.tensor([(1 + sigma**2) ** -0.5]).double()
    eps = predictor(x_t, level)
    original = (x_t - (1 - level**2).sqrt() * eps) / level
    # Gain and inharmonicity are unknown, and what of the filter's ringing the grid leaves.
    assert float((original - x).square().sum()) < 12 * sigma**2


def test_in_much_noise_nothing_is_known(predictor, generator):
    original = predictor.denoised(1e3 * torch.randn(LENGTH, generator=generator), torch.tensor(1e3))
    assert float(original.square().mean()) < 1e-3


def test_frames_do_not_depend_on_their_company(predictor, generator):
    x_t, level = torch.randn(3, LENGTH, generator=generator), torch.tensor([0.5, 0.9, 0.99])
    together = predictor(x_t, level)
    assert torch.allclose(together[1:2], predictor(x_t[1:2], level[1:2]), atol=1e-5)


@pytest.mark.parametrize("length", [4_097, 2_048])
def test_lengths_that_do_not_fit_are_refused(predictor, length):
    with pytest.raises(ValueError, match=f"got {length}"):
        predictor(torch.zeros(1, length), torch.tensor([0.5]))


def test_a_frame_is_no_shorter_than_filters_ring(predictor):
    with pytest.raises(ValueError, match=r">= 4096, got 4095"):
        NotePredictor(predictor.resonances, 4_095)


def test_without_noise_there_is_a_limit(predictor, generator):
    # x_t = x_0 says nothing of ε, so E[ε | x_t] = 0.
    x_t = torch.randn(2, LENGTH, generator=generator)
    eps = predictor(x_t, torch.tensor([1.0, 0.7], dtype=torch.float64))
    assert bool((eps[0] == 0).all())
    assert torch.allclose(eps[1:], predictor(x_t[1:], torch.tensor([0.7])), atol=1e-5)
    assert predictor(x_t.double(), torch.tensor([0.9, 0.7])).dtype == torch.float64


def test_the_likelihood_has_the_denoiser_s_gradient(predictor, generator):
    """Tweedie: E[c | û] = û + s² ∇ ln p(û), of which ln p(û | noise) gives −û/s²."""
    u = random_partials(generator).requires_grad_()
    noise = torch.tensor([0.05, 0.3])
    c, _, evidence = predictor.resonances(u, noise, F0, B)
    (gradient,) = torch.autograd.grad(evidence.sum(), u)
    assert torch.allclose(noise[:, None] ** 2 * gradient, c, atol=1e-5)


def test_a_condition_is_refused(predictor):
    with pytest.raises(ValueError, match="takes no condition"):
        predictor(torch.zeros(1, LENGTH), torch.tensor([0.5]), torch.zeros(1, 80, 3))
