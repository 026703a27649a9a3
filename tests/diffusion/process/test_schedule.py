import math

import diffusers
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusion import NoiseSchedule, add_noise
from diffusion.process.denoising import (
    posterior_mean,
    posterior_variance,
    predict_noise,
    predict_original_sample,
)
from diffusion.process.named_schedules import karras_sigmas

NAMES = ("linear", "scaled_linear", "sigmoid", "squaredcos_cap_v2")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [50, 1000])
def test_equals_diffusers(name, steps):
    ours = NoiseSchedule.from_name(name, steps, 1e-4, 0.02)
    theirs = diffusers.DDPMScheduler(steps, 1e-4, 0.02, beta_schedule=name)
    # Theirs are float32, so that small β and products of many α carry their rounding.
    assert torch.allclose(ours.betas, theirs.betas.double(), rtol=1e-4, atol=1e-7)
    assert torch.allclose(ours.alphas_cumprod, theirs.alphas_cumprod.double(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spacing", ["leading", "trailing"])
@pytest.mark.parametrize("steps", [10, 25, 100])
def test_timesteps_equal_diffusers(name, spacing, steps):
    ours = NoiseSchedule.from_name(name, 1000, 1e-4, 0.02)
    theirs = diffusers.DDIMScheduler(1000, timestep_spacing=spacing, steps_offset=0)
    theirs.set_timesteps(steps)
    assert torch.equal(ours.timesteps(steps, spacing), theirs.timesteps)


@given(st.sampled_from(NAMES), st.integers(2, 300), st.floats(1e-6, 0.01), st.floats(0.011, 0.5))
def test_derived_quantities_agree(name, steps, start, end):
    schedule = NoiseSchedule.from_name(name, steps, start, end)
    assert schedule.betas.dtype == torch.float64
    assert len(schedule) == steps
    assert bool((schedule.alphas_cumprod.diff() < 0).all())
    ratio = schedule.alphas_cumprod / (1 - schedule.alphas_cumprod)
    assert torch.allclose(schedule.snr, ratio)
    assert torch.allclose(schedule.sigmas, schedule.snr**-0.5)
    assert torch.allclose(schedule.noise_levels**2, schedule.alphas_cumprod)
    assert schedule.posterior_variance[0] == 0
    assert bool((schedule.posterior_variance <= schedule.betas * (1 + 1e-9)).all())
    assert schedule.terminal_snr == pytest.approx(float(schedule.snr[-1]))


@pytest.mark.parametrize("steps", [1, 2, 100])
def test_the_nearest_timestep_is_that_of_the_least_difference(steps, generator):
    schedule = NoiseSchedule.from_name("linear", steps, 1e-4, 0.2)
    levels = schedule.noise_levels
    between = torch.rand(200, generator=generator)  # float32, as the networks' argument
    beyond = torch.tensor([0.0, 1.0])
    for level in (levels, levels.float(), levels[:1].expand(3), between, beyond):
        differences = (level[:, None] - levels).abs()
        assert schedule.nearest_timesteps(level).equal(differences.argmin(dim=1))


def test_posterior_equals_bayes_rule():
    # q(x_{t-1} | x_t, x_0) ∝ q(x_t | x_{t-1}) q(x_{t-1} | x_0): a product of two Gaussians.
    schedule = NoiseSchedule.from_name("linear", 20, 1e-3, 0.2)
    x_0, x_t = torch.tensor(0.8, dtype=torch.float64), torch.tensor(-0.3, dtype=torch.float64)
    for t in range(1, 20):
        alpha, beta = float(schedule.alphas[t]), float(schedule.betas[t])
        level, previous = (float(schedule.alphas_cumprod[i]) for i in (t, t - 1))
        precision = alpha / beta + 1 / (1 - previous)
        mean = (
            math.sqrt(alpha) / beta * x_t + math.sqrt(previous) / (1 - previous) * x_0
        ) / precision
        assert posterior_variance(level, previous) == pytest.approx(1 / precision, rel=1e-12)
        assert float(schedule.posterior_variance[t]) == pytest.approx(1 / precision, rel=1e-12)
        assert posterior_mean(x_0, x_t, level, previous).item() == pytest.approx(float(mean))


@given(st.floats(1e-4, 0.9999))
def test_noise_and_original_sample_are_inverse(level):
    generator = torch.Generator().manual_seed(0)
    x_0, noise = torch.randn(2, 5, 3, generator=generator, dtype=torch.float64)
    x_t = add_noise(x_0, noise, torch.full((5,), level, dtype=torch.float64))
    assert torch.allclose(predict_original_sample(x_t, noise, level), x_0, atol=1e-9)
    assert torch.allclose(predict_noise(x_t, x_0, level), noise, atol=1e-9)


def test_forward_process_has_the_stated_moments(generator):
    schedule = NoiseSchedule.from_name("linear", 10, 0.01, 0.3)
    n = 200_000
    x_0 = torch.full((n, 1), 0.5, dtype=torch.float64)
    noise = torch.randn(n, 1, generator=generator, dtype=torch.float64)
    x_t = schedule.q_sample(x_0, noise, torch.full((n,), 6))
    level = float(schedule.alphas_cumprod[6])
    # Six standard errors: fails by chance once in 5e8 runs, and the seed is fixed.
    assert abs(x_t.mean() - 0.5 * math.sqrt(level)) < 6 * math.sqrt((1 - level) / n)
    assert abs(x_t.var() / (1 - level) - 1) < 6 * math.sqrt(2 / n)


def test_says_whether_it_reaches_noise():
    notebook = NoiseSchedule.from_name("sigmoid", 100, 1e-5, 1e-2)
    assert notebook.alphas_cumprod[-1] == pytest.approx(0.605, abs=1e-3)
    assert not notebook.reaches_noise
    assert "does not reach noise" in str(notebook.shortfall)
    ho = NoiseSchedule.from_name("linear", 1000, 1e-4, 0.02)
    assert ho.reaches_noise
    assert ho.shortfall is None


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("quad",), "quad"),
        (("linear", 0), "0"),
        (("linear", 10, 0.5, 0.1), "0.5"),
        (("linear", 10, float("nan"), 0.1), "nan"),
        (("linear", 10, 1e-4, 1.5), "1.5"),
    ],
)
def test_refuses_bad_values(arguments, named):
    with pytest.raises(ValueError, match=named):
        NoiseSchedule.from_name(*arguments)


