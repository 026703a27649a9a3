"""All that computes with a network computes where the network is, be it on a GPU."""

import math
from dataclasses import asdict, replace
from typing import get_args

import pytest
import torch

import diffusion
from diffusion import NoiseSchedule
from diffusion.catalog import RECIPES
from diffusion.data import swiss_roll
from diffusion.device import device_of
from diffusion.evaluation.noise_errors import noise_errors
from diffusion.evaluation.swiss_roll_metrics import score_metrics
from diffusion.evaluation.variational_bound import FixedVariance, bounds
from diffusion.networks import ReverseMLP, WaveGradConfig
from diffusion.process.likelihood import flow, log_likelihood
from diffusion.process.score import score_of
from diffusion.sampling.config import SamplingConfig
from diffusion.sampling.samplers import SAMPLERS
from diffusion.training.live_presets import paced_schedule
from diffusion.training.objectives import (
    ScoreMatching,
    one_sigma_objective,
    simple_objective,
    weighted_objective,
)
from diffusion.waveform.recipes import with_fresh_sounds
from diffusion.waveform.schedule_search import vocoder_cost
from diffusion.waveform.vocoder_quality import untrained_of
from tests.fake_device import (
    DEVICE,
    FakeGenerator,
    FakeTensor,
    fake_device,
    noting_waits,
    on_device,
)

SMALL = {
    "vocoder-wavegrad-base": {"kind": "WaveGrad", **asdict(WaveGradConfig.scaled(16))},
}


@pytest.fixture
def elsewhere():
    with fake_device():
        yield


def loaded(name):
    checkpoint = diffusion.load(name)
    return replace(checkpoint, network=on_device(checkpoint.network))


def test_the_device_refuses_what_a_gpu_refuses(elsewhere):
    on_it = torch.zeros(3, device=DEVICE)
    assert isinstance(on_it, FakeTensor)
    assert (on_it + 1).tolist() == [1, 1, 1]
    with pytest.raises(RuntimeError, match="on the CPU"):
        on_it + torch.zeros(3)
    with pytest.raises(RuntimeError, match="cannot draw"):
        torch.randn(3, device=DEVICE, generator=torch.Generator())
    with pytest.raises((RuntimeError, TypeError)):
        on_it.numpy()


def test_the_device_notes_what_a_gpu_would_be_waited_for(elsewhere):
    on_it = torch.arange(3, device=DEVICE)
    for wait in (
        lambda: float(on_it.sum()),
        lambda: on_it.cpu(),
        lambda: torch.ones(3).to(DEVICE),
        lambda: torch.tensor([1.0, 2.0], device=DEVICE),
        lambda: on_it[on_it > 1],
        lambda: on_it.nonzero(),
        lambda: bool((on_it > 1).all()),
    ):
        with noting_waits() as waits:
            wait()
        assert waits
    with noting_waits() as waits:
        torch.where(on_it > 1, 2 * on_it, 0)[torch.arange(2, device=DEVICE)].sum()
    assert waits == []


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.usefixtures("few_sounds")
def test_each_recipe_trains_a_step_elsewhere(name):
    trains_a_step_elsewhere(RECIPES[name])


def test_fresh_sounds_are_made_elsewhere():
    trains_a_step_elsewhere(with_fresh_sounds(RECIPES["vocoder-wavegrad-base"]))


def trains_a_step_elsewhere(recipe):
    recipe = replace(recipe, batch_size=4, network=SMALL.get(recipe.name, recipe.network))
    network = recipe.build(seed=0)
    objective = recipe.prepare(recipe, network)
    assert not any(buffer.is_complex() for buffer in network.buffers())  # NCCL may not send them
    with fake_device():
        loss = objective(on_device(network), FakeGenerator())
        loss.backward()
        with noting_waits() as waits:  # from the second step on: tables are copied once
            objective(network, FakeGenerator()).backward()
        assert waits == []
        assert loss.device == DEVICE
        trained = [each for each in network.parameters() if each.requires_grad]
        assert trained
        assert all(each.grad.device == DEVICE for each in trained)


@pytest.mark.parametrize("method", get_args(ScoreMatching))
def test_each_score_matching_trains_a_step_elsewhere(method, elsewhere):
    network = on_device(RECIPES["swiss-roll-score"].build(seed=0))
    one_sigma_objective(swiss_roll.sample, 4, 0.1, method)(network, FakeGenerator()).backward()
    assert device_of(network) == DEVICE


