"""From noise to data: every sampler runs on every noise predictor, with any ladder of levels.

A sampler is a generator over a ladder ᾱ_0 < ᾱ_1 < … < ᾱ_N = 1, from noise to data. It yields N + 1
states: x at each level, with the x̂_0 that the predictor sees there, and at last the sample itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from diffusion.denoising import (
    NoisePredictor,
    levels_like,
    posterior_mean,
    posterior_variance,
    predict_noise,
    predict_original_sample,
)
from diffusion.random import Generators, randn
from diffusion.schedule import NoiseSchedule, TimestepSpacing

Sampler = Literal["ddpm", "ddim", "euler", "heun", "dpm++2m"]
VarianceType = Literal["fixed_small", "fixed_large"]


@dataclass(frozen=True)
class State:
    """One moment of a trajectory.

    Attributes:
        index: number of steps that are still to come; 0 is the finished sample.
        noise_level: √ᾱ of `x`.
        x: the noisy samples x_t, shape (B, …).
        pred_original_sample: x̂_0, what the predictor believes that they will become.
    """

    index: int
    noise_level: float
    x: Tensor
    pred_original_sample: Tensor


class Denoiser:
    """A noise predictor at one level for a whole batch, giving (ε, x̂_0).

    With `clip_sample_range` c, x̂_0 is clamped to [-c, c] and ε follows from it (WaveGrad: c = 1).
    """

    def __init__(
        self, network: NoisePredictor, condition: Tensor | None, clip_sample_range: float | None
    ) -> None:
        self.network = network
        self.condition = condition
        self.clip = clip_sample_range

    def __call__(self, x: Tensor, alpha_cumprod: float) -> tuple[Tensor, Tensor]:
        """The predicted ε and x̂_0, each like `x`."""
        eps = self.network(x, levels_like(x, alpha_cumprod), self.condition)
        original = predict_original_sample(x, eps, alpha_cumprod)
        if self.clip is not None:
            original = original.clamp(-self.clip, self.clip)
            eps = predict_noise(x, original, alpha_cumprod)
        return eps, original


def ddpm(
    denoise: Denoiser,
    x: Tensor,
    ladder: list[float],
    generator: Generators,
    variance_type: VarianceType = "fixed_small",
) -> Iterator[State]:
    """Ancestral sampling (Ho et al. 2020, algorithm 2): x_{t-1} = μ̃(x̂_0, x_t) + σ_t z.

    σ_t² is β̃_t ("fixed_small") or β_t ("fixed_large"); no noise is added at the last step.
    """
    for index, (level, following) in _steps(ladder):
        _, original = denoise(x, level)
        yield State(index, level**0.5, x, original)
        x = posterior_mean(original, x, level, following)
        if index > 1:
            beta = 1 - level / following
            small = posterior_variance(level, following)
            variance = small if variance_type == "fixed_small" else beta
            x = x + variance**0.5 * randn(x.shape, generator, like=x)
    yield State(0, 1.0, x, x)


def ddim(
    denoise: Denoiser, x: Tensor, ladder: list[float], generator: Generators, eta: float = 0.0
) -> Iterator[State]:
    """Implicit sampling (Song et al. 2020, eqs. 12 and 16): deterministic for η = 0.

    x_{t-1} = √ᾱ_{t-1} x̂_0 + √(1 - ᾱ_{t-1} - σ²) ε + σ z,  σ² = η² β̃; η = 1 is DDPM.
    """
    for index, (level, following) in _steps(ladder):
        eps, original = denoise(x, level)
        yield State(index, level**0.5, x, original)
        variance = eta**2 * posterior_variance(level, following)
        x = following**0.5 * original + max(1 - following - variance, 0.0) ** 0.5 * eps
        if variance > 0:
            x = x + variance**0.5 * randn(x.shape, generator, like=x)
    yield State(0, 1.0, x, x)


def euler(denoise: Denoiser, x: Tensor, ladder: list[float]) -> Iterator[State]:
    """Euler's method on the probability-flow ODE dy/dσ = ε, y = x/√ᾱ, σ² = (1 - ᾱ)/ᾱ.

    Karras et al. 2022, eq. 4 and algorithm 1 without its correction; equal to DDIM with η = 0.
    """
    for index, (level, following) in _steps(ladder):
        eps, original = denoise(x, level)
        yield State(index, level**0.5, x, original)
        y = x / level**0.5 + (_sigma(following) - _sigma(level)) * eps
        x = y * following**0.5
    yield State(0, 1.0, x, x)


def heun(denoise: Denoiser, x: Tensor, ladder: list[float]) -> Iterator[State]:
    """Heun's second-order method on the same ODE (Karras et al. 2022, algorithm 1).

    Two evaluations a step, except for the last one, where ε is not defined at σ = 0.
    """
    for index, (level, following) in _steps(ladder):
        eps, original = denoise(x, level)
        yield State(index, level**0.5, x, original)
        step = _sigma(following) - _sigma(level)
        y = x / level**0.5
        if following < 1:
            ahead, _ = denoise((y + step * eps) * following**0.5, following)
            eps = (eps + ahead) / 2
        x = (y + step * eps) * following**0.5
    yield State(0, 1.0, x, x)


def dpm_solver_pp_2m(denoise: Denoiser, x: Tensor, ladder: list[float]) -> Iterator[State]:
    """DPM-Solver++(2M), second order with one evaluation a step (Lu et al. 2022, algorithm 2).

    With λ = -ln σ, h = Δλ and r = h_{i-1}/h_i: D = (1 + 1/2r) x̂_i - 1/2r x̂_{i-1} and
    x/√ᾱ ← (σ'/σ) x/√ᾱ + (1 - σ'/σ) D. First order at both ends.
    """
    previous: tuple[Tensor, float] | None = None
    for index, (level, following) in _steps(ladder):
        _, original = denoise(x, level)
        yield State(index, level**0.5, x, original)
        shrink = _sigma(following) / _sigma(level)
        h = -math.log(shrink) if shrink > 0 else math.inf
        estimate = original
        if previous is not None and following < 1:
            older, older_h = previous
            estimate = original + h / (2 * older_h) * (original - older)
        y = shrink * x / level**0.5 + (1 - shrink) * estimate
        x = y * following**0.5
        previous = original, h
    yield State(0, 1.0, x, x)


SOLVERS: dict[str, Callable[[Denoiser, Tensor, list[float]], Iterator[State]]] = {
    "euler": euler,
    "heun": heun,
    "dpm++2m": dpm_solver_pp_2m,
}
"""The solvers of the probability-flow ODE, which draw nothing after the start."""

SAMPLERS: dict[str, Callable[..., Iterator[State]]] = {"ddpm": ddpm, "ddim": ddim, **SOLVERS}
"""Every sampler by its name."""


@torch.no_grad()
def iterate(
    network: NoisePredictor,
    schedule: NoiseSchedule,
    shape: tuple[int, ...],
    sampler: Sampler = "ddpm",
    *,
    num_inference_steps: int | None = None,
    eta: float = 0.0,
    variance_type: VarianceType = "fixed_small",
    timestep_spacing: TimestepSpacing = "trailing",
    condition: Tensor | None = None,
    clip_sample_range: float | None = None,
    generator: Generators = None,
    initial: Tensor | None = None,
) -> Iterator[State]:
    """Sample step by step, from N(0, I) to data, without an autograd graph.

    Args:
        network: the noise predictor, a network or an oracle.
        schedule: the schedule whose levels are visited; not necessarily that of the training.
        shape: of the batch, (B, …).
        sampler: which of `Sampler`.
        num_inference_steps: N levels to visit; None visits all T.
        eta: η of DDIM.
        variance_type: of DDPM.
        timestep_spacing: which N of the T levels.
        condition: is handed to the network, shape (B, …).
        clip_sample_range: c clamps x̂_0 to [-c, c].
        generator: one torch.Generator, or one for each sample of the batch.
        initial: the noise to start from, like `shape`; drawn if None.

    Yields:
        N + 1 states, the last of which holds the samples.

    Raises:
        ValueError: for an unknown option, or a value out of range.
    """
    if sampler not in get_args(Sampler):
        raise ValueError(f"sampler must be one of {get_args(Sampler)}, got {sampler!r}")
    if variance_type not in get_args(VarianceType):
        raise ValueError(
            f"variance_type must be one of {get_args(VarianceType)}, got {variance_type!r}"
        )
    if not 0 <= eta <= 1:
        raise ValueError(f"eta must be in [0, 1], got {eta}")
    steps = len(schedule) if num_inference_steps is None else num_inference_steps
    ladder = schedule.ladder(steps, timestep_spacing).tolist()
    denoise = Denoiser(network, condition, clip_sample_range)
    x = _start(network, shape, generator, initial)
    if sampler == "ddpm":
        yield from ddpm(denoise, x, ladder, generator, variance_type)
    elif sampler == "ddim":
        yield from ddim(denoise, x, ladder, generator, eta)
    else:
        yield from SOLVERS[sampler](denoise, x, ladder)


def sample(
    network: NoisePredictor,
    schedule: NoiseSchedule,
    shape: tuple[int, ...],
    sampler: Sampler = "ddpm",
    *,
    num_inference_steps: int | None = None,
    eta: float = 0.0,
    variance_type: VarianceType = "fixed_small",
    timestep_spacing: TimestepSpacing = "trailing",
    condition: Tensor | None = None,
    clip_sample_range: float | None = None,
    generator: Generators = None,
) -> Tensor:
    """The samples alone: the last state of `iterate`, whose arguments and errors these are."""
    *_, last = iterate(
        network,
        schedule,
        shape,
        sampler,
        num_inference_steps=num_inference_steps,
        eta=eta,
        variance_type=variance_type,
        timestep_spacing=timestep_spacing,
        condition=condition,
        clip_sample_range=clip_sample_range,
        generator=generator,
    )
    return last.x


def _steps(ladder: list[float]) -> Iterator[tuple[int, tuple[float, float]]]:
    """Each pair of neighbouring levels with the number of steps that are left."""
    return zip(range(len(ladder) - 1, 0, -1), pairwise(ladder), strict=True)


def _sigma(alpha_cumprod: float) -> float:
    return math.sqrt((1 - alpha_cumprod) / alpha_cumprod)


def _start(
    network: NoisePredictor,
    shape: tuple[int, ...],
    generator: Generators,
    initial: Tensor | None,
) -> Tensor:
    parameter = next(network.parameters(), None) if isinstance(network, nn.Module) else None
    device = torch.device("cpu") if parameter is None else parameter.device
    if initial is None:
        return randn(shape, generator, like=torch.empty(0, device=device))
    if initial.shape != torch.Size(shape):
        raise ValueError(f"initial must have the shape {shape}, got {tuple(initial.shape)}")
    return initial.to(device)
