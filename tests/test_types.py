"""The shapes and types that the docstrings promise, checked at run time by jaxtyping and beartype.

Each function here has the signature of one in the packages, with shapes; a letter is one size in
all arguments and the result. The packages themselves need neither library.
"""
# ruff: noqa: F722, F821 -- shapes are no names of Python

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from beartype import beartype
from jaxtyping import Float, Float32, Float64, Int64, TypeCheckError, jaxtyped
from torch import Tensor

import diffusion
import synth
from diffusion.data.distributions import DISTRIBUTIONS, Distribution, Oracle
from diffusion.evaluation import metrics
from diffusion.process import denoising, likelihood, score
from diffusion.process.named_schedules import karras_sigmas
from diffusion.process.schedule import NoiseSchedule

typed = jaxtyped(typechecker=beartype)


@typed
def draw(of: Distribution, n: int, generator: torch.Generator) -> Float32[Tensor, "{n} 2"]:
    return of.sample(n, generator)


@typed
def log_prob(of: Distribution, x: Float[Tensor, "*b 2"]) -> Float64[Tensor, "*b"]:
    return of.log_prob(x, 0.5, 0.5)


@typed
def exact_score(of: Distribution, x: Float[Tensor, "*b 2"]) -> Float64[Tensor, "*b 2"]:
    return of.score(x, 0.5, 0.5)


@typed
def hessian(of: Distribution, x: Float[Tensor, "*b 2"]) -> Float64[Tensor, "*b 2 2"]:
    return of.hessian(x, 0.5, 0.5)


@typed
def curvature(of: Distribution, x: Float[Tensor, "*b 2"]) -> Float64[Tensor, "*b"]:
    return of.curvature(x, 0.5, 0.5)


@typed
def distance(of: Distribution, x: Float[Tensor, "*b 2"]) -> Float64[Tensor, "*b"]:
    return of.distance(x)


@typed
def moments(of: Distribution) -> tuple[Float64[Tensor, "2"], Float64[Tensor, "2 2"]]:
    return tuple(of.moments())


@typed
def predict(
    network: Oracle | torch.nn.Module, x: Float[Tensor, "b *d"], level: Float64[Tensor, "b"]
) -> Float[Tensor, "b *d"]:
    return network(x, level)


@typed
def add_noise(
    x: Float[Tensor, "b *d"], noise: Float[Tensor, "b *d"], alpha_cumprod: Float64[Tensor, "b"]
) -> Float[Tensor, "b *d"]:
    return diffusion.add_noise(x, noise, alpha_cumprod)


@typed
def tables(of: NoiseSchedule) -> tuple[Float64[Tensor, "t"], ...]:
    names = "betas alphas alphas_cumprod alphas_cumprod_prev noise_levels snr sigmas"
    return tuple(getattr(of, n) for n in (*names.split(), "posterior_variance"))


@typed
def timesteps(of: NoiseSchedule, n: int) -> Int64[Tensor, "{n}"]:
    return of.timesteps(n)


@typed
def visited(of: NoiseSchedule, n: int) -> Float64[Tensor, "{n+1}"]:
    return of.inference_alphas_cumprod(n)


@typed
def karras(n: int) -> Float64[Tensor, "{n}"]:
    return karras_sigmas(n, 0.01, 10.0)


@typed
def original(x: Float[Tensor, "b *d"], eps: Float[Tensor, "b *d"]) -> Float[Tensor, "b *d"]:
    return denoising.predict_original_sample(x, eps, 0.5)


@typed
def trace(values: Float[Tensor, "b d"], x: Float[Tensor, "b d"]) -> Float[Tensor, "b"]:
    return score.divergence(values, x)


@typed
def log_likelihood(x: Float[Tensor, "b 2"], sigmas: list[float]) -> Float[Tensor, "b"]:
    *_, end = likelihood.flow(diffusion.swiss_roll.Oracle(), x, sigmas)
    return likelihood.log_likelihood(end, diffusion.swiss_roll.moments())


