"""What *Forward* computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, get_args

import torch
from torch import Tensor

from diffusion import NoiseSchedule, add_noise, iterate
from diffusion.data import swiss_roll
from diffusion.evaluation.metrics import ratio_to_real, sliced_wasserstein
from diffusion.evaluation.variational_bound import terminal_kl
from diffusion.process.named_schedules import BetaSchedule
from ui.shared.cache import computed_once
from ui.shared.models import frames_to_keep
from ui.shared.settings import Settings, number, seed
from ui.shared.strips import PANELS, Strip
from ui.shared.trajectories import MAX_FRAMES, Trajectory, draw_points, real_points

NUM_POINTS = 600
MAX_STEPS = 50
"""Steps of sampling back: enough for the exact score (SW2 ratio 1.1), and quick."""

LEAST_ALPHA_CUMPROD = 1e-8  # an x̂₀ from less is off by 1e-3 and more, in float32
BACKWARD_FRAMES = 26  # every visit sends them: half a megabyte


@dataclass(frozen=True)
class ForwardSettings(Settings):
    """The controls of *Forward*; their defaults are the tutorial's, whose β ends too low."""

    title: ClassVar[str] = "Forward"
    num_train_timesteps: int = number(100, "number of steps T", 10, 1000, 1)
    beta_start: float = number(1e-5, "first β, β_1", 1e-6, 0.01, 1e-6)
    beta_end: float = number(0.01, "last β, β_T", 0.01, 0.5, 0.001)
    seed: int = seed()

    @property
    def steps_back(self) -> int:
        """The steps of sampling back."""
        return min(self.num_train_timesteps, MAX_STEPS)


@computed_once(maxsize=32)
def schedules(settings: ForwardSettings) -> dict[str, NoiseSchedule]:
    """Every schedule with these T and β range, by its name."""
    return {
        name: NoiseSchedule.from_name(
            name, settings.num_train_timesteps, settings.beta_start, settings.beta_end
        )
        for name in get_args(BetaSchedule)
    }


@dataclass(frozen=True)
class ScheduleEnd:
    """Where a schedule ends, and what comes back from there.

    Attributes:
        alpha_cumprod: ᾱ_T, the fraction of the data's variance that is left.
        kl: KL(q(x_T) ‖ N(0, I)) in nats, exact.
        sw2_ratio: of the points that were sampled back.
    """

    alpha_cumprod: float
    kl: float
    sw2_ratio: float


@dataclass(frozen=True)
class ForwardResult:
    """The points on their way to noise and back, and the end of each schedule by its name."""

    forward: Trajectory
    backward: Trajectory
    ends: dict[str, ScheduleEnd]


@computed_once(maxsize=32)
def forward_result(settings: ForwardSettings) -> ForwardResult:
    """To noise and back by every schedule."""
    forward, backward = _forward(settings), _backward(settings)
    ends = {
        name: _end(schedule, torch.from_numpy(backward.views[name][-1]))
        for name, schedule in schedules(settings).items()
    }
    return ForwardResult(forward, backward, ends)


def forward_strip(settings: ForwardSettings) -> Strip:
    """x_t at ten steps, a row for each schedule."""
    forward = forward_result(settings).forward
    kept = frames_to_keep(len(forward.labels), PANELS)
    names = list(forward.views)
    steps = settings.num_train_timesteps
    return Strip(
        name=f"forward-x_t-{steps}-steps-beta-{settings.beta_start:g}-to-{settings.beta_end:g}"
        f"-seed-{settings.seed}",
        description=f"The strip shows x_t of the swiss roll at {len(kept)} of {steps} steps, in "
        f"one row for each schedule: {', '.join(names)}.",
        titles=[[forward.labels[frame] for frame in kept]] * len(names),
        draw=lambda axes, row, column: draw_points(axes, forward.views[names[row]][kept[column]]),
        rows=names,
    )


def _forward(settings: ForwardSettings) -> Trajectory:
    """Noise the same points with the same noise by every schedule, straight from x_0 to x_t."""
    generator = torch.Generator().manual_seed(settings.seed)
    x_0 = swiss_roll.sample(NUM_POINTS, generator)
    noise = torch.randn(x_0.shape, generator=generator)
    kept = frames_to_keep(settings.num_train_timesteps, MAX_FRAMES - 1)
    views = {}
    for name, schedule in schedules(settings).items():
        alphas_cumprod = schedule.alphas_cumprod[kept]
        noisy = [add_noise(x_0, noise, each.expand(len(x_0))) for each in alphas_cumprod]
        views[name] = torch.stack([x_0, *noisy]).double().numpy()
    labels = ["x₀, the data", *(f"t = {t + 1} of {settings.num_train_timesteps}" for t in kept)]
    return Trajectory(views, labels, real_points(), {})


def _backward(settings: ForwardSettings) -> Trajectory:
    """Sample back by every schedule from the same N(0, I), by DDPM with the exact score.

    No network takes part: what does not come back is the fault of the schedule or of few steps.
    """
    steps = settings.steps_back
    kept = frames_to_keep(steps + 1, BACKWARD_FRAMES)
    views = {}
    for name, schedule in schedules(settings).items():
        generator = torch.Generator().manual_seed(settings.seed)
        states = iterate(
            swiss_roll.Oracle(),
            _until_noise(schedule, steps),
            (NUM_POINTS, 2),
            num_inference_steps=steps,
            generator=generator,
            # N(0, I) on purpose, also where the schedule does not reach noise
            initial=torch.randn(NUM_POINTS, 2, generator=generator),
        )
        animation = torch.stack([state.x for state in states])
        views[name] = animation[kept].double().numpy()
    labels = [f"{steps - done} of {steps} steps to go" for done in kept]
    return Trajectory(views, labels, real_points(), {})


def _until_noise(schedule: NoiseSchedule, steps: int) -> NoiseSchedule:
    """The schedule without the steps at which x_t is N(0, I) to within `LEAST_ALPHA_CUMPROD`.

    They change nothing, and x̂₀ = (x_t - √(1-ᾱ) ε)/√ᾱ would be all rounding error there.

    Raises:
        ValueError: if fewer than `steps` are left.
    """
    left = int((schedule.alphas_cumprod >= LEAST_ALPHA_CUMPROD).sum())
    if left < steps:
        raise ValueError(
            f"with this last β and number of steps T, ᾱ falls below {LEAST_ALPHA_CUMPROD:g} after "
            f"{left} steps, too few to sample back in {steps}: choose a lower last β"
        )
    return NoiseSchedule(schedule.betas[:left])


def _end(schedule: NoiseSchedule, generated: Tensor) -> ScheduleEnd:
    generator = torch.Generator().manual_seed(1_000)
    real = [swiss_roll.sample(NUM_POINTS, generator) for _ in range(4)]
    return ScheduleEnd(
        float(schedule.alphas_cumprod[-1]),
        terminal_kl(swiss_roll.log_prob, schedule),
        ratio_to_real(sliced_wasserstein, [generated.float()], real),
    )
