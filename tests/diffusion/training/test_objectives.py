import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusion import NoiseSchedule
from diffusion.data import swiss_roll
from diffusion.networks import ResidualMLP, ReverseMLP
from diffusion.process.variational import bound_terms, normal_kl, normal_nll, prior_kl
from diffusion.sampling.learned_variance import learned_reverse
from diffusion.training.objectives import (
    hierarchical_noise_levels,
    random_timesteps,
    score_objective,
    simple_objective,
    variational_objective,
    wavegrad_objective,
    weighted_objective,
)

SCHEDULE = NoiseSchedule.from_name("linear", 50, 1e-3, 0.2)


def constant(n: int, generator: torch.Generator) -> torch.Tensor:
    return torch.full((n, 2), 0.5)


def unconditional(n: int, generator: torch.Generator) -> tuple[torch.Tensor, None]:
    return constant(n, generator), None


def perfect(x_t, noise_level, condition=None):
    """The noise in `constant` data, which x_t gives away."""
    level = noise_level[:, None].to(x_t)
    return (x_t - 0.5 * level) / (1 - level**2).sqrt()


def zero(x_t, noise_level, condition=None):
    return torch.zeros_like(x_t)


@pytest.mark.parametrize(
    ("objective", "of_zero"),
    [
        (score_objective(constant, 20_000, 0.1, 2.0), 1.0),  # ½ E‖ε‖² in two dimensions
        (simple_objective(constant, 20_000, SCHEDULE), 1.0),  # E ε²
        (wavegrad_objective(unconditional, 20_000, SCHEDULE), math.sqrt(2 / math.pi)),  # E|ε|
        (
            wavegrad_objective(unconditional, 20_000, SCHEDULE, uniform_fraction=0.5),
            math.sqrt(2 / math.pi),
        ),
    ],
)
def test_known_values(objective, of_zero, generator):
    assert float(objective(perfect, generator)) == pytest.approx(0, abs=1e-3)
    assert float(objective(zero, generator)) == pytest.approx(of_zero, rel=0.03)


def test_weighted_objective_has_the_bounds_weights(generator):
    weights = SCHEDULE.betas / (2 * SCHEDULE.alphas * (1 - SCHEDULE.alphas_cumprod))
    objective = weighted_objective(constant, 100_000, SCHEDULE)
    assert float(objective(zero, generator)) == pytest.approx(float(weights.mean()), rel=0.03)


def test_hierarchical_levels_are_uniform_inside_uniform_segments(generator):
    schedule = NoiseSchedule.from_name("linear", 4, 0.1, 0.6)
    levels = hierarchical_noise_levels(200_000, schedule, generator)
    ends = torch.cat([torch.ones(1, dtype=torch.float64), schedule.noise_levels]).flip(0)
    shares = torch.histogram(levels, ends).hist / len(levels)
    assert torch.allclose(shares, torch.full((4,), 0.25, dtype=torch.float64), atol=0.006)
    first = levels[(levels > ends[0]) & (levels < ends[1])]
    assert float(first.mean()) == pytest.approx(float(ends[:2].mean()), abs=1e-3)


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2))
def test_kl_equals_torchs(mean1, log_var1, mean2, log_var2):
    ours = normal_kl(*(torch.tensor(v).double() for v in (mean1, log_var1, mean2, log_var2)))
    p, q = (
        torch.distributions.Normal(m, math.exp(v / 2))
        for m, v in ((mean1, log_var1), (mean2, log_var2))
    )
    theirs = torch.distributions.kl_divergence(p, q)
    assert float(ours) == pytest.approx(float(theirs), abs=1e-4, rel=1e-4)


def test_nll_equals_torchs():
    x, mean, log_var = torch.tensor([0.3, -1.0, 0.4])
    theirs = -torch.distributions.Normal(mean, (log_var / 2).exp()).log_prob(x)
    assert float(normal_nll(x, mean, log_var)) == pytest.approx(float(theirs), rel=1e-6)


