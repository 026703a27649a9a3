"""A sampling step here and in a loop with the schedulers of `diffusers`, with the same network.

    python -m benchmarks.diffusers_loop [--rounds N]

The loop is the one of its `DDPMPipeline`. A step of a network that costs nothing is the overhead of
the loop alone; the other network is that of `swiss-roll-ddpm`. All is on one thread, in turns, and
counted in time of the processor, so that other work on the machine falls on both alike; median of
the rounds. Both make the same points (`tests/diffusion/networks/test_timesteps.py`).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler
from torch import Tensor, nn

import diffusion
from diffusion import NoiseSchedule, sample
from diffusion.networks.timesteps import ByTimesteps
from diffusion.process.denoising import NoisePredictor
from diffusion.sampling.samplers import Sampler

POINTS = (1, 512)
STEPS = 100
SCHEDULERS: dict[Sampler, Callable[..., Any]] = {
    "ddpm": partial(DDPMScheduler, clip_sample=False),
    "ddim": partial(DDIMScheduler, clip_sample=False),
    "dpm++2m": DPMSolverMultistepScheduler,
}


class Nothing(nn.Module):
    """Costs nothing, and says that there is no noise."""

    def __init__(self) -> None:
        super().__init__()
        self.device = nn.Parameter(torch.zeros(()), requires_grad=False)

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: None = None) -> Tensor:
        """ε = x_t, whose memory is there already."""
        return x_t


@torch.no_grad()
def their_loop(model: ByTimesteps, scheduler: Any, x: Tensor) -> Tensor:
    """The loop of `DDPMPipeline`."""
    generator = torch.Generator().manual_seed(0)
    scheduler.set_timesteps(STEPS)
    for t in scheduler.timesteps:
        eps = model(x, t).sample
        x = scheduler.step(eps, t, x, generator=generator).prev_sample
    return x


def milliseconds(tasks: list[Callable[[], object]], rounds: int) -> list[float]:
    """Processor time for a step of each task, median; the first round warms up."""
    taken: list[list[float]] = [[] for _ in tasks]
    for turn in range(rounds + 1):
        for task, seconds in zip(tasks, taken, strict=True):
            started = time.process_time()
            task()
            if turn:
                seconds.append(time.process_time() - started)
    return [1e3 * statistics.median(each) / STEPS for each in taken]


def row(
    sampler: Sampler, network: nn.Module, schedule: NoiseSchedule, points: int, rounds: int
) -> tuple[float, float]:
    """Ours and theirs."""
    start = torch.randn(points, 2, generator=torch.Generator().manual_seed(1))
    scheduler = SCHEDULERS[sampler](
        len(schedule), trained_betas=schedule.betas.numpy(), timestep_spacing="trailing"
    )
    theirs = partial(their_loop, ByTimesteps(_predictor(network), schedule), scheduler, start)
    ours = partial(
        sample,
        _predictor(network),
        schedule,
        (points, 2),
        sampler,
        num_inference_steps=STEPS,
        initial=start,
        generator=torch.Generator().manual_seed(0),
    )
    here, there = milliseconds([ours, theirs], rounds)
    return here, there


def _predictor(network: nn.Module) -> NoisePredictor:
    return network


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    model = diffusion.load("swiss-roll-ddpm")
    networks = {"no network": Nothing(), "swiss-roll-ddpm": model.network}
    print("Milliseconds of one thread for a step.\n")
    print("| sampler, network, points | ours, ms | diffusers, ms | ours ÷ theirs |")
    print("|---|---|---|---|")
    for name, network in networks.items():
        for sampler in SCHEDULERS:
            for points in POINTS:
                here, there = row(sampler, network, model.schedule, points, rounds)
                print(
                    f"| {sampler}, {name}, {points:,} | {here:.4f} | {there:.4f} "
                    f"| {here / there:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
