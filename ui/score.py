"""Score & Langevin: what its tab computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion import langevin, score_of, swiss_roll
from diffusion.metrics import relative_error, share_off_curve
from ui.models import checkpoint, frames_to_keep
from ui.settings import Settings, number, seed

LIMITS = (-1.8, 1.8)
HEAT_CELLS = 128
ARROWS = 22
MAX_FRAMES = 61
HEAT_RANGE = 12.0  # nats below the highest log-density that still have a colour of their own

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ScoreSettings(Settings):
    """The controls of Score & Langevin."""

    tab: ClassVar[str] = "score"
    sigma: float = number(0.1, "noise level σ", 0.01, 1.0, 0.01, "of the data whose score is shown")
    x: float = number(0.0, "start x", LIMITS[0], LIMITS[1], 0.01)
    y: float = number(0.0, "start y", LIMITS[0], LIMITS[1], 0.01)
    walkers: int = number(150, "walkers", 1, 500, 1)
    spread: float = number(0.1, "spread of the start", 0.0, 1.0, 0.01)
    step_size: float = number(0.005, "step size ε", 0.0001, 0.2, 0.0001)
    decay: float = number(1.0, "decay of ε per step", 0.8, 1.0, 0.005)
    temperature: float = number(1.0, "temperature τ", 0.0, 2.0, 0.05)
    num_steps: int = number(240, "steps", 1, 1000, 1)
    seed: int = seed()


@dataclass(frozen=True)
class ScoreResult:
    """A field, walkers in it, and what was measured.

    Attributes:
        heat: log p on a grid (rows, columns), clipped from below.
        arrows_xy: where the arrows start (N, 2).
        arrows_uv: the learned score there (N, 2).
        data: points of the noised data (N, 2).
        walkers: their positions (frames, walkers, 2).
        labels: one for each frame.
        facts: numbers with their names.
    """

    heat: Array
    arrows_xy: Array
    arrows_uv: Array
    data: Array
    walkers: Array
    labels: list[str]
    facts: dict[str, str]


@lru_cache(maxsize=32)
def score_result(settings: ScoreSettings) -> ScoreResult:
    """Walk down the learned score from a start, over the exact density."""
    heat, grid, uv, data, error = _field(settings.sigma)
    generator = torch.Generator().manual_seed(settings.seed)
    start = torch.tensor([settings.x, settings.y]) + settings.spread * torch.randn(
        settings.walkers, 2, generator=generator
    )
    states = list(
        langevin(
            _learned_score(settings.sigma),
            start,
            step_size=settings.step_size,
            num_steps=settings.num_steps,
            decay=settings.decay,
            temperature=settings.temperature,
            generator=generator,
        )
    )
    kept = frames_to_keep(len(states), MAX_FRAMES)
    return ScoreResult(
        heat=heat,
        arrows_xy=grid,
        arrows_uv=uv,
        data=data,
        walkers=torch.stack([states[i] for i in kept]).double().numpy(),
        labels=[f"step {i} of {settings.num_steps}" for i in kept],
        facts={"relative error of the learned score at this σ": f"{error:.3f}"}
        | _walk_facts(settings, states[-1]),
    )


@lru_cache(maxsize=64)
def _field(sigma: float) -> tuple[Array, Array, Array, Array, float]:
    """Heat map, arrows and their starts, data, and the error of the learned score, at one σ."""
    axis = torch.linspace(*LIMITS, HEAT_CELLS + 1, dtype=torch.float64)
    centres = (axis[1:] + axis[:-1]) / 2
    heat = swiss_roll.log_prob(_grid(centres), noise_variance=sigma**2)
    heat = heat.clamp(min=float(heat.max()) - HEAT_RANGE)
    starts = _grid(torch.linspace(LIMITS[0], LIMITS[1], ARROWS + 2)[1:-1]).reshape(-1, 2)
    arrows = _learned_score(sigma)(starts)
    generator = torch.Generator().manual_seed(0)
    data = swiss_roll.sample(1500, generator)
    data = data + sigma * torch.randn(data.shape, generator=generator)
    exact = swiss_roll.score(data, noise_variance=sigma**2)
    error = relative_error(_learned_score(sigma)(data), exact)
    return (
        heat.numpy(),
        starts.double().numpy(),
        arrows.double().numpy(),
        data.double().numpy(),
        error,
    )


def _learned_score(sigma: float) -> Callable[[Tensor], Tensor]:
    network = checkpoint("swiss-roll-score").network
    device = next(network.parameters()).device
    score = score_of(network, sigma)
    return lambda x: score(x.to(device)).to(x.device)


def _grid(axis: Tensor) -> Tensor:
    """Points of a square grid, (rows, columns, 2), rows from the lowest y."""
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x, y], dim=-1)


def _walk_facts(settings: ScoreSettings, ends: Tensor) -> dict[str, str]:
    variance = swiss_roll.WIDTH**2 + settings.sigma**2
    bound = 4 * variance
    verdict = "below it" if settings.step_size < bound else "**above it: the walk is unstable**"
    total = settings.step_size * sum(settings.decay**i for i in range(settings.num_steps))
    width = variance**0.5
    exact = share_off_curve(torch.from_numpy(_field(settings.sigma)[3]), width)
    diverged = ~torch.isfinite(ends).all(dim=1)
    inside = ends[~diverged]
    off = share_off_curve(inside, width) if len(inside) else 1.0
    share = (off * len(inside) + float(diverged.sum())) / len(ends)
    return {
        "stability bound of ε across the curve, 4 (0.03² + σ²)": f"{bound:.4f}; ε is {verdict}",
        "Σε, the time that was walked": f"{total:.3f}",
        f"walkers that end more than {3 * width:.2f} from the curve, three widths of the noised "
        "roll": f"{share:.1%} (exact samples: {exact:.1%})",
    }
