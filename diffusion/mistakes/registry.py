"""WRONG ON PURPOSE: the tutorial's mistakes, each with the right way. Never build on this module.

Wrong and right draw the same random numbers and differ in the line shown. Langevin dynamics and the
samplers run with the exact score wherever nothing is learned, so that nothing else is to blame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from diffusion.data import swiss_roll
from diffusion.mistakes.comparison import Line, Mistake
from diffusion.mistakes.decoders import decoder_for_pixels, decoder_for_points
from diffusion.mistakes.experiments import (
    SCHEDULE,
    SIGMA,
    Trajectory,
    learn_noise,
    learn_score,
    noised_roll,
    sample_by,
    sample_down,
    sample_down_steps,
    standard_normal,
    walk,
)
from diffusion.mistakes.last_step import noisy_last_step, quiet_last_step
from diffusion.mistakes.undefined import (
    called_before_defined,
    called_when_defined,
    target_defined,
    target_undefined,
)
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.score import ScoreFunction
from diffusion.random import randn
from diffusion.sampling.langevin import langevin

# Langevin dynamics: noise that is not normal, steps that decay, steps that are too long.


def uniform_langevin(
    score: ScoreFunction, x: Tensor, *, step_size: float, num_steps: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """WRONG: `langevin` with noise from the unit square, of mean ½, in the place of N(0, I)."""
    yield x
    for _ in range(num_steps):
        noise = torch.rand(x.shape, generator=generator, dtype=x.dtype)
        x = x + step_size / 2 * score(x) + step_size**0.5 * noise
        yield x


def uniform_noise(seed: int) -> Trajectory:
    """WRONG."""
    return walk(seed, dynamics=uniform_langevin, step_size=0.01)


def normal_noise(seed: int) -> Trajectory:
    """Right."""
    return walk(seed, dynamics=langevin, step_size=0.01)


def decaying_steps(seed: int) -> Trajectory:
    """WRONG: Σε stays below ten times the first step, however many there are."""
    return walk(seed, num_steps=600, step_size=0.001, decay=0.9)


def constant_steps(seed: int) -> Trajectory:
    """Right."""
    return walk(seed, num_steps=600, step_size=0.001, decay=1.0)


def unstable_steps(seed: int) -> Trajectory:
    """WRONG: at σ = 0.01 the stability bound is 4 (0.03² + σ²) = 0.004."""
    return walk(seed, sigma=0.01, from_data=True, num_steps=60, step_size=0.005)


def stable_steps(seed: int) -> Trajectory:
    """Right."""
    return walk(seed, sigma=0.01, from_data=True, num_steps=60, step_size=0.001)


def walk_along_printed(x: Tensor) -> Tensor:
    """WRONG: what a network learns from ∇ log q = (x̃ - x)/σ², as the text prints it."""
    return -swiss_roll.score(x, noise_variance=SIGMA**2).to(x)


def walk_along(x: Tensor) -> Tensor:
    """What a network learns from ∇ log q = -(x̃ - x)/σ²: the score of the roll with noise σ."""
    return swiss_roll.score(x, noise_variance=SIGMA**2).to(x)


def printed_sign(seed: int) -> Trajectory:
    """WRONG: it climbs down from the data, faster and faster; 12 steps are enough to see it."""
    return walk(seed, score=walk_along_printed, num_steps=12, step_size=0.01)


def right_sign(seed: int) -> Trajectory:
    """Right."""
    return walk(seed, score=walk_along, num_steps=12, step_size=0.01)


# Denoising score matching: noise that drowns the score.


def small_sigma(seed: int) -> Trajectory:
    """WRONG: a score of size 1/0.03 is learned from a target of size 1/0.01."""
    return learn_score(seed, sigma=0.01)


def larger_sigma(seed: int) -> Trajectory:
    """Right."""
    return learn_score(seed, sigma=0.1)


# Diffusion: β for √β, a schedule short of noise, an average that is not used, noise at the end.


def diffuse_by_beta(
    x: Tensor, schedule: NoiseSchedule, generator: torch.Generator
) -> Iterator[Tensor]:
    """WRONG: `diffuse` with β as a standard deviation, so that each step adds too little noise."""
    yield x
    for beta in schedule.betas.tolist():
        x = (1 - beta) ** 0.5 * x + beta * randn(x.shape, generator, like=x)
        yield x


def diffuse(x: Tensor, schedule: NoiseSchedule, generator: torch.Generator) -> Iterator[Tensor]:
    """x_0, x_1, … x_T with x_t = √(1 - β_t) x_{t-1} + √β_t z (Ho et al. 2020, eq. 2)."""
    yield x
    for beta in schedule.betas.tolist():
        x = (1 - beta) ** 0.5 * x + beta**0.5 * randn(x.shape, generator, like=x)
        yield x


def noise_times_beta(seed: int) -> Trajectory:
    """WRONG."""
    generator = torch.Generator().manual_seed(seed)
    states = diffuse_by_beta(noised_roll(generator), SCHEDULE, generator)
    return Trajectory(torch.stack(list(states)), standard_normal)


def noise_times_root(seed: int) -> Trajectory:
    """Right."""
    generator = torch.Generator().manual_seed(seed)
    states = diffuse(noised_roll(generator), SCHEDULE, generator)
    return Trajectory(torch.stack(list(states)), standard_normal)


def short_schedule(seed: int) -> Trajectory:
    """WRONG: ᾱ_T = 0.605, yet the start is N(0, I)."""
    schedule = NoiseSchedule.from_name("sigmoid", 100, beta_start=1e-5, beta_end=0.01)
    return sample_down(schedule, seed)


def full_schedule(seed: int) -> Trajectory:
    """Right."""
    schedule = NoiseSchedule.from_name("sigmoid", 100, beta_start=1e-5, beta_end=0.25)
    return sample_down(schedule, seed)


def last_weights(seed: int) -> Trajectory:
    """WRONG: the average is kept, and not used."""
    network, _ = learn_noise(seed)
    return sample_by(network, seed, num_steps=50)


def averaged_weights(seed: int) -> Trajectory:
    """Right."""
    _, ema = learn_noise(seed)
    return sample_by(ema, seed, num_steps=50)


def noise_at_the_end(seed: int) -> Trajectory:
    """WRONG."""
    return sample_down_steps(noisy_last_step, seed)


def no_noise_at_the_end(seed: int) -> Trajectory:
    """Right."""
    return sample_down_steps(quiet_last_step, seed)


SW2, OFF = "SW2 ratio", "fraction off the curve"


def _pair(
    wrong: Callable[[int], Trajectory],
    right: Callable[[int], Trajectory],
    piece: str,
    measure: str,
) -> Mistake[Trajectory]:
    return Mistake(wrong, right, Line(wrong, piece), Line(right, piece), measure)


MISTAKES: dict[str, Mistake[Trajectory]] = {
    "uniform noise": Mistake(
        uniform_noise,
        normal_noise,
        Line(uniform_langevin, "noise = "),
        Line(langevin, "noise = "),
        SW2,
    ),
    "decaying steps": _pair(decaying_steps, constant_steps, "decay=", OFF),
    "steps too long": _pair(unstable_steps, stable_steps, "step_size=", OFF),
    "σ too small": _pair(small_sigma, larger_sigma, "sigma=", "relative error of the score"),
    "β for √β": Mistake(
        noise_times_beta,
        noise_times_root,
        Line(diffuse_by_beta, "beta * randn"),
        Line(diffuse, "beta**0.5 * randn"),
        SW2,
    ),
    "schedule short of noise": _pair(short_schedule, full_schedule, "schedule = ", SW2),
    "average not used": _pair(last_weights, averaged_weights, "return", SW2),
    "noise at t = 0": Mistake(
        noise_at_the_end,
        no_noise_at_the_end,
        Line(noisy_last_step, "if index"),
        Line(quiet_last_step, "if index"),
        OFF,
    ),
    "sign of ∇ log q": Mistake(
        printed_sign,
        right_sign,
        Line(walk_along_printed, "return"),
        Line(walk_along, "return"),
        SW2,
    ),
    "decoder for pixels": _pair(decoder_for_pixels, decoder_for_points, "return fit_means", OFF),
    "used before defined": Mistake(
        called_before_defined,
        called_when_defined,
        Line(target_undefined, "mean, _ = "),
        Line(target_defined, "mean, _ = "),
        SW2,
    ),
}
"""Every mistake by its name."""
