import threading

import pytest
import torch
from torch import nn

from diffusion import sample, score_of
from diffusion.catalog import recipe
from diffusion.data import swiss_roll
from diffusion.data.distributions import DISTRIBUTIONS, Oracle
from diffusion.evaluation import metrics
from diffusion.evaluation.exact_probabilities import NATS
from diffusion.evaluation.variational_bound import exact_bound
from diffusion.training.live_presets import (
    RealDistance,
    ddpm_training,
    least_ddpm_loss,
    paced_schedule,
    score_training,
    watch,
)
from diffusion.training.objectives import (
    least_loss,
    one_sigma_objective,
    simple_objective,
    weighted_objective,
)
from diffusion.training.recipe import untrained

METHODS = ["explicit", "sliced", "denoising"]


@pytest.mark.parametrize("method", METHODS)
def test_each_loss_is_the_distance_to_the_exact_score_and_a_known_constant(method, gaussian_oracle):
    # F = (1 + e) ∇ log p_σ is e²/2 σ² E‖∇ log p_σ‖² above the least loss, for every method.
    sigma, excess = 0.5, 0.4
    generator = torch.Generator().manual_seed(0)
    n = 200_000

    def draw(count, source):
        return 0.7 + 0.4 * torch.randn(count, 2, generator=source, dtype=torch.float64)

    def stretched(x_t, noise_level, condition=None):
        return (1 + excess) * gaussian_oracle(x_t, noise_level)

    noisy = draw(n, generator)
    noisy = noisy + sigma * torch.randn(noisy.shape, generator=generator, dtype=torch.float64)
    exact = score_of(gaussian_oracle, sigma)(noisy)
    least = least_loss(exact, sigma, method)
    above = 0.5 * sigma**2 * excess**2 * float(exact.square().sum(dim=1).mean())
    objective = one_sigma_objective(draw, n, sigma, method)
    # The sliced loss is the noisiest, with a standard deviation of about 0.004 here.
    assert objective(gaussian_oracle, generator).item() == pytest.approx(least, abs=0.02)
    assert objective(stretched, generator).item() == pytest.approx(least + above, abs=0.02)
    assert above > 0.04


def test_one_level_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="nonsense"):
        one_sigma_objective(swiss_roll.sample, 8, 0.1, "nonsense")
    with pytest.raises(ValueError, match="sigma must be finite and > 0, got 0"):
        one_sigma_objective(swiss_roll.sample, 8, 0, "explicit")
    with pytest.raises(ValueError, match="objective must be one of"):
        ddpm_training("nonsense", paced_schedule(100), width=8, steps=1, learning_rate=1e-3, seed=0)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_learns_the_exact_score(method):
    sigma = 0.3
    generator = torch.Generator().manual_seed(1)
    x = swiss_roll.sample(1_000, generator)
    x = x + sigma * torch.randn(x.shape, generator=generator)
    exact = swiss_roll.score(x, noise_variance=sigma**2)
    trainer = score_training(method, sigma, width=32, steps=200, learning_rate=0.01, seed=0)

    def error():
        with torch.no_grad():
            return metrics.relative_error(score_of(trainer.ema, sigma)(x), exact)

    before = error()
    *_, last = watch(trainer, 50)
    assert before > 0.6
    assert error() < 0.4
    assert last.step == 200


def test_watching_gives_means_of_every_stride_and_the_rest():
    def make():
        return score_training("denoising", 0.3, width=8, steps=25, learning_rate=0.01, seed=3)

    every = [float(state.loss) for state in make()]
    seen = list(watch(make(), 10))
    assert [progress.step for progress in seen] == [10, 20, 25]
    assert [progress.loss for progress in seen] == pytest.approx(
        [sum(part) / len(part) for part in (every[:10], every[10:20], every[20:])], rel=1e-5
    )
    assert 0 < seen[0].seconds < seen[1].seconds < seen[2].seconds
    with pytest.raises(ValueError, match="stride must be >= 1, got 0"):
        next(watch(make(), 0))


