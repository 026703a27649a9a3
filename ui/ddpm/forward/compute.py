"""What *Forward* computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, get_args

import torch
from torch import Tensor

from diffusion import NoiseSchedule, add_noise, iterate
from diffusion.data.distributions import Oracle
from diffusion.evaluation.metrics import SlicedWassersteinRatio
from diffusion.evaluation.variational_bound import terminal_kl
from diffusion.process.named_schedules import BetaSchedule
from ui.shared.cache import computed_once
from ui.shared.data import (
    Data,
    HasData,
    distribution_choice,
    distribution_of,
    real_points,
    strokes_text,
)
from ui.shared.models import frames_to_keep
from ui.shared.settings import Settings, log_number, number, seed
from ui.shared.strips import PANELS, Strip
from ui.shared.trajectories import Trajectory, draw_points
from ui.texts import Texts

TEXTS = Texts("forward")


NUM_POINTS = 600
REAL_SEED, NUM_REAL_SETS = 1_000, 4
MAX_STEPS = 50
"""Steps of sampling back: enough for the exact score (SW2 ratio 1.1), and quick."""

NOISE_ALPHA_CUMPROD = 1e-4
"""Below it x_t is noise: KL(q(x_t) ‖ N(0, I)) is under 3e-6 nats for the swiss roll, and under 4e-4
for any drawing, however far from the origin."""

FRAMES = 31  # of each player: every visit sends them, half a megabyte


@dataclass(frozen=True)
class ForwardSettings(HasData, Settings):
    """The controls of *Forward*; by default every schedule reaches noise."""

    title: ClassVar[str] = "Forward"
    num_train_timesteps: int = number(100, 10, 1000, 1)
    beta_start: float = log_number(1e-5, 1e-6, 0.01)
    beta_end: float = log_number(0.25, 0.01, 0.5)
    seed: int = seed()
    distribution: str = distribution_choice()
    strokes: str = strokes_text()

    def times(self) -> list[int]:
        """The t that both players show, from 0 (the data) to T."""
        return [0, *(t + 1 for t in frames_to_keep(self.num_train_timesteps, FRAMES - 1))]


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
        name: _end(settings, schedule, torch.from_numpy(backward.views[name][-1]))
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
        name=f"forward-x_t-{settings.distribution.replace(' ', '-')}-{steps}-steps-"
        f"beta-{settings.beta_start:g}-to-{settings.beta_end:g}-seed-{settings.seed}",
        description=TEXTS.say(
            "strip",
            distribution=settings.data().label,
            count=len(kept),
            steps=steps,
            names=", ".join(names),
        ),
        titles=[[forward.labels[frame] for frame in kept]] * len(names),
        draw=lambda axes, row, column: draw_points(axes, forward.views[names[row]][kept[column]]),
        rows=names,
    )


def _forward(settings: ForwardSettings) -> Trajectory:
    """Noise the same points with the same noise by every schedule, straight from x_0 to x_t."""
    generator = torch.Generator().manual_seed(settings.seed)
    x_0 = distribution_of(settings.data()).sample(NUM_POINTS, generator)
    noise = torch.randn(x_0.shape, generator=generator)
    times = settings.times()
    views = {}
    for name, schedule in schedules(settings).items():
        alphas_cumprod = schedule.alphas_cumprod[[t - 1 for t in times[1:]]]
        noisy = [add_noise(x_0, noise, each.expand(len(x_0))) for each in alphas_cumprod]
        views[name] = torch.stack([x_0, *noisy]).double().numpy()
    return Trajectory(views, _labels(settings, times), real_points(settings.data()), {})


def _backward(settings: ForwardSettings) -> Trajectory:
    """Sample back by every schedule from the same N(0, I), by DDPM with the exact score.

    No network takes part: what does not come back is the fault of the schedule or of few steps.
    """
    times = settings.times()[::-1]
    views = {}
    for name, schedule in schedules(settings).items():
        generator = torch.Generator().manual_seed(settings.seed)
        steps = steps_back(schedule)
        states = iterate(
            Oracle(distribution_of(settings.data())),
            until_noise(schedule),
            (NUM_POINTS, 2),
            num_inference_steps=steps,
            generator=generator,
            # N(0, I) on purpose, also where the schedule does not reach noise
            initial=torch.randn(NUM_POINTS, 2, generator=generator),
        )
        points = torch.stack([state.x for state in states])
        reached = [*(t + 1 for t in until_noise(schedule).timesteps(steps).tolist()), 0]
        shown = [_latest(reached, t) for t in times]
        views[name] = points[shown].double().numpy()
    return Trajectory(views, _labels(settings, times), real_points(settings.data()), {})


def until_noise(schedule: NoiseSchedule) -> NoiseSchedule:
    """The schedule up to the first step at which x_t is noise (`NOISE_ALPHA_CUMPROD`).

    x_t = z stays what it is in all later steps. To sample there would only take steps away from
    where the data appear, and x̂₀ = (x_t - √(1-ᾱ) ε)/√ᾱ would be all rounding error.
    """
    signal = int((schedule.alphas_cumprod >= NOISE_ALPHA_CUMPROD).sum())
    return NoiseSchedule(schedule.betas[: signal + 1])


def steps_back(schedule: NoiseSchedule) -> int:
    """The number of steps of sampling back, all of which have a signal to work on."""
    return min(len(until_noise(schedule)), MAX_STEPS)


def _latest(reached: list[int], t: int) -> int:
    """Which of the falling times a sampler is at when t is shown: the last that is not below t."""
    return max(sum(each >= t for each in reached) - 1, 0)


def _labels(settings: ForwardSettings, times: list[int]) -> list[str]:
    return [TEXTS.say("time", t=t, total=settings.num_train_timesteps) for t in times]


def _end(settings: ForwardSettings, schedule: NoiseSchedule, generated: Tensor) -> ScheduleEnd:
    return ScheduleEnd(
        float(schedule.alphas_cumprod[-1]),
        # no rounding error below what a KL can be
        max(terminal_kl(distribution_of(settings.data()).log_prob, schedule), 0.0),
        _ratio(settings.data())(generated.float()),
    )


@computed_once(maxsize=16)
def _ratio(chosen: Data) -> SlicedWassersteinRatio:
    """To real points of the data, which are the same for every seed."""
    data, generator = distribution_of(chosen), torch.Generator().manual_seed(REAL_SEED)
    return SlicedWassersteinRatio(
        [data.sample(NUM_POINTS, generator) for _ in range(NUM_REAL_SETS)]
    )
