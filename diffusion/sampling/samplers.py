"""From noise to data: every sampler runs on every noise predictor, on any noise schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, cast, get_args

import torch
from torch import Tensor

from diffusion.networks.reverse_mlp import ReverseMLP
from diffusion.networks.softplus_mlp import SoftplusReverseMLP
from diffusion.process.denoising import Moments, NoisePredictor
from diffusion.process.schedule import NoiseSchedule, TimestepSpacing
from diffusion.process.variational import ReverseNetwork
from diffusion.random import Generators
from diffusion.sampling.learned_variance import learned_reverse
from diffusion.sampling.solvers import (
    LANGEVIN_STEPS,
    Constraint,
    Denoiser,
    State,
    VarianceType,
    ddim,
    ddpm,
    dpm_solver_pp_2m,
    euler,
    heun,
    langevin_steps,
)
from diffusion.sampling.start import (
    matched_start,
    standard_start,
    warn_unless_noise,
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
    "langevin": langevin_steps,
}
"""Every sampler by its name."""


def num_evaluations(sampler: Sampler, num_inference_steps: int) -> int:
    """The number of network evaluations (NFE) that a sampler needs for N steps.

    Heun's method needs two a step, but one in the last; Langevin dynamics five at each ᾱ.
    """
    if sampler == "heun":
        return 2 * num_inference_steps - 1
    return num_inference_steps * (LANGEVIN_STEPS if sampler == "langevin" else 1)


def iterate(
    network: NoisePredictor | ReverseNetwork,
    schedule: NoiseSchedule,
    shape: tuple[int, ...],
    sampler: Sampler = "ddpm",
    *,
    num_inference_steps: int | None = None,
    eta: float | None = None,
    variance_type: VarianceType | None = None,
    timestep_spacing: TimestepSpacing | None = None,
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
        network: the noise predictor, a network or an oracle; or a `ReverseMLP` or the tutorial's
            `SoftplusReverseMLP`, whose reverse process is sampled by all the steps that it was
            trained for (`learned_reverse`).
        schedule: the schedule whose ᾱ are visited; not necessarily that of the training.
        shape: of the batch, (B, …).
        sampler: which of `Sampler`.
        num_inference_steps: N steps to visit; None visits all T.
        eta: η of DDIM, 0 if None.
        variance_type: of DDPM, "fixed_small" if None.
        timestep_spacing: which N of the T steps, "trailing" if None.
        condition: is handed to the network, shape (B, …).
        constrain: is applied to x̂_0 at each step, and ε follows from it; WaveGrad clamps it to
            [-1, 1]. To project it onto what was measured of the data is the idea of ILVR (Choi et
            al. 2021, algorithm 1).
        generator: one torch.Generator, or one for each sample of the batch.
        initial: what to start from, like `shape`: the noise z ~ N(0, I), drawn if None; or data
            with the noise of the schedule's first ᾱ, of which the rest is then kept (SDEdit,
            Meng et al. 2022, algorithm 1).
        data_moments: of points, shape (B, D); None starts from z itself.

    Returns:
        An iterator over N + 1 states, the last of which holds the samples.

    Raises:
        ValueError: at the call, for an unknown option, a value out of range, or an option that
            this sampler does not have.

    Warns:
        NotNoiseWarning: if it starts from N(0, I) where the schedule has not reached noise.
    """
    _check_options(sampler, num_inference_steps, eta, variance_type, timestep_spacing)
    steps = len(schedule) if num_inference_steps is None else num_inference_steps
    spacing = timestep_spacing or "trailing"
    alphas_cumprod = schedule.inference_alphas_cumprod(steps, spacing).tolist()
    if initial is None and data_moments is None:
        warn_unless_noise(alphas_cumprod[0])
    if isinstance(network, ReverseMLP | SoftplusReverseMLP):
        useless: dict[str, object] = {
            "eta": eta,
            "variance_type": variance_type,
            "timestep_spacing": timestep_spacing,
            "condition": condition,
            "constrain": constrain,
            "data_moments": data_moments,
        }
        _check_reverse_steps(network, schedule, sampler, steps, useless)
        return learned_reverse(network, schedule, shape, generator, initial)
    predictor = cast(NoisePredictor, network)
    denoise = Denoiser(predictor, condition, constrain)
    x = standard_start(predictor, shape, generator, initial)
    if data_moments is not None:
        x = matched_start(x, alphas_cumprod[0], data_moments)
    if sampler == "ddpm":
        states = ddpm(denoise, x, alphas_cumprod, generator, variance_type or "fixed_small")
    elif sampler == "ddim":
        states = ddim(denoise, x, alphas_cumprod, generator, eta or 0.0)
    elif sampler == "langevin":
        states = langevin_steps(denoise, x, alphas_cumprod, generator)
    else:
        states = SOLVERS[sampler](denoise, x, alphas_cumprod)
    return _without_graph(states)


def sample(
    network: NoisePredictor | ReverseNetwork,
    schedule: NoiseSchedule,
    shape: tuple[int, ...],
    sampler: Sampler = "ddpm",
    *,
    num_inference_steps: int | None = None,
    eta: float | None = None,
    variance_type: VarianceType | None = None,
    timestep_spacing: TimestepSpacing | None = None,
    condition: Tensor | None = None,
    constrain: Constraint | None = None,
    generator: Generators = None,
    initial: Tensor | None = None,
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
        initial=initial,
        data_moments=data_moments,
    )
    return last.x


@torch.no_grad()
def _without_graph(states: Iterator[State]) -> Iterator[State]:
    yield from states


def _check_options(
    sampler: str,
    num_inference_steps: int | None,
    eta: float | None,
    variance_type: str | None,
    timestep_spacing: str | None,
) -> None:
    """Refuse values out of range, and options that would do nothing."""
    if sampler not in get_args(Sampler):
        raise ValueError(f"sampler must be one of {get_args(Sampler)}, got {sampler!r}")
    if variance_type not in (None, *get_args(VarianceType)):
        raise ValueError(
            f"variance_type must be one of {get_args(VarianceType)}, got {variance_type!r}"
        )
    if eta is not None and not 0 <= eta <= 1:
        raise ValueError(f"eta must be in [0, 1], got {eta}")
    if eta is not None and sampler != "ddim":
        raise ValueError(f"eta={eta} is an option of the sampler 'ddim', got {sampler!r}")
    if variance_type is not None and sampler != "ddpm":
        raise ValueError(
            f"variance_type={variance_type!r} is an option of the sampler 'ddpm', got {sampler!r}"
        )
    if timestep_spacing is not None and num_inference_steps is None:
        raise ValueError(
            f"timestep_spacing={timestep_spacing!r} chooses among steps: give num_inference_steps"
        )


def _check_reverse_steps(
    network: ReverseMLP | SoftplusReverseMLP,
    schedule: NoiseSchedule,
    sampler: str,
    steps: int,
    options: dict[str, object],
) -> None:
    """Refuse what a network with a learned variance cannot do: it knows its own steps only."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ValueError(f"a network with a learned variance has no option {', '.join(given)}")
    if sampler != "ddpm":
        raise ValueError(
            f"a network with a learned variance has the sampler 'ddpm' only, got {sampler!r}"
        )
    trained = network.schedule
    same = len(schedule) == len(trained) and torch.allclose(schedule.betas, trained.betas)
    if steps != len(trained) or not same:
        raise ValueError(
            f"a network with a learned variance takes all {len(trained)} steps of the schedule "
            f"that it was trained on, got {steps} of {'that' if same else 'another'} schedule"
        )