@pytest.mark.parametrize("make", [simple_objective, weighted_objective])
def test_each_weighting_trains_a_step_elsewhere(make, elsewhere):
    network = on_device(RECIPES["swiss-roll-ddpm"].build(seed=0))
    make(swiss_roll.sample, 4, paced_schedule(50))(network, FakeGenerator()).backward()


@pytest.mark.parametrize(
    ("sampler", "grid"),
    [*((sampler, "karras") for sampler in SAMPLERS), ("ddpm", "trailing"), ("learned", "trailing")],
)
def test_each_sampler_runs_elsewhere(sampler, grid, elsewhere):
    plan = SamplingConfig(
        sampler=sampler, num_inference_steps=100 if sampler == "learned" else 3, grid=grid
    )
    points = plan.sample(loaded(plan.recipe), 4, seed=0)
    assert points.device.type == "cpu"
    assert bool(torch.isfinite(points).all())


def test_bounds_and_errors_are_measured_elsewhere(elsewhere):
    simple = loaded("swiss-roll-ddpm")
    schedule = NoiseSchedule.from_name("linear", 3, 0.2, 0.9)
    networks = {
        "simple": FixedVariance(simple.network, schedule, schedule.betas),
        "learned": on_device(ReverseMLP(schedule, width=8)),
    }
    x_0 = swiss_roll.sample(20, torch.Generator().manual_seed(0))
    found = bounds(networks, swiss_roll.log_prob, x_0, schedule, torch.Generator())
    assert found["simple"].terms.device.type == "cpu"
    noise_errors(simple.network, x_0)
    score_metrics(simple, 8)


def test_a_note_is_searched_elsewhere(elsewhere, generator):
    network = diffusion.load("waveform-harmonic").network
    x_t, level = torch.randn(2, 8_192, generator=generator), torch.tensor([0.03, 0.9])
    eps = on_device(network)(x_t.to(DEVICE), level.to(DEVICE))
    assert eps.device == DEVICE
    assert bool(eps.isfinite().all())  # no more: the fake device leaves a lazy conj() out


def test_a_vocoder_is_measured_elsewhere(elsewhere, few_sounds):
    vocoder = loaded("vocoder-wavegrad")
    assert math.isfinite(vocoder_cost(vocoder, "dpm++2m", 1)(torch.tensor([0.01, 1.0])))
    assert device_of(untrained_of(vocoder).network) == DEVICE


def test_likelihood_is_computed_elsewhere(elsewhere):
    network = loaded("swiss-roll-ddpm").network
    points = torch.zeros(2, 2, device=DEVICE)
    *_, end = flow(network, points, [0.1, 1.0, 3.0])
    assert log_likelihood(end, swiss_roll.moments()).device == DEVICE


def test_exact_functions_compute_where_the_points_are(elsewhere):
    points = torch.zeros(2, 2, device=DEVICE)
    levels = torch.full((2,), 0.5, device=DEVICE)
    for distribution in diffusion.distributions.DISTRIBUTIONS.values():
        assert distribution.log_prob(points, 0.5, 0.5).device == DEVICE
        assert distribution.score(points, 0.5, 0.5).device == DEVICE
    oracle = swiss_roll.Oracle()
    assert oracle(points, levels).device == DEVICE
    assert score_of(oracle, 0.5)(points).device == DEVICE


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an accelerator")
def test_a_gpu_measures_what_the_cpu_does():
    found = {}
    for device in ("cpu", "cuda"):
        checkpoint = diffusion.load("swiss-roll-ddpm", device)
        schedule = checkpoint.schedule
        networks = {"network": FixedVariance(checkpoint.network, schedule, schedule.betas)}
        generator = torch.Generator().manual_seed(0)
        x_0 = swiss_roll.sample(200, generator)
        total = bounds(networks, swiss_roll.log_prob, x_0, schedule, generator)["network"].total
        *_, end = flow(checkpoint.network, x_0.to(device), [0.1, 1.0, 3.0])
        likelihood = float(log_likelihood(end, swiss_roll.moments()).mean())
        errors = noise_errors(checkpoint.network, x_0) | score_metrics(checkpoint, 200)
        for sampler in SAMPLERS:
            config = SamplingConfig(sampler=sampler, num_inference_steps=3, grid="karras")
            assert bool(torch.isfinite(config.sample(checkpoint, 20, seed=0)).all())
        found[device] = [total, likelihood, *errors.values()]
    assert found["cuda"] == pytest.approx(found["cpu"], rel=0.02)