class ExactReverse:
    """p(x_{t-1} | x_t) of Gaussian data N(0, v), which is Gaussian and known."""

    def __init__(self, schedule: NoiseSchedule, variance: float) -> None:
        self.schedule, self.variance = schedule, variance

    def __call__(self, x_t, noise_level):
        t = (noise_level[:, None] - self.schedule.noise_levels).abs().argmin(dim=1)
        previous = self.schedule.alphas_cumprod_prev[t][:, None]
        alpha = self.schedule.alphas[t][:, None]
        before = previous * self.variance + 1 - previous  # Var x_{t-1}
        now = alpha * before + 1 - alpha
        variance = before * (1 - alpha) / now
        return alpha.sqrt() * before / now * x_t, variance.log().expand_as(x_t)


def test_bound_is_tight_for_the_exact_reverse_process():
    # With the true reverse process the bound misses only the KL of q(x_T) to N(0, I), so that it
    # equals the entropy of the data: ½ ln(2πe v) a coordinate.
    schedule, variance = NoiseSchedule.from_name("linear", 60, 0.01, 0.4), 0.3
    generator = torch.Generator().manual_seed(0)
    n = 4_000
    exact = ExactReverse(schedule, variance)
    total = torch.zeros(n, dtype=torch.float64)
    x_0 = math.sqrt(variance) * torch.randn(n, 2, generator=generator, dtype=torch.float64)
    for t in range(len(schedule)):
        noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
        total += bound_terms(exact, x_0, torch.full((n,), t), schedule, noise)
    bound = float((total + prior_kl(x_0, schedule)).mean())
    entropy = 0.5 * math.log(2 * math.pi * math.e * variance)
    assert bound == pytest.approx(entropy, abs=0.05)


def test_learned_reverse_samples_its_distribution(generator):
    schedule, variance = NoiseSchedule.from_name("linear", 60, 0.01, 0.4), 0.3
    *_, last = learned_reverse(ExactReverse(schedule, variance), schedule, (20_000, 2), generator)
    # No noise at the last step: its variance β̃ is missing, 0.01 of 0.3.
    assert float(last.x.var()) == pytest.approx(variance - 0.01, rel=0.05)


@pytest.mark.parametrize("make", [simple_objective, weighted_objective])
def test_gradients_reach_the_network(make, generator):
    network = ResidualMLP(width=16, blocks=1)
    make(swiss_roll.sample, 32, SCHEDULE)(network, generator).backward()
    assert all(p.grad is not None for p in network.parameters())


def test_variational_objective_reaches_mean_and_variance(generator):
    network = ReverseMLP(SCHEDULE, width=16, blocks=1)
    variational_objective(swiss_roll.sample, 32, SCHEDULE)(network, generator).backward()
    gradient = network.leave.weight.grad
    assert gradient is not None
    assert bool((gradient.abs().sum(dim=1) > 0).all())


def test_wavegrad_hands_each_sound_its_own_condition(generator):
    def draw(n, generator):
        x = torch.randn(n, 8, generator=generator)
        return x, x.clone()

    def knows(x_t, noise_level, condition=None):
        level = noise_level[:, None]
        return ((x_t - level * condition) / (1 - level**2).sqrt()).float()

    assert float(wavegrad_objective(draw, 64, SCHEDULE)(knows, generator)) < 0.01


@pytest.mark.parametrize("n", [6, 7])
def test_antithetic_steps_mirror_one_another(n, generator):
    t = random_timesteps(n, 50, generator, antithetic=True)
    half = (n + 1) // 2
    assert t.shape == (n,)
    assert torch.equal(t[half:], 49 - t[: n - half])
    assert bool(((t >= 0) & (t < 50)).all())


def test_antithetic_steps_are_uniform_and_vary_less(generator):
    def means(antithetic):
        draws = (random_timesteps(64, 50, generator, antithetic) for _ in range(500))
        return torch.stack([SCHEDULE.betas[t].mean() for t in draws])

    independent, antithetic = means(False), means(True)
    assert float(antithetic.mean()) == pytest.approx(float(SCHEDULE.betas.mean()), rel=0.01)
    assert float(antithetic.std()) < 0.2 * float(independent.std())
