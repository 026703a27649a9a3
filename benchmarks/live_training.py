"""Time to the goals of the two live trainings, from nothing, at the defaults of the page.

Run as `python -m benchmarks.live_training [--threads N]`. Training alone is timed, not the
measuring; a machine that does other work shows in the wall clock, hardly in the seconds of CPU.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

import torch

from diffusion import sample, score_of
from diffusion.data import swiss_roll
from diffusion.evaluation import metrics
from diffusion.training.live_presets import (
    RealDistance,
    ddpm_training,
    paced_schedule,
    score_training,
    watch,
)
from diffusion.training.trainer import Trainer
from ui.ddpm.train_ddpm.compute import NUM_INFERENCE_STEPS, SAMPLER, TrainDdpmSettings
from ui.score.train_score.compute import TrainScoreSettings

SEEDS = (0, 1, 2)
NUM_POINTS = 10_000
SCORE_GOAL = 0.2
SW2_GOAL = 2.5

Reached = tuple[int, float, float]
"""Steps, seconds and seconds of CPU to a goal."""


def first(trainer: Trainer, stride: int, measure: Callable[[], float], goal: float) -> Reached:
    """Train until a measure, taken every `stride` steps, is at most the goal.

    Raises:
        RuntimeError: if it never is.
    """
    for step, seconds, cpu in _timed(trainer, stride):
        if measure() <= goal:
            return step, seconds, cpu
    raise RuntimeError(f"{goal} was not reached in {trainer.steps} steps")


def _timed(trainer: Trainer, stride: int) -> Iterator[Reached]:
    cpu, before = 0.0, time.process_time()
    for progress in watch(trainer, stride):
        cpu += time.process_time() - before
        yield progress.step, progress.seconds, cpu
        before = time.process_time()


def score_goal(seed: int) -> Reached:
    """To the relative error at σ = 0.03, by denoising score matching."""
    chosen = TrainScoreSettings(steps=1500)
    trainer = score_training(
        "denoising",
        chosen.sigma,
        width=chosen.width,
        steps=chosen.steps,
        learning_rate=chosen.learning_rate,
        seed=seed,
    )
    generator = torch.Generator().manual_seed(1_000)
    x = swiss_roll.sample(NUM_POINTS, generator)
    x = x + chosen.sigma * torch.randn(x.shape, generator=generator)
    exact = swiss_roll.score(x, noise_variance=chosen.sigma**2)

    @torch.no_grad()
    def error() -> float:
        return metrics.relative_error(score_of(trainer.ema, chosen.sigma)(x), exact)

    return first(trainer, 50, error, SCORE_GOAL)


def sw2_goal(seed: int) -> Reached:
    """To the SW2 ratio of 10,000 points, with the simple objective and averaged weights."""
    chosen = TrainDdpmSettings(steps=2000)
    schedule = paced_schedule(chosen.num_train_timesteps)
    trainer = ddpm_training(
        "simple",
        schedule,
        width=chosen.width,
        steps=chosen.steps,
        learning_rate=chosen.learning_rate,
        seed=seed,
    )
    ratio = RealDistance(NUM_POINTS)

    def measured() -> float:
        points = sample(
            trainer.ema,
            schedule,
            (NUM_POINTS, 2),
            SAMPLER,
            num_inference_steps=NUM_INFERENCE_STEPS,
            generator=torch.Generator().manual_seed(seed),
        )
        return ratio(points)

    return first(trainer, 100, measured, SW2_GOAL)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time the two live trainings to their goals.")
    parser.add_argument("--threads", type=int, default=1, help="the page serves with one")
    torch.set_num_threads(parser.parse_args().threads)
    goals: dict[str, Callable[[int], Reached]] = {
        f"score at σ = {TrainScoreSettings().sigma}: relative error ≤ {SCORE_GOAL}": score_goal,
        f"DDPM: SW2 ratio of {NUM_POINTS:,} points ≤ {SW2_GOAL}": sw2_goal,
    }
    print(f"CPU, {torch.get_num_threads()} thread(s), median of {len(SEEDS)} seeds\n")
    print("| from nothing to | steps | seconds | seconds of CPU |")
    print("|---|---|---|---|")
    for name, goal in goals.items():
        runs = zip(*(goal(seed) for seed in SEEDS), strict=True)
        steps, seconds, cpu = (statistics.median(values) for values in runs)
        print(f"| {name} | {steps:.0f} | {seconds:.1f} | {cpu:.1f} |", flush=True)


if __name__ == "__main__":
    main()
