import math

import diffusers
import pytest
import torch

import diffusion
from diffusion import NoiseSchedule, iterate, sample, swiss_roll
from diffusion.metrics import ratio_to_real, share_off_curve, sliced_wasserstein, squared_mmd

ALL = ("ddpm", "ddim", "euler", "heun", "dpm++2m")


def small_network(x_t, noise_level, condition=None):
    """Some smooth function, the same for ours and theirs."""
    return torch.tanh(x_t + noise_level[:, None]) + 0.3 * x_t.flip(1)


def start(n: int = 8) -> torch.Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def in_float64(scheduler):
    """Give a diffusers scheduler our float64 levels; its own tables are float32."""
    schedule = NoiseSchedule.from_name("linear", 1000, 1e-4, 0.02)
    scheduler.betas = schedule.betas
    scheduler.alphas = schedule.alphas
    scheduler.alphas_cumprod = schedule.alphas_cumprod
    scheduler.one = torch.tensor(1.0, dtype=torch.float64)
    scheduler.final_alpha_cumprod = scheduler.one
    return schedule, scheduler


@pytest.mark.parametrize("variance_type", ["fixed_small", "fixed_large"])
@pytest.mark.parametrize("steps", [10, 1000])
def test_ddpm_equals_diffusers_step_by_step(variance_type, steps):
    schedule, theirs = in_float64(
        diffusers.DDPMScheduler(variance_type=variance_type, clip_sample=False)
    )
    theirs.set_timesteps(steps)
    ours = iterate(
        small_network,
        schedule,
        (8, 2),
        "ddpm",
        num_inference_steps=steps,
        variance_type=variance_type,
        timestep_spacing="leading",
        generator=torch.Generator().manual_seed(5),
        initial=start(),
    )
    x, generator = start(), torch.Generator().manual_seed(5)
    for t, state in zip(theirs.timesteps, ours, strict=False):
        assert torch.allclose(state.x, x, rtol=0, atol=1e-10)
        eps = small_network(x, schedule.noise_levels[t].expand(8))
        x = theirs.step(eps, t, x, generator=generator).prev_sample
    assert torch.allclose(next(ours).x, x, rtol=0, atol=1e-10)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("spacing", ["leading", "trailing"])
def test_ddim_equals_diffusers_step_by_step(eta, spacing):
    schedule, theirs = in_float64(
        diffusers.DDIMScheduler(clip_sample=False, timestep_spacing=spacing)
    )
    theirs.set_timesteps(20)
    ours = iterate(
        small_network,
        schedule,
        (8, 2),
        "ddim",
        num_inference_steps=20,
        eta=eta,
        timestep_spacing=spacing,
        generator=torch.Generator().manual_seed(5),
        initial=start(),
    )
    x, generator = start(), torch.Generator().manual_seed(5)
    for t, state in zip(theirs.timesteps, ours, strict=False):
        assert torch.allclose(state.x, x, rtol=0, atol=1e-10)
        eps = small_network(x, schedule.noise_levels[t].expand(8))
        x = theirs.step(eps, t, x, eta=eta, generator=generator).prev_sample
    assert torch.allclose(next(ours).x, x, rtol=0, atol=1e-10)


def test_euler_is_ddim_without_noise():
    schedule = NoiseSchedule.from_name("squaredcos_cap_v2", 50)
    states = [
        list(iterate(small_network, schedule, (8, 2), name, initial=start()))
        for name in ("euler", "ddim")
    ]
    for euler, ddim in zip(*states, strict=True):
        assert torch.allclose(euler.x, ddim.x, rtol=1e-9, atol=1e-9)


def moments_error(x: torch.Tensor, oracle) -> float:
    """Deviation of mean and spread from the target's, in standard deviations of the target."""
    std = math.sqrt(oracle.variance)
    return max(abs(float(x.mean()) - oracle.mean) / std, abs(float(x.std()) / std - 1))


