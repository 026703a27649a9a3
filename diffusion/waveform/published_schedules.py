"""The inference schedules that WaveGrad was published with, to compare one's own with."""

from __future__ import annotations

import torch

from diffusion.process.schedule import NoiseSchedule

SIX_STEPS = (1e-6, 1.89e-5, 1.19e-4, 1.00e-3, 1.11e-2, 6e-2)
"""β of a published six-step schedule; ᾱ ends at 0.93, so it leans on the mel from the start."""

FIBONACCI_STEPS = 25
FIBONACCI_START = 1e-6, 9e-6


def published_schedule(schedule: NoiseSchedule, num_inference_steps: int) -> NoiseSchedule:
    """A WaveGrad's schedule of so many steps, as published: Chen et al. 2020 and its open weights.

    Of 25 steps β is a Fibonacci series, β_n = β_{n-1} + β_{n-2}; of 6 it was searched on speech. Of
    any other number N it is every (T / N)-th σ of the training schedule, from the noisiest.

    Args:
        schedule: of the training.
        num_inference_steps: N, from 1 to T.

    Raises:
        ValueError: if N is out of range.
    """
    if num_inference_steps == len(SIX_STEPS):
        return NoiseSchedule(torch.tensor(SIX_STEPS, dtype=torch.float64))
    if num_inference_steps == FIBONACCI_STEPS:
        betas = list(FIBONACCI_START)
        while len(betas) < FIBONACCI_STEPS:
            betas.append(betas[-1] + betas[-2])
        return NoiseSchedule(torch.tensor(betas, dtype=torch.float64))
    return NoiseSchedule.from_sigmas(
        schedule.sigmas[schedule.timesteps(num_inference_steps)].flip(0)
    )
