"""Forward, of Diffusion (DDPM): what its section computes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, get_args

import torch

from diffusion import NoiseSchedule, add_noise, swiss_roll
from diffusion.schedule import BetaSchedule
from ui.clouds import MAX_FRAMES, Trajectory, real_points
from ui.models import frames_to_keep
from ui.settings import Settings, number, seed

NUM_POINTS = 600


@dataclass(frozen=True)
class ForwardSettings(Settings):
    """The controls of Forward."""

    tab: ClassVar[str] = "forward"
    num_train_timesteps: int = number(100, "steps T", 10, 1000, 1)
    beta_start: float = number(1e-5, "β at the start", 1e-6, 0.01, 1e-6)
    beta_end: float = number(0.25, "β at the end", 0.01, 0.5, 0.001)
    seed: int = seed()


@lru_cache(maxsize=32)
def schedules(settings: ForwardSettings) -> dict[str, NoiseSchedule]:
    """Every schedule with these T and β range, by its name."""
    return {
        name: NoiseSchedule.from_name(
            name, settings.num_train_timesteps, settings.beta_start, settings.beta_end
        )
        for name in get_args(BetaSchedule)
    }


@lru_cache(maxsize=32)
def forward_result(settings: ForwardSettings) -> Trajectory:
    """Noise the same points with the same noise by every schedule, straight from x_0 to x_t."""
    generator = torch.Generator().manual_seed(settings.seed)
    x_0 = swiss_roll.sample(NUM_POINTS, generator)
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
    return Trajectory(views, labels, real_points(), facts)
