"""From noise to data: every sampler runs on every noise predictor, on any noise schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, get_args

import torch
from torch import Tensor

from diffusion.device import device_of
from diffusion.process.denoising import Moments, NoisePredictor
from diffusion.process.schedule import NoiseSchedule, TimestepSpacing
from diffusion.random import Generators, randn
from diffusion.sampling.solvers import (
    LANGEVIN_STEPS,
    Constraint,
    Denoiser,
    State,
    VarianceType,
    annealed_langevin,
    ddim,
    ddpm,
    dpm_solver_pp_2m,
    euler,
    heun,
)

Sampler = Literal["ddpm", "ddim", "euler", "heun", "dpm++2m", "langevin"]

SOLVERS: dict[str, Callable[[Denoiser, Tensor, list[float]], Iterator[State]]] = {
    "euler": euler,
    "heun": heun,
    "dpm++2m": dpm_solver_pp_2m,
}
"""The solvers of the probability-flow ODE, which draw nothing after the start."""

SAMPLERS: dict[str, Callable[..., Iterator[State]]] = {
    "ddpm": ddpm,
    "ddim": ddim,
    **SOLVERS,
    "langevin": annealed_langevin,
}
"""Every sampler by its name."""


def num_evaluations(sampler: Sampler, num_inference_steps: int) -> int:
    """How often a sampler asks the network in N steps: what sampling costs.

    Heun's method asks twice a step, but once in the last; Langevin five times at each level.
    """
    if sampler == "heun":
        return 2 * num_inference_steps - 1
    return num_inference_steps * (LANGEVIN_STEPS if sampler == "langevin" else 1)


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
    constrain: Constraint | None = None,
    generator: Generators = None,
    initial: Tensor | None = None,
    data_moments: Moments | None = None,
) -> Iterator[State]:
    """Sample step by step, from Gaussian noise to data, without an autograd graph.

    A noise schedule may begin where data is left in x_t. N(0, I) is then the wrong start; with
    `data_moments` (m, C) it is N(√ᾱ m, ᾱ C + (1 - ᾱ) I), the Gaussian nearest to q(x_t).

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
        constrain: is applied to x̂_0 at each step, and ε follows from it; WaveGrad clamps it to
            [-1, 1]. To hold it to what was measured of the data is the idea of ILVR (Choi et al.
            2021, algorithm 1).
        generator: one torch.Generator, or one for each sample of the batch.
        initial: what to start from, like `shape`: the noise z ~ N(0, I), drawn if None; or data
            with the noise of the schedule's first level, of which the rest is then kept (SDEdit,
            Meng et al. 2022, algorithm 1).
        data_moments: of points, shape (B, D); None starts from z itself.

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
    alphas_cumprod = schedule.inference_alphas_cumprod(steps, timestep_spacing).tolist()
    denoise = Denoiser(network, condition, constrain)
    x = _noise(network, shape, generator, initial)
    if data_moments is not None:
        x = _matched(x, alphas_cumprod[0], data_moments)
    if sampler == "ddpm":
        yield from ddpm(denoise, x, alphas_cumprod, generator, variance_type)
    elif sampler == "ddim":
        yield from ddim(denoise, x, alphas_cumprod, generator, eta)
    elif sampler == "langevin":
        yield from annealed_langevin(denoise, x, alphas_cumprod, generator)
    else:
        yield from SOLVERS[sampler](denoise, x, alphas_cumprod)


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
    constrain: Constraint | None = None,
    generator: Generators = None,
    data_moments: Moments | None = None,
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
        constrain=constrain,
        generator=generator,
        data_moments=data_moments,
    )
    return last.x


def _noise(
    network: NoisePredictor,
    shape: tuple[int, ...],
    generator: Generators,
    initial: Tensor | None,
) -> Tensor:
    device = device_of(network)
    if initial is None:
        return randn(shape, generator, like=torch.empty(0, device=device))
    if initial.shape != torch.Size(shape):
        raise ValueError(f"initial must have the shape {shape}, got {tuple(initial.shape)}")
    return initial.to(device)


def _matched(noise: Tensor, alpha_cumprod: float, data_moments: Moments) -> Tensor:
    """√ᾱ m + L z with L Lᵀ = ᾱ C + (1 - ᾱ) I: mean and covariance of x_t."""
    mean, covariance = data_moments
    unit = torch.eye(len(mean), dtype=torch.float64)
    spread = alpha_cumprod * covariance + (1 - alpha_cumprod) * unit
    root = torch.linalg.cholesky(spread.double()).to(noise)
    start: Tensor = alpha_cumprod**0.5 * mean.to(noise) + noise @ root.T
    return start