def test_refuses_bad_betas_and_steps():
    with pytest.raises(ValueError, match="betas"):
        NoiseSchedule(torch.tensor([0.1, 1.0]))
    with pytest.raises(ValueError, match="betas"):
        NoiseSchedule(torch.tensor([]))
    schedule = NoiseSchedule.from_name("linear", 100)
    with pytest.raises(ValueError, match="101"):
        schedule.timesteps(101)
    with pytest.raises(ValueError, match="middle"):
        schedule.timesteps(10, "middle")


def test_schedule_from_sigmas_visits_them():
    sigmas = karras_sigmas(12, 1e-3, 50.0)
    schedule = NoiseSchedule.from_sigmas(sigmas)
    assert torch.allclose(schedule.sigmas, sigmas, rtol=1e-6)
    assert sigmas[0] == pytest.approx(1e-3)
    assert sigmas[-1] == pytest.approx(50)
    assert torch.allclose((sigmas ** (1 / 7)).diff().diff(), torch.zeros(10).double(), atol=1e-12)


def test_karras_sigmas_equal_diffusers():
    theirs = diffusers.EulerDiscreteScheduler(use_karras_sigmas=True)
    theirs.set_timesteps(15)
    rising = theirs.sigmas[:-1].flip(0).double()
    ours = karras_sigmas(15, float(rising[0]), float(rising[-1]))
    assert torch.allclose(ours, rising, rtol=1e-4)


def test_bad_sigmas_are_refused():
    for sigmas in ([1.0, 0.5], [0.0, 1.0], [], [1.0, math.nan], [1.0, math.inf]):
        with pytest.raises(ValueError, match="sigmas"):
            NoiseSchedule.from_sigmas(torch.tensor(sigmas))
    with pytest.raises(ValueError, match="sigma_min"):
        karras_sigmas(5, 1.0, 0.5)
    with pytest.raises(ValueError, match="rho must not be 0"):
        karras_sigmas(5, 0.5, 1.0, rho=0)
    with pytest.raises(ValueError, match=">= 2"):
        karras_sigmas(1, 0.1, 1.0)


def test_noise_is_added_at_alphas_between_0_and_1_only():
    x = torch.ones(1, 2)
    assert torch.equal(add_noise(x, 2 * x, torch.tensor([1.0])), x)
    assert torch.equal(add_noise(x, 2 * x, torch.tensor([0.0])), 2 * x)
    for alpha_cumprod in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="alpha_cumprod"):
            add_noise(x, x, torch.tensor([alpha_cumprod]))
        with pytest.raises(ValueError, match="alpha_cumprod"):
            add_noise(x, x, alpha_cumprod)
    two, noise = torch.ones(2, 3), torch.full((2, 3), 2.0)
    same = torch.tensor([0.3, 0.3], dtype=torch.float64)
    assert torch.equal(add_noise(two, noise, 0.3), add_noise(two, noise, same))


def test_numpy_counts_steps_too():
    schedule = NoiseSchedule.from_name("linear", 100)
    assert torch.equal(schedule.timesteps(np.int64(10)), schedule.timesteps(10))


def test_one_step_has_a_variance_for_its_decoder():
    schedule = NoiseSchedule(torch.tensor([0.3]))
    assert schedule.posterior_variance_clipped.tolist() == schedule.betas.tolist()
