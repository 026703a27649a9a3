import math
import warnings
from functools import partial

import diffusers
import pytest
import torch

import diffusion
from diffusion import NoiseSchedule, iterate, sample
from diffusion.data import swiss_roll
from diffusion.evaluation.sample_quality import RealPoints
from diffusion.networks import ResidualMLP, ReverseMLP, SoftplusReverseMLP
from diffusion.process.denoising import (
    original_of_posterior_mean,
    posterior_mean,
    posterior_variance,
)
from diffusion.process.named_schedules import karras_sigmas
from diffusion.process.schedule import add_noise
from diffusion.sampling import solvers
from diffusion.sampling.learned_variance import learned_reverse
from diffusion.sampling.samplers import SAMPLERS, SOLVERS, num_evaluations
from diffusion.sampling.start import NotNoiseWarning

# The samplers' algebra does not depend on where a schedule ends; what warns has its own test.
pytestmark = pytest.mark.filterwarnings("ignore::diffusion.sampling.start.NotNoiseWarning")

ALL = ("ddpm", "ddim", "euler", "heun", "dpm++2m")  # "langevin" has its own moments


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
@pytest.mark.parametrize("clip", [False, True])
def test_ddpm_equals_diffusers_step_by_step(variance_type, steps, clip):
    schedule, theirs = in_float64(
        diffusers.DDPMScheduler(variance_type=variance_type, clip_sample=clip)
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
        constrain=partial(torch.clamp, min=-1, max=1) if clip else None,
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


@pytest.mark.parametrize("sampler", ALL)
def test_gaussian_has_known_moments_at_every_step(sampler, gaussian_oracle):
    # x_t of a Gaussian N(m, v) is N(√ᾱ m, ᾱ v + 1 - ᾱ) all the way, for any exact sampler.
    # Of 40,000 numbers the mean has a standard error of 0.005 and the variance of 0.7 %: at 5 of
    # them one of 500 steps fails by chance in 6e-4 of all seeds.
    schedule = NoiseSchedule.from_name("linear", 500, 1e-4, 0.04)
    generator = torch.Generator().manual_seed(2)
    for state in iterate(gaussian_oracle, schedule, (20_000, 2), sampler, generator=generator):
        level = state.noise_level
        variance = level**2 * gaussian_oracle.variance + 1 - level**2
        assert float(state.x.mean()) == pytest.approx(level * gaussian_oracle.mean, abs=0.03)
        assert float(state.x.var()) == pytest.approx(variance, rel=0.05)


def test_langevin_has_the_moments_of_its_recursion(gaussian_oracle):
    # On N(m, V) a step y - δ/2 (y - m)/V + √δ z shrinks y - m by a = 1 - δ/2V and adds δ.
    sigmas = karras_sigmas(12, 0.05, 2.0, 3.0)
    n, generator = 40_000, torch.Generator().manual_seed(2)
    states = iterate(
        gaussian_oracle, NoiseSchedule.from_sigmas(sigmas), (n, 1), "langevin", generator=generator
    )
    m, v = gaussian_oracle.mean, gaussian_oracle.variance
    start = next(states)
    y = start.x / start.noise_level
    mean, variance = float(y.mean()), float(y.var())  # of the noise that was drawn
    for sigma, state in zip(sigmas.flip(0)[:-1].tolist(), states, strict=False):
        step = solvers.LANGEVIN_STEP_SIZE * sigma**2
        for _ in range(solvers.LANGEVIN_STEPS):
            shrink = 1 - step / 2 / (v + sigma**2)
            mean, variance = m + shrink * (mean - m), shrink**2 * variance + step
        y = state.x / state.noise_level
        # Standard errors √(variance/n) and √(2/n); 5 of them: 6e-6 of all seeds fail by chance.
        assert float(y.mean()) == pytest.approx(mean, abs=5 * math.sqrt(variance / n))
        assert float(y.var()) == pytest.approx(variance, rel=5 * math.sqrt(2 / n))


@pytest.mark.parametrize(("coarse", "order"), [("euler", 1), ("heun", 2), ("dpm++2m", 2)])
def test_solvers_have_their_order(coarse, order, gaussian_oracle):
    # The flow of a Gaussian is x ↦ level m + sd(level) z with one z: the exact end is known.
    # Equal steps of ln σ that end above zero noise, where all solvers are regular.
    def even_levels(steps: int) -> list[float]:
        sigmas = torch.logspace(1, -2, steps + 1, dtype=torch.float64)
        return (1 / (1 + sigmas**2)).tolist()

    def end(steps: int) -> float:
        levels = even_levels(steps)
        denoise = solvers.Denoiser(gaussian_oracle, None, None)
        x = start()
        *_, last = SOLVERS[coarse](denoise, x, levels)

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
    denoise = solvers.Denoiser(swiss_roll.Oracle(), None, None)
    *_, noise = solvers.heun(denoise, data * math.sqrt(levels[0]), levels)
    *_, back = solvers.heun(denoise, noise.x, levels[::-1])
    error = (back.x / math.sqrt(levels[0]) - data).norm(dim=1)
    assert float(error.median()) < 2e-3
    assert float(noise.x.std()) > 0.9  # it did become noise


@pytest.mark.parametrize(
    ("sampler", "steps", "limits"),
    [
        ("ddpm", 100, (1.4, 1.4)),
        ("dpm++2m", 20, (1.3, 1.2)),
        ("dpm++2m", 10, (1.35, 1.6)),
        ("ddim", 10, (2.9, 4.4)),
    ],
)
def test_swiss_roll_comes_out_of_the_oracle(sampler, steps, limits):
    # The limits are those of 10,000 points, where `python -m diffusion quality` has less for each;
    # 2,000 points make the floor higher, and the ratio lower.
    schedule, moments = NoiseSchedule.from_name("scaled_linear", 100, 1e-5, 0.25), None
    if steps < 100:
        schedule = NoiseSchedule.from_sigmas(karras_sigmas(steps, 0.02, 1.0, 3.0))
        moments = swiss_roll.moments()
    x = sample(
        swiss_roll.Oracle(),
        schedule,
        (2_000, 2),
        sampler,
        generator=torch.Generator().manual_seed(0),
        data_moments=moments,
    )
    quality = RealPoints(2_000).quality([x])
    assert quality.sw2 < limits[0]
    assert quality.mmd2 < limits[1]
    assert quality.off < 0.03


def test_a_matched_start_has_the_moments_of_the_noised_data():
    schedule = NoiseSchedule.from_sigmas(torch.tensor([0.5, 1.0]))
    n = 100_000
    generator = torch.Generator().manual_seed(0)
    start = next(
        iterate(
            swiss_roll.Oracle(),
            schedule,
            (n, 2),
            generator=generator,
            data_moments=swiss_roll.moments(),
        )
    ).x
    level = schedule.alphas_cumprod[-1]
    data = swiss_roll.sample(n, generator)
    real = level.sqrt() * data + (1 - level).sqrt() * torch.randn(n, 2, generator=generator)
    # The standard errors of the differences are 0.004 at most: 1e-6 of all seeds fail at 0.02.
    assert torch.allclose(start.mean(0), real.mean(0).to(start), atol=0.02)
    assert torch.allclose(start.T.cov(), real.T.cov().to(start), atol=0.02)


def test_a_learned_variance_that_is_the_posteriors_is_ddpm(gaussian_oracle):
    schedule = NoiseSchedule.from_name("linear", 30, 1e-4, 0.3)
    pairs = schedule.alphas_cumprod.tolist(), schedule.alphas_cumprod_prev.tolist()
    levels = dict(zip(*pairs, strict=True))

    def network(x_t, noise_level):
        level = min(levels, key=lambda each: abs(each - float(noise_level[0]) ** 2))
        eps = gaussian_oracle(x_t, noise_level)
        original = (x_t - (1 - level) ** 0.5 * eps) / level**0.5
        variance = posterior_variance(level, levels[level])
        log_var = torch.full_like(x_t, math.log(max(variance, 1e-300)))
        return posterior_mean(original, x_t, level, levels[level]), log_var

    ours, simple = (
        list(run)
        for run in (
            learned_reverse(
                network, schedule, (8, 2), torch.Generator().manual_seed(5), initial=start()
            ),
            iterate(
                gaussian_oracle,
                schedule,
                (8, 2),
                generator=torch.Generator().manual_seed(5),
                initial=start(),
            ),
        )
    )
    assert len(ours) == len(simple)
    for a, b in zip(ours, simple, strict=True):
        assert (a.index, a.noise_level) == (b.index, b.noise_level)
        assert torch.allclose(a.x, b.x, rtol=0, atol=1e-6)
        assert torch.allclose(a.pred_original_sample, b.pred_original_sample, rtol=0, atol=1e-4)


def test_the_original_comes_back_from_the_posterior_mean():
    x_t, x_0 = start(), start().flip(0)
    mean = posterior_mean(x_0, x_t, 0.3, 0.7)
    assert torch.allclose(original_of_posterior_mean(mean, x_t, 0.3, 0.7), x_0)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_evaluations_are_counted(sampler, gaussian_oracle):
    asked = 0

    def predictor(x_t, noise_level, condition=None):
        nonlocal asked
        asked += 1
        return gaussian_oracle(x_t, noise_level)

    sample(predictor, NoiseSchedule.from_name("linear", 20), (2, 2), sampler, num_inference_steps=7)
    assert asked == num_evaluations(sampler, 7)


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


@pytest.mark.parametrize("sampler", ["ddim", "heun", "dpm++2m"])
def test_noised_data_is_followed_back_from_its_own_level(gaussian_oracle, sampler):
    # The flow of a Gaussian is linear: x_0 is as many deviations from its mean as x_t from its own.
    mean, std = gaussian_oracle.mean, gaussian_oracle.variance**0.5
    schedule = NoiseSchedule.from_sigmas(karras_sigmas(200, 1e-3, 0.5))
    level = schedule.alphas_cumprod[-1]
    x_0 = mean + std * start()
    x_t = add_noise(x_0, start(), level.expand(len(x_0)))
    *_, last = iterate(gaussian_oracle, schedule, (8, 2), sampler, initial=x_t)
    spread = (level * std**2 + 1 - level).sqrt()
    expected = mean + std * (x_t - level.sqrt() * mean) / spread
    assert torch.allclose(last.x, expected, rtol=0, atol=0.02)


def test_a_constraint_holds_for_what_is_predicted_and_for_the_noise_that_follows():
    schedule = NoiseSchedule.from_name("linear", 50)
    clamp = partial(torch.clamp, min=-0.5, max=0.5)
    *states, last = iterate(small_network, schedule, (8, 2), "ddim", constrain=clamp)
    for state in states:
        assert float(state.pred_original_sample.abs().max()) <= 0.5
    assert torch.allclose(last.x, states[-1].pred_original_sample)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"sampler": "plms"}, "plms"),
        ({"sampler": "ddim", "eta": 1.5}, "1.5"),
        ({"sampler": "ddim", "eta": float("nan")}, "nan"),
        ({"eta": 0.0}, "eta=0.0 is an option of the sampler 'ddim'"),
        ({"sampler": "ddim", "variance_type": "fixed_large"}, "of the sampler 'ddpm'"),
        ({"timestep_spacing": "leading"}, "give num_inference_steps"),
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
        iterate(gaussian_oracle, schedule, (3, 2), **options)  # at the call, before any step
    with pytest.raises(ValueError, match=named):
        sample(gaussian_oracle, schedule, (3, 2), **options)


