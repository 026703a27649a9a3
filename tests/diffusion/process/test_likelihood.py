import math

import pytest
import torch

import diffusion
from diffusion.data import swiss_roll
from diffusion.process.denoising import Moments
from diffusion.process.likelihood import flow, log_likelihood, log_spaced

SIGMA = 0.1


def points(n: int = 16) -> torch.Tensor:
    """Points of the swiss roll with noise σ, where its density is."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(n, 2, generator=generator)
    return (swiss_roll.sample(n, generator) + SIGMA * noise).double()


def likelihood(network, x, moments, steps, sigma_max=40.0):
    *_, end = flow(network, x, log_spaced(SIGMA, sigma_max, steps))
    return log_likelihood(end, moments)


def test_gaussian_has_its_log_density(gaussian_oracle):
    m, v = gaussian_oracle.mean, gaussian_oracle.variance
    moments = Moments(torch.full((2,), m), v * torch.eye(2))
    x = points()
    distribution = torch.distributions.Normal(m, math.sqrt(v + SIGMA**2))
    exact = distribution.log_prob(x).sum(dim=1)
    # Measured: 1e-4 in 50 steps, 9e-6 in 100, 3e-7 in 200.
    assert torch.allclose(likelihood(gaussian_oracle, x, moments, 100), exact, rtol=0, atol=5e-5)


def test_exact_score_gives_the_exact_log_density():
    x = points()
    exact = swiss_roll.log_prob(x, noise_variance=SIGMA**2)
    found = likelihood(swiss_roll.Oracle(), x, swiss_roll.moments(), 160)
    assert float((found - exact).abs().max()) < 1e-3


def test_the_error_falls_with_the_fourth_power_of_the_step():
    # Against the same end, so that only the solver's error is left.
    x = points(4)
    coarse, middle, fine = (
        likelihood(swiss_roll.Oracle(), x, swiss_roll.moments(), steps) for steps in (60, 120, 240)
    )
    order = math.log2(float((coarse - middle).norm() / (middle - fine).norm()))
    assert order > 3.5


def test_the_start_of_the_noise_matters_less_the_noisier_it_is():
    # N(m, C + σ²I) is off by (spread/σ)³, some 1e-2 at σ = 3 and 1e-5 at σ = 30.
    x = points(4)
    exact = swiss_roll.log_prob(x, noise_variance=SIGMA**2)
    near, far = (
        (likelihood(swiss_roll.Oracle(), x, swiss_roll.moments(), 160, end) - exact).abs().max()
        for end in (2.0, 30.0)
    )
    assert float(near) > 10 * float(far)


def test_flow_round_trip():
    x = points(8)
    up = log_spaced(SIGMA, 20.0, 120)
    *_, noise = flow(swiss_roll.Oracle(), x, up)
    *_, back = flow(swiss_roll.Oracle(), noise.y, up[::-1])
    assert torch.allclose(back.y, x, rtol=0, atol=1e-4)
    assert torch.allclose(back.log_volume, -noise.log_volume, rtol=0, atol=1e-2)


def test_the_network_knows_the_density_of_data():
    model = diffusion.load("swiss-roll-ddpm")
    x = points(64)
    exact = swiss_roll.log_prob(x, noise_variance=SIGMA**2)
    found = likelihood(model.network.double(), x, swiss_roll.moments(), 40)
    assert float((found - exact).abs().median()) < 0.1  # measured 0.03
    assert abs(float((found - exact).mean())) < 0.1


@pytest.mark.parametrize(
    ("options", "named"),
    [((0.0, 1.0, 5), "0.0"), ((2.0, 1.0, 5), "2.0"), ((0.1, 1.0, 0), "steps")],
)
def test_refuses_bad_levels(options, named):
    with pytest.raises(ValueError, match=named):
        log_spaced(*options)
