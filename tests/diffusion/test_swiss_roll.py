import math

import pytest
import torch
from sklearn.datasets import make_swiss_roll

from diffusion import swiss_roll
from diffusion.metrics import sliced_wasserstein

LEVELS = [(1.0, 0.0), (1.0, 0.01), (1.0, 0.25), (0.5, 0.5), (0.01, 0.99), (0.0, 1.0)]


def points_near_the_data(n: int, alpha_cumprod: float, noise_variance: float) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    data = swiss_roll.sample(n, generator).double()
    return math.sqrt(alpha_cumprod) * data + math.sqrt(noise_variance) * noise


@pytest.mark.parametrize(("alpha_cumprod", "noise_variance"), LEVELS)
def test_score_is_the_gradient_of_log_prob(alpha_cumprod, noise_variance):
    x = points_near_the_data(200, alpha_cumprod, noise_variance)
    h = 1e-3 * math.sqrt(swiss_roll.WIDTH**2 * alpha_cumprod + noise_variance)

    def log_prob(step: torch.Tensor) -> torch.Tensor:
        return swiss_roll.log_prob(x + h * step, alpha_cumprod, noise_variance)

    # Fourth-order central differences.
    differences = [
        (8 * (log_prob(e) - log_prob(-e)) - (log_prob(2 * e) - log_prob(-2 * e))) / (12 * h)
        for e in torch.eye(2, dtype=torch.float64)
    ]
    numerical = torch.stack(differences, dim=-1)
    exact = swiss_roll.score(x, alpha_cumprod, noise_variance)
    assert float((exact - numerical).abs().max() / exact.abs().max()) < 1e-6


@pytest.mark.parametrize(("alpha_cumprod", "noise_variance"), LEVELS)
def test_density_integrates_to_one(alpha_cumprod, noise_variance):
    width = math.sqrt(swiss_roll.WIDTH**2 * alpha_cumprod + noise_variance)
    half = 1.5 * math.sqrt(alpha_cumprod) + 6 * width
    cells = math.ceil(2 * half / (0.7 * width))  # the sum over a fine grid is spectrally exact
    axis = torch.linspace(-half, half, cells, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    density = swiss_roll.log_prob(grid, alpha_cumprod, noise_variance).exp()
    integral = float(density.sum() * (axis[1] - axis[0]) ** 2)
    assert integral == pytest.approx(1, abs=1e-4)


def test_density_agrees_with_monte_carlo(generator):
    # Share of 400,000 samples in small boxes against the integral of the density over them.
    samples = swiss_roll.sample(400_000, generator)
    for x, y in [(0.65, 0.0), (-0.1, 0.8), (0.0, 1.4)]:
        inside = (samples - torch.tensor([x, y])).abs().amax(dim=1) < 0.05
        axis = (torch.arange(20, dtype=torch.float64) + 0.5) / 200 - 0.05
        box = torch.cartesian_prod(axis, axis) + torch.tensor([x, y])
        expected = float(swiss_roll.log_prob(box).exp().mean()) * 0.1**2
        # Five standard errors: by chance once in 1.7 million.
        error = 5 * math.sqrt(expected / len(samples))
        assert float(inside.double().mean()) == pytest.approx(expected, abs=error)


def test_sampler_has_scikit_learns_law(generator):
    reference, _ = make_swiss_roll(10_000, noise=0.3, random_state=0)
    theirs = torch.tensor(reference[:, [0, 2]] / 10)
    ours = [swiss_roll.sample(10_000, generator).double() for _ in range(4)]
    floor = max(sliced_wasserstein(ours[0], other) for other in ours[1:])
    assert sliced_wasserstein(ours[0], theirs) < 2 * floor
    assert sliced_wasserstein(ours[0] + 0.1, theirs) > 2 * floor  # the test can fail


def test_oracle_predicts_the_mean_noise(generator):
    # E[ε | x_t] at one x_t, by weighting samples x_0 with q(x_t | x_0).
    level = 0.6
    x_t = torch.tensor([[0.1, 0.3]], dtype=torch.float64)
    x_0 = swiss_roll.sample(400_000, generator).double()
    noise = (x_t - level * x_0) / math.sqrt(1 - level**2)
    weights = torch.softmax(-noise.square().sum(dim=1) / 2, dim=0)
    expected = weights @ noise
    eps = swiss_roll.Oracle()(x_t, torch.tensor([level], dtype=torch.float64))
    assert torch.allclose(eps[0], expected, atol=0.01)


def test_oracle_takes_mixed_levels(generator):
    oracle = swiss_roll.Oracle()
    x_t = torch.randn(4, 2, generator=generator)
    levels = torch.tensor([0.3, 0.9, 0.3, 0.99], dtype=torch.float64)
    mixed = oracle(x_t, levels)
    one_by_one = torch.cat([oracle(x_t[i : i + 1], levels[i : i + 1]) for i in range(4)])
    assert mixed.dtype == x_t.dtype
    assert torch.equal(mixed, one_by_one)


def test_distance_to_curve():
    on_it = swiss_roll.curve(torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64))
    assert float(swiss_roll.distance_to_curve(on_it).max()) < 1e-3
    centre = torch.zeros(1, 2)
    assert float(swiss_roll.distance_to_curve(centre)) == pytest.approx(0.15 * math.pi, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"alpha_cumprod": 1.5}, "1.5"),
        ({"noise_variance": -1.0}, "-1.0"),
        ({"noise_variance": float("nan")}, "nan"),
        ({"alpha_cumprod": 0.0}, "both 0"),
    ],
)
def test_refuses_bad_values(arguments, named):
    with pytest.raises(ValueError, match=named):
        swiss_roll.log_prob(torch.zeros(1, 2), **arguments)


def test_refuses_bad_shapes():
    with pytest.raises(ValueError, match="2"):
        swiss_roll.score(torch.zeros(3, 3))