@pytest.mark.parametrize("steps", range(1, 101))
def test_sampling_starts_where_the_noise_is(steps):
    schedule = NoiseSchedule.from_name("linear", 100)
    alphas_cumprod = schedule.inference_alphas_cumprod(steps)
    assert alphas_cumprod[0] == schedule.alphas_cumprod[-1]
    assert alphas_cumprod[-1] == 1
    assert bool((alphas_cumprod.diff() > 0).all())


def test_leading_spacing_may_start_too_low():
    # 51 of 100 steps: T // N = 1, so only the lower half is visited.
    schedule = NoiseSchedule.from_name("linear", 100)
    assert schedule.inference_alphas_cumprod(51, "leading")[0] == schedule.alphas_cumprod[50]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_network_in_float64_is_sampled_in_float64(sampler):
    network = ResidualMLP(width=8, blocks=1).double()
    schedule = NoiseSchedule.from_name("linear", 20, 1e-3, 0.5)
    x = sample(network, schedule, (4, 2), sampler, num_inference_steps=3)
    assert x.dtype == torch.float64
    again = sample(network, schedule, (4, 2), sampler, num_inference_steps=3, initial=start(4))
    assert again.dtype == torch.float64
    assert bool(torch.isfinite(again).all())


def test_sample_starts_from_what_is_given(gaussian_oracle):
    schedule = NoiseSchedule.from_name("linear", 20, 1e-3, 0.5)
    x = sample(gaussian_oracle, schedule, (8, 2), "ddim", initial=start())
    *_, last = iterate(gaussian_oracle, schedule, (8, 2), "ddim", initial=start())
    assert torch.equal(x, last.x)


