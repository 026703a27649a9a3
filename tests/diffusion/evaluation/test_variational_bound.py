"""The bound and the KL of a schedule's end, against what is known exactly."""

import math
import statistics

import pytest
import torch

import diffusion
from diffusion import NoiseSchedule
from diffusion.data import swiss_roll
from diffusion.evaluation.exact_probabilities import (
    exact_cell,
    negative_log_cell_probability,
    negative_log_likelihood,
)
from diffusion.evaluation.variational_bound import (
    FixedVariance,
    bounds,
    exact_bound,
    matched_noise,
    terminal_kl,
)
from diffusion.process.variational import CELL, cell_centres, discretized_nll, normal_nll, prior_kl
from tests.conftest import GaussianOracle

STD = 0.3
SCHEDULE = NoiseSchedule.from_name("linear", 60, 0.01, 0.4)


def gaussian_log_prob(x, alpha_cumprod=1.0, noise_variance=0.0):
    variance = alpha_cumprod * STD**2 + noise_variance
    return -x.double().square().sum(dim=-1) / (2 * variance) - math.log(2 * math.pi * variance)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", ["linear", "scaled_linear", "sigmoid", "squaredcos_cap_v2"])
@pytest.mark.parametrize(("steps", "beta_end"), [(10, 0.01), (100, 0.01), (100, 0.25)])
def test_terminal_kl_of_a_gaussian_is_its_closed_form(name, steps, beta_end):
    schedule = NoiseSchedule.from_name(name, steps, 1e-5, beta_end)
    level = float(schedule.alphas_cumprod[-1])
    variance = level * STD**2 + 1 - level
    exact = variance - 1 - math.log(variance)  # two coordinates of ½ (v - 1 - ln v)
    assert terminal_kl(gaussian_log_prob, schedule) == pytest.approx(exact, abs=1e-9)


def test_terminal_kl_of_the_roll_is_below_the_mean_over_data():
    # KL is convex: KL(q(x_T) ‖ N) ≤ E KL(q(x_T | x_0) ‖ N) = L_T, and the tutorial's schedule
    # is far from noise.
    schedule = NoiseSchedule.from_name("sigmoid", 100, 1e-5, 1e-2)
    prior = float(prior_kl(swiss_roll.sample(2_000, seeded()), schedule).mean())
    assert 0.08 < terminal_kl(swiss_roll.log_prob, schedule) < 2 * prior  # of two coordinates


def test_matched_noise_has_its_moments(generator):
    x_0 = torch.rand(50, 2, generator=generator, dtype=torch.float64)
    noise = matched_noise(x_0, generator)
    zero = torch.zeros(2, 2, dtype=torch.float64)
    assert torch.allclose(noise.mean(dim=0), zero[0], atol=1e-12)
    assert torch.allclose(noise.T @ noise / 50, torch.eye(2).double(), atol=1e-12)
    assert torch.allclose(noise.T @ x_0 / 50, zero, atol=1e-12)


def test_exact_terms_of_a_gaussian_are_differences_of_information(generator):
    x_0 = STD * torch.randn(20_000, 2, generator=generator)
    found = exact_bound(gaussian_log_prob, x_0, SCHEDULE, generator)
    information = 0.5 * torch.log2(1 + SCHEDULE.snr * STD**2)  # of a Gaussian channel, in bits
    entropy = 0.5 * math.log2(2 * math.pi * math.e * STD**2)
    expected = torch.cat([entropy - information[:1], information[:-1] - information[1:]])
    # Four standard errors: a mean over 40,000 coordinates, each of a spread below one bit.
    assert torch.allclose(found.terms, expected, atol=0.02)
    assert found.total == pytest.approx(entropy, abs=0.02)