@pytest.mark.parametrize("sampler", ALL)
def test_gaussian_comes_out_with_its_moments(sampler, gaussian_oracle):
    schedule = NoiseSchedule.from_name("squaredcos_cap_v2", 200)
    generator = torch.Generator().manual_seed(2)
    x = sample(gaussian_oracle, schedule, (20_000, 2), sampler, generator=generator)
    # The standard error of mean and spread is 0.005 at most; what is left are the steps.
    assert moments_error(x, gaussian_oracle) < 0.05


def test_gaussian_has_known_moments_at_every_step(gaussian_oracle):
    # x_t of a Gaussian N(m, v) is N(√ᾱ m, ᾱ v + 1 - ᾱ) all the way, for any exact sampler.
    schedule = NoiseSchedule.from_name("linear", 500, 1e-4, 0.04)
    generator = torch.Generator().manual_seed(2)
    for state in iterate(gaussian_oracle, schedule, (20_000, 2), "dpm++2m", generator=generator):
        level = state.noise_level
        variance = level**2 * gaussian_oracle.variance + 1 - level**2
        assert float(state.x.mean()) == pytest.approx(level * gaussian_oracle.mean, abs=0.03)
        assert float(state.x.var()) == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize(("coarse", "order"), [("euler", 1), ("heun", 2), ("dpm++2m", 2)])
def test_solvers_have_their_order(coarse, order, gaussian_oracle):
    # The flow of a Gaussian is x ↦ level m + sd(level) z with one z: the exact end is known.
    # A ladder in equal steps of ln σ, that ends above zero noise, where all solvers are regular.
    def ladder(steps: int) -> list[float]:
        sigmas = torch.logspace(1, -2, steps + 1, dtype=torch.float64)
        return (1 / (1 + sigmas**2)).tolist()

    def end(steps: int) -> float:
        levels = ladder(steps)
        denoise = diffusion.samplers.Denoiser(gaussian_oracle, None, None)
        x = start()
        solver = {
            "euler": diffusion.samplers.euler,
            "heun": diffusion.samplers.heun,
            "dpm++2m": diffusion.samplers.dpm_solver_pp_2m,
        }[coarse]
        *_, last = solver(denoise, x, levels)

        def spread(level: float) -> float:
            return math.sqrt(level * gaussian_oracle.variance + 1 - level)

        first, final = levels[0], levels[-1]
        z = (x - math.sqrt(first) * gaussian_oracle.mean) / spread(first)
        exact = math.sqrt(final) * gaussian_oracle.mean + spread(final) * z
        return float((last.x - exact).abs().max())

    observed = math.log2(end(80) / end(160))
    assert observed == pytest.approx(order, abs=0.35)


def test_ode_round_trip(generator):
    # Data up the probability-flow ODE to noise and down again, by Heun with the exact score.
    data = swiss_roll.sample(64, generator).double()
    sigmas = torch.logspace(-2, 1, 120, dtype=torch.float64)
    levels = (1 / (1 + sigmas**2)).tolist()
    denoise = diffusion.samplers.Denoiser(swiss_roll.Oracle(), None, None)
    *_, noise = diffusion.samplers.heun(denoise, data * math.sqrt(levels[0]), levels)
    *_, back = diffusion.samplers.heun(denoise, noise.x, levels[::-1])
    error = (back.x / math.sqrt(levels[0]) - data).norm(dim=1)
    assert float(error.median()) < 2e-3
    assert float(noise.x.std()) > 0.9  # it did become noise


def test_swiss_roll_comes_out_of_the_oracle(generator):
    schedule = NoiseSchedule.from_name("scaled_linear", 100, 1e-5, 0.25)
    n = 1500
    real = [swiss_roll.sample(n, generator) for _ in range(4)]
    x = sample(swiss_roll.Oracle(), schedule, (n, 2), "ddpm", generator=generator)
    # Measured 1.2 and 1.4 with 10,000 points; fewer make the floor higher, and the ratio lower.
    assert ratio_to_real(sliced_wasserstein, [x], real) < 1.8
    assert ratio_to_real(squared_mmd, [x], real) < 2
    assert share_off_curve(x) < 0.01


