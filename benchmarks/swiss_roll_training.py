"""Learning and sampling the swiss roll: this project, smalldiffusion and the notebook's recipe.

Run as `python -m benchmarks.swiss_roll_training [--seconds S]`. The other package is installed by
`pip install smalldiffusion==0.5.0`, beside the torchvision that belongs to the torch at hand;
without it the tables leave it out. Who they are is in `benchmarks.swiss_roll_contestants`.

All train on one thread, in turns, until each has had the same seconds of processor, so that
whatever else the machine does falls on all; ratios are of seconds of processor. After each turn,
until the goal is reached, 10,000 points of its own sampler (at its own number of steps) are
measured outside the clock, by the SW2 ratio to fresh real points; a time to the goal is the end of
a turn, so at most a second or a quarter late. For the sampling, this project then takes the fewest
steps with which the network that it has trained in the same seconds is as good as the other, mean
of three seeds; or 20 where none is.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial

import torch

from benchmarks.swiss_roll_contestants import CONTESTANTS, Contestant
from diffusion.evaluation.sample_quality import NUM_POINTS, SEEDS, RealPoints

GOAL = 2.5
LONGEST_TURN = 0.25  # of the seconds so far
ROUNDS = 7
MOST_STEPS = 20


@dataclass(frozen=True)
class Seconds:
    """Time by the clock on the wall, and by the processor."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)


@dataclass
class Training:
    """What is known of a contestant's training.

    Attributes:
        contestant: who trains.
        steps: made so far.
        seconds: spent on them.
        sw2: the ratio now.
        reached: the seconds at which the ratio was first at most `GOAL`.
    """

    contestant: Contestant
    steps: int = 0
    seconds: Seconds = field(default_factory=Seconds)
    sw2: float = float("inf")
    reached: Seconds | None = None

    def __post_init__(self) -> None:
        self._states = self.contestant.train()

    def turn(self, until: float) -> None:
        """Train until so many seconds of processor have been spent."""
        before, start = self.seconds, _now()
        for _ in self._states:
            self.steps += 1
            self.seconds = before + _since(start)
            if self.seconds.cpu >= until:
                return

    def measure(self, real: RealPoints, num_points: int) -> None:
        """Measure the points of the contestant's own sampler."""
        points = self.contestant.sample(num_points, self.contestant.num_inference_steps[-1], 0)
        self.sw2 = real.quality([points]).sw2
        if self.reached is None and self.sw2 <= GOAL:
            self.reached = self.seconds

    @property
    def per_step(self) -> Seconds:
        """The mean time of a step."""
        return Seconds(self.seconds.wall / self.steps, self.seconds.cpu / self.steps)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Train and sample the swiss roll, side by side.")
    parser.add_argument("--seconds", type=float, default=60.0, help="of processor, for each")
    parser.add_argument("--points", type=int, default=NUM_POINTS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    real = RealPoints(arguments.points)
    trainings = [Training(contestant) for contestant in contestants(seed=0)]
    for until in turns(arguments.seconds):
        for training in trainings:
            training.turn(until)
            if training.reached is None or until == arguments.seconds:
                training.measure(real, arguments.points)
    print_trainings(trainings, arguments.seconds)
    print_samplings(trainings, real, arguments.points)


def contestants(seed: int) -> list[Contestant]:
    """This project first, and the others that are there."""
    found: list[Contestant] = []
    for kind in CONTESTANTS:
        try:
            found.append(kind(seed))
        except ImportError as error:
            print(f"{kind.name} is left out ({error}): pip install smalldiffusion==0.5.0\n")
    return found


def turns(seconds: float) -> Iterator[float]:
    """Where each turn ends: every second at first, later in steps of a quarter."""
    until = 0.0
    while until < seconds:
        until = min(seconds, until + max(1.0, LONGEST_TURN * until))
        yield until


def print_trainings(trainings: list[Training], seconds: float) -> None:
    """Time of a step, and time to the goal."""
    ours = trainings[0]
    print(f"Training: CPU, one thread, {seconds:g} s of processor each, in turns\n")
    print(
        "| recipe | parameters | points a step | steps | ms a step: wall, processor | × ours "
        f"| s to SW2 ≤ {GOAL}: wall, processor | × ours | SW2 at the end |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for training in trainings:
        contestant, step = training.contestant, training.per_step
        size = sum(p.numel() for p in contestant.network.parameters())
        cells = (
            contestant.name,
            f"{size:,}",
            f"{contestant.batch_size:,}",
            f"{training.steps:,}",
            f"{1e3 * step.wall:.1f}, {1e3 * step.cpu:.1f}",
            f"{step.cpu / ours.per_step.cpu:.2f}",
            *_goal_cells(training, ours),
            f"{training.sw2:.2f}",
        )
        print(f"| {' | '.join(cells)} |", flush=True)


def _goal_cells(training: Training, ours: Training) -> tuple[str, str]:
    """The seconds to the goal, and how often our seconds go into them."""
    spent = training.reached or training.seconds
    ratio = f"{spent.cpu / ours.reached.cpu:.1f}" if ours.reached else "–"
    if training.reached is None:
        return f"not in {spent.wall:.1f}, {spent.cpu:.1f}", f"> {ratio}" if ours.reached else ratio
    return f"{spent.wall:.1f}, {spent.cpu:.1f}", ratio


def print_samplings(trainings: list[Training], real: RealPoints, num_points: int) -> None:
    """Each other sampler, and ours in the fewest steps that are as good."""
    ours, *others = (training.contestant for training in trainings)
    rounds = f"median of {ROUNDS} rounds, in turns"
    print(f"\nSampling {num_points:,} points at equal quality: {rounds}\n")
    print("| sampler | steps | SW2 | s: wall, processor | ours: steps | SW2 | s | ratio |")
    print("|---|---|---|---|---|---|---|---|")

    @cache
    def sw2(contestant: Contestant, steps: int) -> float:
        points = [contestant.sample(num_points, steps, seed) for seed in SEEDS]
        return real.quality(points).sw2

    for other, steps in [(each, n) for each in others for n in each.num_inference_steps]:
        theirs = sw2(other, steps)
        few = next((n for n in range(2, MOST_STEPS) if sw2(ours, n) <= theirs), MOST_STEPS)
        slow, fast = alternately(
            partial(other.sample, num_points, steps, 0),
            partial(ours.sample, num_points, few, 0),
        )
        print(
            f"| {other.name} | {steps} | {theirs:.2f} | {slow.wall:.2f}, {slow.cpu:.2f} "
            f"| {few} | {sw2(ours, few):.2f} | {fast.wall:.2f}, {fast.cpu:.2f} "
            f"| {slow.cpu / fast.cpu:.1f} |",
            flush=True,
        )


def alternately(*functions: Callable[[], object]) -> list[Seconds]:
    """The median seconds of each function, called in turns."""
    times: list[list[Seconds]] = [[] for _ in functions]
    for _ in range(ROUNDS):
        for function, taken in zip(functions, times, strict=True):
            start = _now()
            function()
            taken.append(_since(start))
    return [
        Seconds(statistics.median(t.wall for t in taken), statistics.median(t.cpu for t in taken))
        for taken in times
    ]


def _now() -> Seconds:
    return Seconds(time.perf_counter(), time.process_time())


def _since(start: Seconds) -> Seconds:
    now = _now()
    return Seconds(now.wall - start.wall, now.cpu - start.cpu)


if __name__ == "__main__":
    main()
