"""Diffusion (DDPM): what its tab computes, forward and reverse."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion import NoiseSchedule, add_noise, iterate, swiss_roll
from diffusion.metrics import share_off_curve
from diffusion.samplers import Sampler, VarianceType
from diffusion.schedule import BetaSchedule
from ui.models import checkpoint, evaluations, frames_to_keep, state_label
from ui.settings import Settings, choice, number, seed

LIMITS = (-2.6, 2.6)
FORWARD_POINTS = 600
MAX_FRAMES = 51

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DiffusionSettings(Settings):
    """The controls of Diffusion (DDPM)."""

    tab: ClassVar[str] = "diffusion"
    num_train_timesteps: int = number(100, "steps T", 10, 1000, 1)
    beta_start: float = number(1e-5, "β at the start", 1e-6, 0.01, 1e-6)
    beta_end: float = number(0.25, "β at the end", 0.01, 0.5, 0.001)
    sampler: str = choice("ddpm", "sampler", get_args(Sampler))
    num_inference_steps: int = number(100, "steps", 2, 100, 1, "of the 100 that were trained")
    variance_type: str = choice(
        "fixed_small", "variance of DDPM", get_args(VarianceType), "β̃ (small) or β (large)"
    )
    eta: float = number(0.0, "η, of DDIM only", 0.0, 1.0, 0.05, "0: deterministic, 1: like DDPM")
    num_points: int = number(1000, "points", 50, 2000, 50)
    seed: int = seed()


@dataclass(frozen=True)
class Trajectory:
    """Clouds of points over time.

    Attributes:
        views: for each view's name its points (frames, points, 2).
        labels: one for each frame.
        data: points of the swiss roll to compare with (N, 2).
        facts: numbers with their names.
    """

    views: dict[str, Array]
    labels: list[str]
    data: Array
    facts: dict[str, str]


@lru_cache(maxsize=32)
def schedules(settings: DiffusionSettings) -> dict[str, NoiseSchedule]:
    """Every schedule with these T and β range, by its name."""
    return {
        name: NoiseSchedule.from_name(
            name, settings.num_train_timesteps, settings.beta_start, settings.beta_end
        )
        for name in get_args(BetaSchedule)
    }


@lru_cache(maxsize=32)
def forward_result(settings: DiffusionSettings) -> Trajectory:
    """Noise the same points with the same noise by every schedule, straight from x_0 to x_t."""
    generator = torch.Generator().manual_seed(0)  # the seed is that of the reverse process
    x_0 = swiss_roll.sample(FORWARD_POINTS, generator)
    noise = torch.randn(x_0.shape, generator=generator)
    kept = frames_to_keep(settings.num_train_timesteps, MAX_FRAMES - 1)
    views, facts = {}, {}
    for name, schedule in schedules(settings).items():
        levels = schedule.alphas_cumprod[kept]
        noisy = [add_noise(x_0, noise, level.expand(len(x_0))) for level in levels]
        views[name] = torch.stack([x_0, *noisy]).double().numpy()
        left = f"√ᾱ_T = {float(schedule.noise_levels[-1]):.2g}"
        facts[name] = f"{left}, **does not reach noise**" if schedule.shortfall else left
    labels = ["x₀, the data", *(f"t = {t + 1} of {settings.num_train_timesteps}" for t in kept)]
    return Trajectory(views, labels, _real(), facts)


@lru_cache(maxsize=32)
def reverse_result(settings: DiffusionSettings) -> Trajectory:
    """Sample from noise with the trained network, and keep x_t and x̂₀ on the way."""
    trained = checkpoint("swiss-roll-ddpm")
    started = time.perf_counter()
    states = list(
        iterate(
            trained.network,
            trained.schedule,
            (settings.num_points, 2),
            settings.sampler,  # type: ignore[arg-type]  # checked by the settings
            num_inference_steps=settings.num_inference_steps,
            eta=settings.eta,
            variance_type=settings.variance_type,  # type: ignore[arg-type]
            generator=torch.Generator().manual_seed(settings.seed),
        )
    )
    seconds = time.perf_counter() - started
    kept = [states[i] for i in frames_to_keep(len(states), MAX_FRAMES)]
    ends, real = states[-1].x.cpu(), torch.from_numpy(_real())
    return Trajectory(
        views={
            "x_t": torch.stack([state.x for state in kept]).double().cpu().numpy(),
            "x̂₀": torch.stack([s.pred_original_sample for s in kept]).double().cpu().numpy(),
        },
        labels=[state_label(state) for state in kept],
        data=_real(),
        facts={
            "points more than 0.09 from the curve": f"{share_off_curve(ends):.2%} "
            f"(real points: {share_off_curve(real):.2%})",
            "distance to the curve, root mean square": f"{_spread(ends):.4f} "
            f"(real points: {_spread(real):.4f})",
            "network evaluations": evaluations(settings.sampler, settings.num_inference_steps),
            "time to sample": f"{seconds:.2f} s",
        },
    )


def _spread(points: Tensor) -> float:
    return float(swiss_roll.distance_to_curve(points).square().mean().sqrt())


@lru_cache(maxsize=1)
def _real() -> Array:
    return swiss_roll.sample(1500, torch.Generator().manual_seed(1)).double().numpy()
