"""What *Mistakes in 2D* computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from diffusion.mistakes.experiments import Trajectory
from diffusion.mistakes.registry import MISTAKES
from ui.shared.cache import computed_once
from ui.shared.models import frames_to_keep
from ui.shared.settings import Settings, choice, seed
from ui.shared.trajectories import MAX_FRAMES
from ui.texts import Texts

TEXTS = Texts("mistakes-in-2d")


Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MistakesIn2dSettings(Settings):
    """The controls of *Mistakes in 2D*."""

    title: ClassVar[str] = "Mistakes in 2D"
    old_tabs: ClassVar[tuple[str, ...]] = ("mistakes",)
    mistake: str = choice("uniform noise", tuple(MISTAKES))
    seed: int = seed()


@dataclass(frozen=True)
class MistakeResult:
    """The wrong and the right run of one mistake.

    Attributes:
        wrong: points (frames, N, 2).
        right: likewise, from the same noise.
        labels: one for each frame.
        wanted: points as the last ones should be (N, 2).
        costs: by the name of a measure, its value for wrong and for right.
        real_band: the least and the largest SW2 ratio of real points.
    """

    wrong: Array
    right: Array
    labels: list[str]
    wanted: Array
    costs: dict[str, tuple[float | str, float | str]]
    real_band: tuple[float, float]


@computed_once(maxsize=32)
def mistake_result(settings: MistakesIn2dSettings) -> MistakeResult:
    """Run the wrong and the right way now, and measure both."""
    chosen = MISTAKES[settings.mistake]
    wrong, right = chosen.wrong(settings.seed), chosen.right(settings.seed)
    kept = frames_to_keep(len(right.states), MAX_FRAMES)
    right_costs = right.costs()
    return MistakeResult(
        wrong=_frames(wrong, kept),
        right=_frames(right, kept),
        labels=[TEXTS.say("step", step=i, last=len(right.states) - 1) for i in kept],
        wanted=right.distribution(torch.Generator().manual_seed(settings.seed)).double().numpy(),
        costs={name: (cost, right_costs[name]) for name, cost in wrong.costs().items()},
        real_band=right.real_band(),
    )


def _frames(trajectory: Trajectory, kept: list[int]) -> Array:
    return trajectory.states[kept].detach().double().numpy()