def test_a_start_from_noise_that_the_schedule_does_not_reach_warns(gaussian_oracle):
    short = NoiseSchedule.from_name("linear", 20)
    for run in (iterate, sample):
        with pytest.warns(NotNoiseWarning, match="does not reach noise") as caught:
            run(gaussian_oracle, short, (2, 2))
        assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sample(gaussian_oracle, short, (8, 2), initial=start())
        sample(swiss_roll.Oracle(), short, (2, 2), data_moments=swiss_roll.moments())
        full = NoiseSchedule.from_name("linear", 20, 1e-3, 0.5)
        assert full.reaches_noise
        sample(gaussian_oracle, full, (2, 2))
        with pytest.raises(NotNoiseWarning):
            # "leading" steps begin below the end of a schedule that does reach noise
            sample(
                gaussian_oracle, full, (2, 2), num_inference_steps=11, timestep_spacing="leading"
            )


def test_a_learned_variance_is_sampled_like_the_others():
    model = diffusion.load("swiss-roll-variational")
    points, own = (
        run(model.network, model.schedule, (50, 2), generator=torch.Generator().manual_seed(0))
        for run in (sample, learned_reverse)
    )
    assert torch.equal(points, list(own)[-1].x)
    assert float(swiss_roll.distance_to_curve(points).mean()) < 0.05