@typed
def sample(shape: tuple[int, int], sampler: str) -> Float32[Tensor, "n 2"]:
    schedule = NoiseSchedule.from_name("squaredcos_cap_v2", 100)
    generator = torch.Generator().manual_seed(0)
    oracle = diffusion.swiss_roll.Oracle()
    return diffusion.sample(
        oracle, schedule, shape, sampler, num_inference_steps=3, generator=generator
    )


@typed
def walk(x: Float[Tensor, "b d"]) -> Iterator[Tensor]:
    return diffusion.langevin(lambda y: -y, x, num_steps=3)


@typed
def distances(a: Float[Tensor, "n 2"], b: Float[Tensor, "n 2"]) -> tuple[float, float, float]:
    return (
        metrics.energy_distance(a, b),
        metrics.squared_mmd(a, b),
        metrics.sliced_wasserstein(a, b),
    )


@typed
def render(sounds: list[synth.Sound]) -> Float32[np.ndarray, "n t"]:
    return synth.render(sounds, duration=0.1)


@typed
def log_mel(waves: Float[Tensor, "n t"]) -> Float32[Tensor, "n bands frames"]:
    return synth.log_mel(waves)


@typed
def loudness(sounds: Float[np.ndarray, "n t"]) -> Float64[np.ndarray, "n"]:
    return synth.loudness(sounds)


@pytest.mark.parametrize("of", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
@pytest.mark.parametrize("shape", [(2,), (5, 2), (3, 4, 2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_distributions(of, shape, dtype, generator):
    x = torch.randn(shape, generator=generator, dtype=dtype)
    for function in (log_prob, exact_score, hessian, curvature, distance):
        function(of, x)
    moments(of)
    draw(of, 7, generator)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_processes(dtype, generator):
    x, noise = torch.randn(2, 5, 2, generator=generator, dtype=dtype)
    alphas_cumprod = torch.linspace(0.1, 0.9, 5, dtype=torch.float64)
    assert add_noise(x, noise, alphas_cumprod).dtype == dtype
    assert original(x, noise).dtype == dtype
    assert log_likelihood(x, [0.1, 1.0, 5.0]).dtype == dtype
    x.requires_grad_()
    assert trace(x.square(), x).dtype == dtype
    for predictor in (diffusion.swiss_roll.Oracle(), diffusion.load("swiss-roll-ddpm").network):
        if dtype == torch.float32 or isinstance(predictor, Oracle):
            assert predict(predictor, x.detach(), alphas_cumprod.sqrt()).dtype == dtype


def test_schedules():
    schedule = NoiseSchedule.from_name("linear", 20)
    assert len(tables(schedule)) == 8
    timesteps(schedule, 7)
    visited(schedule, 7)
    karras(9)


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "euler", "heun", "dpm++2m", "langevin"])
def test_samplers(sampler):
    assert sample((6, 2), sampler).shape == (6, 2)


def test_walks_and_distances(generator):
    a, b = torch.randn(2, 6, 2, generator=generator)
    assert [state.shape for state in walk(a)] == 4 * [(6, 2)]
    distances(a, b)


def test_sounds(generator):
    sounds = [synth.Sound.random(generator) for _ in range(2)]
    waves = render(sounds)
    log_mel(torch.from_numpy(waves))
    loudness(np.tile(waves, 8))


def test_a_wrong_shape_or_type_is_seen(generator):
    with pytest.raises(TypeCheckError):
        add_noise(torch.ones(5, 2), torch.ones(5, 2), torch.ones(4, dtype=torch.float64))
    with pytest.raises(TypeCheckError):
        add_noise(torch.ones(5, 2), torch.ones(5, 2), torch.ones(5))

    @typed
    def wrong(of: Distribution, x: Float[Tensor, "*b 2"]) -> Float32[Tensor, "*b"]:
        return of.log_prob(x)

    with pytest.raises(TypeCheckError):
        wrong(DISTRIBUTIONS["swiss roll"], torch.ones(3, 2))
