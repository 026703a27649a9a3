import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from diffusion import annealed_langevin, score_of
from diffusion.data import swiss_roll
from diffusion.data.distributions import DISTRIBUTIONS
from diffusion.sampling.langevin import geometric_sigmas, langevin, stability_bound
from diffusion.training.score_matching import (
    denoising_score_matching,
    explicit_score_matching,
    sliced_score_matching,
)


def gaussian(n: int, generator: torch.Generator) -> torch.Tensor:
    return 0.5 + 2 * torch.randn(n, 2, generator=generator, dtype=torch.float64)


def linear_score(slope: float, centre: float):
    return lambda x: slope * (centre - x)


def test_explicit_loss_is_hyvarinens_for_a_gaussian(generator):
    # F(x) = s (c - x): trace = -2 s, E½‖F‖² = s² (v + (m - c)²) for two coordinates.
    x = gaussian(400_000, generator)
    loss = explicit_score_matching(linear_score(0.3, 1.0), x)
    assert loss.item() == pytest.approx(-2 * 0.3 + 0.3**2 * (4 + 0.25), abs=0.01)


def test_explicit_trace_is_exact(generator):
    network = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2)).double()
    x = gaussian(5, generator)
    trace = torch.stack(
        [torch.autograd.functional.jacobian(network, each).trace() for each in x]
    ).mean()
    expected = trace + 0.5 * network(x).square().sum(dim=1).mean()
    assert explicit_score_matching(network, x).item() == pytest.approx(expected.item(), rel=1e-12)


def test_sliced_loss_is_explicit_on_average(generator):
    network = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2)).double()
    x = gaussian(4, generator)
    many = x.repeat(50_000, 1)
    directions = torch.randn(many.shape, generator=generator, dtype=torch.float64)
    sliced = sliced_score_matching(network, many, directions)
    explicit = explicit_score_matching(network, x)
    assert sliced.item() == pytest.approx(explicit.item(), abs=0.02)


@pytest.mark.parametrize("method", ["explicit", "sliced", "denoising"])
def test_each_loss_is_least_at_the_true_score(method, generator):
    # Of F(x) = s (c - x), the score of N(m, v) is s = 1/v, c = m; noise σ makes v larger.
    x = gaussian(200_000, generator)
    noise = torch.randn(x.shape, generator=generator, dtype=torch.float64)
    sigma = torch.full((len(x),), 0.5, dtype=torch.float64)
    variance = 4 + (0.25 if method == "denoising" else 0)

    def loss(slope: float, centre: float) -> float:
        score = linear_score(slope, centre)
        if method == "explicit":
            return explicit_score_matching(score, x).item()
        if method == "sliced":
            return sliced_score_matching(score, x, noise).item()
        return denoising_score_matching(score, x, noise, sigma).item()

    best = loss(1 / variance, 0.5)
    others = [(0.8 / variance, 0.5), (1.2 / variance, 0.5), (1 / variance, 0.9)]
    assert all(best < loss(*other) for other in others)