@pytest.mark.parametrize("kind", [ReverseMLP, SoftplusReverseMLP])
def test_each_network_with_a_learned_variance_is_sampled(kind):
    schedule = NoiseSchedule.from_name("linear", 5, 0.1, 0.9)
    network = kind(schedule, width=8)
    x = sample(network, schedule, (3, 2), generator=torch.Generator().manual_seed(0))
    own = learned_reverse(network, schedule, (3, 2), torch.Generator().manual_seed(0))
    assert torch.equal(x, list(own)[-1].x)
    with pytest.raises(ValueError, match="has the sampler 'ddpm' only"):
        sample(network, schedule, (3, 2), "euler")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"sampler": "dpm++2m"}, "dpm\\+\\+2m"),
        ({"num_inference_steps": 10}, "all 100 steps"),
        ({"constrain": torch.tanh}, "constrain"),
        ({"initial": torch.zeros(3, 2)}, "initial"),
    ],
)
def test_a_learned_variance_refuses_what_it_cannot_do(options, named):
    model = diffusion.load("swiss-roll-variational")
    with pytest.raises(ValueError, match=named):
        sample(model.network, model.schedule, (2, 2), **options)
    other = NoiseSchedule.from_name("squaredcos_cap_v2", 100)
    with pytest.raises(ValueError, match="another schedule"):
        sample(model.network, other, (2, 2))
