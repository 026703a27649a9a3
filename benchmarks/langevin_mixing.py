"""What a right run lacks in *Mistakes in 2D*: `python -m benchmarks.langevin_mixing`.

The walkers start at N(0, I) and follow the exact score of the roll with noise σ = 0.1. Each row is
their SW2 ratio after a number of steps, over some seeds, in the measure of that section. If more
steps lower it, the walkers had not yet moved along the whole curve; if as much time in shorter
steps does, the steps were too long. The last row is of real points: sampling noise alone.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import replace

import torch

from diffusion.mistakes.experiments import Trajectory, walk

AFTER = {0.01: (12, 24, 240, 480), 0.005: (24, 48, 480), 0.001: (300, 600, 1_200)}
"""By ε, the numbers of steps."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--step-sizes", type=float, nargs="+", default=list(AFTER), choices=AFTER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| ε | steps | Σε | SW2 ratio, mean | standard error | least | largest |")
    print("|---|---|---|---|---|---|---|")
    for step_size in options.step_sizes:
        steps = AFTER[step_size]
        runs = [
            walk(seed, num_steps=max(steps), step_size=step_size) for seed in range(options.seeds)
        ]
        for count in steps:
            ratios = [_ratio(replace(run, states=run.states[: count + 1])) for run in runs]
            print(f"| {step_size:g} | {count} | {step_size * count:.3g} | {_summary(ratios)}")
    distribution = runs[0].distribution
    sets = [distribution(torch.Generator().manual_seed(9_000 + i)) for i in range(20)]
    ratios = [_ratio(Trajectory(x[None], distribution)) for x in sets]
    print(f"| real points | | | {_summary(ratios)}")


def _ratio(run: Trajectory) -> float:
    return float(run.costs()["SW2 ratio"])


def _summary(ratios: list[float]) -> str:
    error = statistics.stdev(ratios) / len(ratios) ** 0.5
    mean = statistics.mean(ratios)
    return f"{mean:.2f} | {error:.2f} | {min(ratios):.2f} | {max(ratios):.2f} |"


if __name__ == "__main__":
    main()