@pytest.mark.parametrize("method", ["explicit", "sliced", "denoising"])
def test_each_loss_trains_a_network_to_the_score(method):
    # A linear network on a Gaussian: the answer is known. All three must find it.
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    network = nn.Linear(2, 2)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(400):
        x = 0.5 + 0.7 * torch.randn(512, 2, generator=generator)
        noise = torch.randn(x.shape, generator=generator)
        if method == "explicit":
            loss = explicit_score_matching(network, x)
        elif method == "sliced":
            loss = sliced_score_matching(network, x, noise)
        else:
            loss = denoising_score_matching(network, x, noise, torch.full((512,), 0.1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    variance = 0.49 + (0.01 if method == "denoising" else 0)
    assert torch.allclose(network.weight, -torch.eye(2) / variance, atol=0.25)
    assert torch.allclose(network.bias, torch.full((2,), 0.5 / variance), atol=0.25)


def test_score_of_the_oracle_is_the_exact_score(generator):
    sigma = 0.2
    x = swiss_roll.sample(50, generator).double()
    x = x + sigma * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    through_noise = score_of(swiss_roll.Oracle(), sigma)(x)
    exact = swiss_roll.score(x, noise_variance=sigma**2)
    assert torch.allclose(through_noise, exact, rtol=1e-9, atol=1e-9)


def test_langevin_samples_its_gaussian(generator):
    # With step ε on N(m, v) the chain is AR(1), of stationary variance v / (1 - ε/4v).
    x = torch.zeros(20_000, 2, dtype=torch.float64)
    step, variance = 0.05, 0.5
    *_, end = langevin(
        lambda y: (0.3 - y) / variance, x, step_size=step, num_steps=300, generator=generator
    )
    assert float(end.mean()) == pytest.approx(0.3, abs=0.02)
    assert float(end.var()) == pytest.approx(variance / (1 - step / (4 * variance)), rel=0.03)


def test_langevin_noise_has_zero_mean(generator):
    # The tutorial's mistake was torch.rand, whose mean ½ is a drift of √ε/2 a step.
    *_, end = langevin(
        torch.zeros_like, torch.zeros(50_000, 2), step_size=0.01, num_steps=1, generator=generator
    )
    assert float(end.mean().abs()) < 6 * math.sqrt(0.01 / 100_000)
    assert float(end.std()) == pytest.approx(0.1, rel=0.02)


def test_langevin_without_noise_climbs(generator):
    states = list(
        langevin(lambda y: -y, torch.ones(3, 2), step_size=0.1, num_steps=50, temperature=0)
    )
    assert len(states) == 51
    assert torch.allclose(states[-1], torch.full((3, 2), 0.95**50))


def test_langevin_decay_shrinks_the_steps():
    states = list(
        langevin(
            torch.ones_like, torch.zeros(1, 1), step_size=0.2, decay=0.5, num_steps=3, temperature=0
        )
    )
    assert [round(float(state), 6) for state in states] == [0, 0.1, 0.15, 0.175]


def test_annealed_langevin_finds_the_roll(generator):
    def score_at(sigma: float):
        return lambda x: swiss_roll.score(x, noise_variance=sigma**2).to(x.dtype)

    sigmas = [float(sigma) for sigma in torch.logspace(0.3, -2, 12)]
    start = 2 * torch.randn(200, 2, generator=generator)
    *_, end = annealed_langevin(
        score_at, start, sigmas, step_size=2e-4, steps_per_sigma=20, generator=generator
    )
    assert float((swiss_roll.distance_to_curve(end) > 0.09).double().mean()) < 0.03


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"step_size": 0.0}, "step_size"),
        ({"step_size": float("nan")}, "nan"),
        ({"num_steps": 0}, "num_steps"),
        ({"decay": 1.5}, "1.5"),
        ({"temperature": -1.0}, "-1.0"),
    ],
)
def test_langevin_refuses_bad_settings(options, named):
    with pytest.raises(ValueError, match=named):
        list(langevin(torch.zeros_like, torch.zeros(1, 2), **options))


def test_annealed_langevin_refuses_a_rising_ladder():
    with pytest.raises(ValueError, match="fall"):
        list(annealed_langevin(lambda sigma: torch.zeros_like, torch.zeros(1, 2), [0.1, 1.0]))


def test_a_ladder_falls_in_equal_ratios():
    sigmas = geometric_sigmas(1.0, 0.01, 5)
    assert sigmas[0] == 1
    assert sigmas[-1] == pytest.approx(0.01)
    ratios = [low / high for high, low in pairwise(sigmas)]
    assert ratios == pytest.approx([0.01**0.25] * 4)


@pytest.mark.parametrize("arguments", [(0.1, 0.1, 5), (1.0, 0.0, 5), (1.0, 0.1, 1)])
def test_a_ladder_that_does_not_fall_is_refused(arguments):
    with pytest.raises(ValueError, match=r"largest σ|number of σ"):
        geometric_sigmas(*arguments)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
@pytest.mark.parametrize(("factor", "stable"), [(0.9, True), (1.1, False)])
def test_the_stability_bound_is_where_a_walk_diverges(distribution, factor, stable):
    # Along the stiffest direction of the quadratic that log p is near its stiffest point.
    x = distribution.sample(500, torch.Generator().manual_seed(0))
    curvatures = distribution.curvature(x, noise_variance=0.01)
    hessian = distribution.hessian(x[curvatures.argmax()], noise_variance=0.01)
    stiff = torch.linalg.eigh(hessian).eigenvectors[:, :1]
    *_, end = langevin(
        lambda y: y @ (stiff.T @ hessian @ stiff),
        torch.ones(1, 1, dtype=torch.float64),
        step_size=factor * stability_bound(curvatures),
        num_steps=200,
        temperature=0,
    )
    assert (float(end.abs()) < 1e-3) == stable


def test_without_convexity_there_is_no_bound():
    assert stability_bound(torch.tensor([-1.0, -0.5])) == math.inf