def test_bounds_lie_above_the_exact_likelihood_in_their_known_order():
    variational, simple = map(diffusion.load, ("swiss-roll-variational", "swiss-roll-ddpm"))
    schedule = simple.schedule
    x_0 = swiss_roll.sample(1_000, seeded())
    exact = negative_log_likelihood(swiss_roll.log_prob, x_0)
    limit = exact_bound(swiss_roll.log_prob, x_0, schedule, seeded())
    assert limit.total == pytest.approx(exact, abs=1e-3)  # q(x_T) is N(0, I) to 2e-6 nats

    processes = {
        "learned": variational.network,
        "oracle": FixedVariance(swiss_roll.Oracle(), schedule, schedule.betas),
        "network": FixedVariance(simple.network, schedule, schedule.betas),
        "small": FixedVariance(simple.network, schedule, schedule.posterior_variance_clipped),
    }
    found = bounds(processes, swiss_roll.log_prob, x_0, schedule, seeded()).values()
    learned, oracle, network, small = (each.total - exact for each in found)
    # Over seeds the excess spreads by 0.02, and differences between two by 0.004.
    assert 0.01 < learned < oracle - 0.05
    assert oracle < network < oracle + 0.03
    assert small > network + 3  # β̃ is far too small at the first steps


class GaussianReverse:
    """The exact reverse step of Gaussian data, its variance times `factor`."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x_t, noise_level):
        t = SCHEDULE.nearest_timesteps(noise_level)[:, None]
        before, now = (
            levels[t] * STD**2 + 1 - levels[t]
            for levels in (SCHEDULE.alphas_cumprod_prev, SCHEDULE.alphas_cumprod)
        )
        mean = SCHEDULE.alphas[t].sqrt() * before / now * x_t
        return mean, (self.factor * before * SCHEDULE.betas[t] / now).log().expand_as(x_t)


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.5])
def test_excess_of_a_wrong_variance_is_its_closed_form(generator, factor):
    x_0 = STD * torch.randn(20_000, 2, generator=generator, dtype=torch.float64)
    networks = {"wrong": GaussianReverse(factor)}
    found = bounds(networks, gaussian_log_prob, x_0, SCHEDULE, generator)["wrong"].excess
    expected = 0.5 * (math.log2(factor) + (1 / factor - 1) / math.log(2))
    assert float(found.min()) >= 0
    # Four standard errors of the widest: r - 1 - ln r spreads by 0.3 nats, over 20,000 points.
    assert torch.allclose(found, torch.full_like(found, expected), atol=6e-3)
    if factor == 1:
        assert float(found.max()) < 1e-20  # without any sampling error


def test_what_a_network_loses_is_known_better_than_the_bounds_it_is_between():
    trained = diffusion.load("swiss-roll-variational")
    schedule, lost, differences = trained.schedule, [], []
    for seed in range(4):
        x_0 = swiss_roll.sample(300, seeded(seed))
        limit = exact_bound(swiss_roll.log_prob, x_0, schedule, seeded(seed))
        networks = {"learned": trained.network}
        found = bounds(networks, swiss_roll.log_prob, x_0, schedule, seeded(seed))["learned"]
        assert float(found.excess.min()) > 0
        lost.append(float(found.excess[24:].sum()))
        differences.append(float((found.terms - limit.terms)[24:].sum()))
    # Over a dozen seeds they spread by 0.0002 and 0.006.
    assert statistics.stdev(lost) < 0.2 * statistics.stdev(differences)
    assert statistics.mean(lost) == pytest.approx(statistics.mean(differences), abs=0.013)


def test_a_wrong_mean_raises_the_bound():
    schedule = NoiseSchedule.from_name("scaled_linear", 100, 1e-5, 0.25)
    x_0 = swiss_roll.sample(200, seeded())

    def blind(x_t, noise_level, condition=None):
        return torch.zeros_like(x_t)

    processes = {
        "blind": FixedVariance(blind, schedule, schedule.betas),
        "oracle": FixedVariance(swiss_roll.Oracle(), schedule, schedule.betas),
    }
    found = bounds(processes, swiss_roll.log_prob, x_0, schedule, seeded())
    assert found["blind"].total > found["oracle"].total + 1


# ---- The discretised decoder ------------------------------------------------------------------


def integral_over_the_cell(log_density, x, count=4_001):
    """-ln ∫ exp(log_density) over the cell of each x, by the midpoint rule."""
    places = (torch.arange(count, dtype=torch.float64) + 0.5) / count - 0.5
    inside = cell_centres(x.double())[:, None] + CELL * places
    return -(log_density(inside).exp().mean(dim=1) * CELL).log()


@pytest.mark.parametrize("std", [0.0005, 0.003, 0.03, 1.0])
def test_the_discretised_decoder_is_the_integral_of_the_density_over_a_cell(std, generator):
    x = torch.empty(50, dtype=torch.float64).uniform_(-1.6, 1.6, generator=generator)
    mean = x + 3 * std * torch.randn(50, generator=generator, dtype=torch.float64)
    log_var = torch.full_like(x, 2 * math.log(std))
    direct = integral_over_the_cell(lambda y: -normal_nll(y, mean[:, None], log_var[:, None]), x)
    assert torch.allclose(discretized_nll(x, mean, log_var), direct, rtol=1e-4, atol=1e-4)


def test_far_from_the_cell_the_discretised_decoder_keeps_its_digits():
    x, std = torch.zeros(2, dtype=torch.float64), 0.001
    mean = torch.tensor([0.5, -0.5], dtype=torch.float64, requires_grad=True)
    loss = discretized_nll(x, mean, torch.full_like(x, 2 * math.log(std)))
    edge = (0.5 - CELL / 2) / std
    assert loss.tolist() == pytest.approx(2 * [0.5 * edge**2], rel=1e-3)
    loss.sum().backward()
    assert mean.grad.tolist() == pytest.approx([edge / std, -edge / std], rel=1e-3)


def test_the_exact_cell_of_a_gaussian_is_that_of_its_posterior(generator):
    x_0 = STD * torch.randn(40, 2, generator=generator, dtype=torch.float64)
    schedule = NoiseSchedule.from_name("linear", 10, 1e-5, 0.4)
    alpha = float(schedule.alphas_cumprod[0])
    noise = torch.randn(40, 2, generator=generator, dtype=torch.float64)
    x_1 = math.sqrt(alpha) * x_0 + math.sqrt(1 - alpha) * noise
    variance = 1 / (1 / STD**2 + alpha / (1 - alpha))
    mean = variance * math.sqrt(alpha) / (1 - alpha) * x_1
    expected = -discretized_nll(x_0, mean, torch.full_like(mean, math.log(variance))).sum(dim=1)
    found = exact_cell(gaussian_log_prob, x_0, x_1, schedule)
    assert torch.allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_the_entropy_of_the_cells_is_that_of_the_density_less_their_width(generator):
    # Where the density hardly changes within a cell; for the roll, 0.03 wide, to 0.003 bits.
    x_0 = swiss_roll.sample(500, generator)
    density = negative_log_likelihood(swiss_roll.log_prob, x_0)
    cells = negative_log_cell_probability(swiss_roll.log_prob, x_0)
    assert cells == pytest.approx(density - math.log2(CELL), abs=0.02)


def test_only_the_first_term_knows_the_decoder(generator):
    x_0 = STD * torch.randn(200, 2, generator=generator)
    network = FixedVariance(GaussianOracle(0.0, STD), SCHEDULE, SCHEDULE.betas)
    options = ({"network": network}, gaussian_log_prob, x_0, SCHEDULE)
    density, cells = (bounds(*options, seeded(), each)["network"] for each in (False, True))
    assert torch.equal(density.terms[1:], cells.terms[1:])
    assert torch.equal(density.excess[1:], cells.excess[1:])
    # The first σ is 0.1, ten cells: the density hardly changes within one.
    assert float(cells.terms[0] - density.terms[0]) == pytest.approx(-math.log2(CELL), abs=0.01)
    assert 0 <= float(cells.excess[0]) < 0.01
