"""Reverse, of Diffusion (DDPM): what its section computes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, get_args

import torch
from torch import Tensor

from diffusion import iterate, swiss_roll
from diffusion.metrics import share_off_curve
from diffusion.samplers import Sampler, VarianceType
from ui.clouds import MAX_FRAMES, Trajectory, real_points
from ui.models import checkpoint, evaluations, frames_to_keep, state_label
from ui.settings import Settings, choice, number, seed


@dataclass(frozen=True)
class ReverseSettings(Settings):
    """The controls of Reverse."""

    tab: ClassVar[str] = "reverse"
    sampler: str = choice("ddpm", "sampler", get_args(Sampler))
    num_inference_steps: int = number(100, "steps", 2, 100, 1, "of the 100 that were trained")
    variance_type: str = choice(
        "fixed_small", "variance of DDPM", get_args(VarianceType), "β̃ (small) or β (large)"
    )
    eta: float = number(0.0, "η, of DDIM only", 0.0, 1.0, 0.05, "0: deterministic, 1: like DDPM")
    num_points: int = number(1000, "points", 50, 2000, 50)
    seed: int = seed()


@lru_cache(maxsize=32)
def reverse_result(settings: ReverseSettings) -> Trajectory:
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
    ends, real = states[-1].x.cpu(), torch.from_numpy(real_points())
    return Trajectory(
        views={
            "x_t": torch.stack([state.x for state in kept]).double().cpu().numpy(),
            "x̂₀": torch.stack([s.pred_original_sample for s in kept]).double().cpu().numpy(),
        },
        labels=[state_label(state) for state in kept],
        data=real_points(),
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
