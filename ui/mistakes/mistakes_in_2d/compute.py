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

Array = npt.NDArray[np.float64]

LESSONS = {
    "uniform noise": "Uniform noise has mean ½ and variance 1/12 where N(0, I) has 0 and 1. Each "
    "step pushes the walkers up and to the right until the curve stops them, and there they hardly "
    "move along it: the noise is 3.5 times too weak. Their mean, compared with that of the data, "
    "would have shown it. (On the right the walkers have not yet moved along the whole curve: over "
    "six seeds the mean ratio is 1.3, and 1.05 after twice as many steps.)",
    "decaying steps": "The steps are a geometric series: Σε = 0.01, however many there are. The "
    "walkers freeze on their way. A plot of their distance to the curve would have shown that it "
    "stops falling far from zero. (On the right they are on the curve, but have not yet moved "
    "along all of it: over six seeds the mean ratio is 2.0 after 300 steps, 1.8 after these 600 "
    "and 1.5 after 1,200.)",
    "steps too long": "ε = 0.005 is above the stability bound 4 (0.03² + σ²) = 0.004, so that each "
    "step jumps over the curve and lands farther away. Points that start on the data should stay "
    "there, and do not.",
    "σ too small": "The square of the target −ε/σ is 2/σ² = 20,000 on average, and that of the "
    "score, its mean, only 1,000: the noise drowns it. The loss hardly differs from that of a "
    "network that answers zero, which is what was learned. (On the right, the rest above 1 is the "
    "error of a short training: twice as many steps do not lower the ratio, as they do with the "
    "exact score.)",
    "β for √β": "β is a variance; a standard deviation scales the noise. The standard deviation "
    "of x_T, far below 1, would have shown it.",
    "schedule short of noise": "With ᾱ_T = 0.605, x_T is still a smeared roll, but sampling starts "
    "from N(0, I). Even the exact score cannot put the points back in the right places along the "
    "curve. The mean and the standard deviation of x_T, compared with 0 and 1, would have "
    "shown it.",
    "average not used": "Both clouds come from one training: at a constant learning rate its last "
    "weights jitter, and their average does not. To measure both would have shown it. (On the "
    "right, the points off the curve are those of a short training.)",
    "noise at t = 0": "The last step should return the mean. Of 10 steps, its noise is three times "
    "as wide as the curve; of 100, a tenth of it, which is why nobody saw it.",
    "sign of ∇ log q": "The text prints ∇ log q = (x̃ − x)/σ² without its minus sign; its code has "
    "the sign right. A network that learned the printed target would point away from the data, and "
    "Langevin dynamics would leave the picture within a few steps. (On the right, 12 steps are too "
    "few to move along the whole curve: over six seeds the mean ratio is 2.4, about as much in 24 "
    "steps of half the size, and 1.05 after 480 steps.)",
    "decoder for pixels": "This decoder is made for grey values in [−1, 1], and its bins at both "
    "ends are open. Of the points of the roll 31 % have a coordinate beyond: their means are "
    "pushed outward without end, since any mean farther out is as good. The largest coordinate of "
    "the data, compared with 1, would have shown it.",
    "used before defined": "The variational loss calls `q_posterior_mean_variance`, which no cell "
    "defines. Python looks a name up only when the line runs, and the tutorial never calls this "
    "loss, so nobody saw the error. Whoever calls it gets a NameError. The wrong run stops at x_t; "
    "the right one goes on to the mean of the step before, with which the loss compares the "
    "network's. To call the function once would have shown it.",
}
"""What went wrong, and what a reader would have noticed."""


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
        labels=[f"step {i} of {len(right.states) - 1}" for i in kept],
        wanted=right.distribution(torch.Generator().manual_seed(settings.seed)).double().numpy(),
        costs={name: (cost, right_costs[name]) for name, cost in wrong.costs().items()},
        real_band=right.real_band(),
    )


def _frames(trajectory: Trajectory, kept: list[int]) -> Array:
    return trajectory.states[kept].detach().double().numpy()