def test_weights_depend_on_the_seed_alone_however_many_draw_at_once():
    config, schedule = {"kind": "ResidualMLP", "width": 64, "blocks": 3}, paced_schedule(100)

    def weights(seed: int) -> torch.Tensor:
        return nn.utils.parameters_to_vector(untrained(config, schedule, seed).parameters())

    alone = [weights(seed) for seed in range(8)]
    found: dict[int, torch.Tensor] = {}
    threads = [
        threading.Thread(target=lambda seed=seed: found.update({seed: weights(seed)}))
        for seed in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(alone[seed], found[seed]) for seed in range(8))
    assert not torch.equal(alone[0], alone[1])


def test_ratio_is_that_of_the_metrics(generator):
    ratio = RealDistance(300)
    generated = swiss_roll.sample(300, generator) + 0.1
    expected = metrics.ratio_to_real(metrics.sliced_wasserstein, [generated], ratio.real)
    assert ratio(generated) == pytest.approx(expected)
    assert expected > 1.2


def test_every_pace_ends_in_noise():
    betas = recipe("swiss-roll-ddpm").noise_schedule().betas
    assert torch.allclose(paced_schedule(100).betas, betas)
    for steps in (50, 100, 250, 500):
        schedule = paced_schedule(steps)
        assert len(schedule) == steps
        assert schedule.reaches_noise


@pytest.mark.parametrize("objective", ["simple", "weighted"])
def test_the_least_loss_is_that_of_the_exact_predictor(objective, generator):
    schedule = paced_schedule(50)
    make = {"simple": simple_objective, "weighted": weighted_objective}[objective]
    oracle = swiss_roll.Oracle()

    def loss(error):
        chosen = make(swiss_roll.sample, 4_000, schedule, antithetic=True)
        return float(chosen(lambda x, level: oracle(x, level) + error, generator))

    least = least_ddpm_loss(objective, schedule)
    assert loss(0.0) == pytest.approx(least, rel=0.1)
    assert loss(0.5) > 1.5 * least


def test_the_least_variational_loss_is_that_of_the_exact_reverse_process(generator):
    schedule = paced_schedule(50)
    x_0 = swiss_roll.sample(1_000, generator)
    exact = exact_bound(swiss_roll.log_prob, x_0, schedule, generator)
    # In both, the entropy of the data is a mean over points: a standard deviation of 0.02 / 50.
    least = least_ddpm_loss("variational", schedule)
    assert least == pytest.approx(NATS * float(exact.terms.mean()), abs=1e-3)
    assert least < 2e-3


@pytest.mark.parametrize("objective", ["simple", "weighted"])
def test_a_ddpm_of_seconds_makes_the_roll(objective):
    schedule = paced_schedule(50)
    trainer = ddpm_training(objective, schedule, width=32, steps=300, learning_rate=0.01, seed=0)
    ratio = RealDistance(1_000)

    def points():
        source = torch.Generator().manual_seed(0)
        return sample(
            trainer.ema, schedule, (1_000, 2), "dpm++2m", num_inference_steps=15, generator=source
        )

    before = ratio(points())
    for _ in watch(trainer, 100):
        pass
    after = ratio(points())
    assert before > 3
    assert after < 2


@pytest.mark.parametrize("name", ["two moons", "eight Gaussians"])
@pytest.mark.parametrize("objective", ["simple", "variational"])
def test_the_least_loss_is_that_of_the_distribution(objective, name, generator):
    schedule, data = paced_schedule(50), DISTRIBUTIONS[name]
    least = least_ddpm_loss(objective, schedule, data)
    if objective == "simple":
        chosen = simple_objective(data.sample, 4_000, schedule, antithetic=True)
        expected = float(chosen(Oracle(data), generator))
        assert least == pytest.approx(expected, rel=0.1)
        wrong = float(chosen(swiss_roll.Oracle(), generator))
        assert wrong > 1.2 * least
        return
    exact = exact_bound(data.log_prob, data.sample(1_000, generator), schedule, generator)
    assert least == pytest.approx(NATS * float(exact.terms.mean()), abs=1e-3)