def test_trajectory_has_its_states(gaussian_oracle):
    schedule = NoiseSchedule.from_name("linear", 100)
    states = list(iterate(gaussian_oracle, schedule, (3, 2), num_inference_steps=10))
    assert [state.index for state in states] == list(range(10, -1, -1))
    assert states[-1].noise_level == 1
    assert torch.equal(states[-1].x, states[-1].pred_original_sample)
    assert states[0].noise_level == pytest.approx(float(schedule.noise_levels[-1]))


def test_sample_keeps_no_graph_and_repeats_with_a_seed():
    schedule = NoiseSchedule.from_name("linear", 20)
    network = torch.nn.Linear(2, 2)

    def predictor(x_t, noise_level, condition=None):
        return network(x_t)

    x, y = (
        sample(predictor, schedule, (4, 2), generator=torch.Generator().manual_seed(3))
        for _ in range(2)
    )
    assert not x.requires_grad
    assert torch.equal(x, y)


@pytest.mark.parametrize("sampler", ALL)
def test_samples_do_not_depend_on_the_batch_size(sampler, gaussian_oracle):
    schedule = NoiseSchedule.from_name("linear", 20)

    def batch(n: int) -> torch.Tensor:
        generators = [torch.Generator().manual_seed(i) for i in range(n)]
        return sample(gaussian_oracle, schedule, (n, 2), sampler, generator=generators)

    assert torch.allclose(batch(2), batch(5)[:2], atol=1e-6)


def test_no_noise_at_the_last_step():
    # Two runs that differ in their noise only, from x_0's own posterior: the last step is a mean.
    schedule = NoiseSchedule.from_name("linear", 2, 0.1, 0.2)
    oracle = torch.zeros_like

    def predictor(x_t, noise_level, condition=None):
        return oracle(x_t)

    states = list(iterate(predictor, schedule, (4, 2), generator=torch.Generator().manual_seed(0)))
    assert torch.allclose(states[-1].x, states[-2].pred_original_sample)


def test_clipping_bounds_the_original_sample():
    schedule = NoiseSchedule.from_name("linear", 50)
    for state in iterate(small_network, schedule, (8, 2), "ddim", clip_sample_range=0.5):
        if state.index:
            assert float(state.pred_original_sample.abs().max()) <= 0.5


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"sampler": "plms"}, "plms"),
        ({"eta": 1.5}, "1.5"),
        ({"eta": float("nan")}, "nan"),
        ({"variance_type": "learned"}, "learned"),
        ({"num_inference_steps": 2000}, "2000"),
        ({"num_inference_steps": 0}, "0"),
        ({"num_inference_steps": 2.5}, "2.5"),
        ({"initial": torch.zeros(2, 2)}, "initial"),
        ({"generator": [torch.Generator()]}, "1 generators for 3"),
    ],
)
def test_refuses_bad_options(options, named, gaussian_oracle):
    schedule = NoiseSchedule.from_name("linear", 100)
    with pytest.raises(ValueError, match=named):
        list(iterate(gaussian_oracle, schedule, (3, 2), **options))


@pytest.mark.parametrize("steps", range(1, 101))
def test_sampling_starts_where_the_noise_is(steps):
    schedule = NoiseSchedule.from_name("linear", 100)
    ladder = schedule.ladder(steps)
    assert ladder[0] == schedule.alphas_cumprod[-1]
    assert ladder[-1] == 1
    assert bool((ladder.diff() > 0).all())


def test_leading_spacing_may_start_too_low():
    # 51 of 100 steps: T // N = 1, so only the lower half is visited.
    schedule = NoiseSchedule.from_name("linear", 100)
    assert schedule.ladder(51, "leading")[0] == schedule.alphas_cumprod[50]
