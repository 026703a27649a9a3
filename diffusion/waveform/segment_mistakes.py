"""WRONG ON PURPOSE: the noise levels that the tutorial trains at and visits, beside the right ones.

Never build on this module. Wrong and right draw the same random numbers and differ in one line. A
network learns only at the √ᾱ it is trained at: here it is a linear denoiser with the encoding of
the tutorial's size, whose best weights are known, and the steps are the tutorial's fifty.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint, load
from diffusion.networks.embedding import PositionalEncoding
from diffusion.process.denoising import add_noise, predict_original_sample
from diffusion.process.schedule import NoiseSchedule
from diffusion.sampling.samplers import iterate
from diffusion.waveform.gate_mistakes import (
    NUM_SAMPLES,
    NUM_SOUNDS,
    best_weights,
    expected_error,
    gated_filter,
)
from diffusion.waveform.published_schedules import SIX_STEPS
from diffusion.waveform.sampling_mistakes import Run
from synth import Sound, log_mel, render
from synth.features.mel import whole_blocks

CHANNELS = 64
"""How many the encoding of √ᾱ has, as in the tutorial's first layer."""

POINTS = torch.tensor([0.125, 0.375, 0.625, 0.875], dtype=torch.float64)
"""Where U(0, 1) is evaluated: the midpoints of four equal parts."""

Levels = Callable[[NoiseSchedule], Tensor]
"""The √ᾱ of a training, from the schedule whose steps bound the segments."""

Visits = Callable[[NoiseSchedule], NoiseSchedule]
"""The steps that a sampler visits of a schedule."""


def segments_as_drawn(schedule: NoiseSchedule) -> Tensor:
    """WRONG: as in NumPy, the end of the range is left out, and with it the noisiest segment."""
    ends = segment_ends(schedule)
    segments = range(1, len(schedule))
    return torch.cat([ends[s - 1] + POINTS * (ends[s] - ends[s - 1]) for s in segments])


def all_segments(schedule: NoiseSchedule) -> Tensor:
    """A segment s of 1 … T, and √ᾱ between √ᾱ_{s-1} and √ᾱ_s (Chen et al. 2020, section 3.1)."""
    ends = segment_ends(schedule)
    segments = range(1, len(schedule) + 1)
    return torch.cat([ends[s - 1] + POINTS * (ends[s] - ends[s - 1]) for s in segments])


def range_as_printed(schedule: NoiseSchedule) -> Tensor:
    """WRONG: both ends of the range are √ᾱ_{t-1}, so that it holds one value."""
    ends = segment_ends(schedule)
    between = ends[:-1], ends[:-1]
    return torch.lerp(between[0][:, None], between[1][:, None], POINTS).flatten()


def range_between_steps(schedule: NoiseSchedule) -> Tensor:
    """√ᾱ ~ U(√ᾱ_{t-1}, √ᾱ_t) (Chen et al. 2020, section 3.1)."""
    ends = segment_ends(schedule)
    between = ends[:-1], ends[1:]
    return torch.lerp(between[0][:, None], between[1][:, None], POINTS).flatten()


def without_noisiest(schedule: NoiseSchedule) -> NoiseSchedule:
    """WRONG: `range(n_steps - 1)` leaves out the step with which sampling should begin."""
    visited = NoiseSchedule(schedule.betas[:-1])
    return visited


def all_steps(schedule: NoiseSchedule) -> NoiseSchedule:
    """Right."""
    visited = NoiseSchedule(schedule.betas)
    return visited


def denoise_once(levels: Levels, seed: int) -> Run:
    """x̂_0 of a sound at a √ᾱ of the noisiest segment, by the denoiser that learned at `levels`."""
    schedule = NoiseSchedule.from_name("linear", 50, beta_start=1e-6, beta_end=0.01)
    generator = torch.Generator().manual_seed(seed)
    sounds = [Sound.random(generator, "harmonic") for _ in range(NUM_SOUNDS)]
    waves = torch.from_numpy(render(sounds, 0.5)[:, :NUM_SAMPLES])
    power = torch.fft.rfft(waves.double(), norm="ortho").abs().square().mean(dim=0)
    gates = PositionalEncoding(CHANNELS)
    weights = best_weights(gates, power, levels(schedule))
    *_, start, end = segment_ends(schedule).tolist()
    level = torch.tensor([(start + end) / 2], dtype=torch.float64)
    noisy = add_noise(waves[:1], torch.randn(1, NUM_SAMPLES, generator=generator), level**2)
    eps = gated_filter(noisy, level, gates=gates, weights=weights)
    clean = predict_original_sample(noisy, eps, float(level**2))
    last = start + POINTS * (end - start)
    ratio = 10 * torch.log10(waves[:1].square().sum() / (clean - waves[:1]).square().sum())
    name = "relative error of the predicted noise"
    measures = {
        f"{name}, noisiest segment": expected_error(gates, weights, power, last),
        f"{name}, other steps": expected_error(gates, weights, power, schedule.noise_levels[:-1]),
        "signal to error of x̂₀, dB": float(ratio),
    }
    return Run(torch.stack([noisy, clean]), measures)


def vocode_down(visits: Visits, seed: int) -> Run:
    """A sound from its mel by DDPM and the vocoder, down the published schedule of six steps."""
    vocoder, generator = _vocoder(), torch.Generator().manual_seed(seed)
    wave = torch.from_numpy(render([Sound.random(generator, "harmonic")], 1.0))
    wave = whole_blocks(wave, vocoder.block_size)
    mel = log_mel(wave)
    schedule = visits(NoiseSchedule(torch.tensor(SIX_STEPS, dtype=torch.float64)))
    start = torch.randn(wave.shape, generator=generator)
    states = iterate(
        vocoder.network,
        schedule,
        tuple(wave.shape),
        condition=mel,
        generator=generator,
        initial=start,
    )
    # Both runs have as many frames as the longer one, the start of the shorter one repeated.
    made = [state.x for state in states]
    made = made[:1] * (len(SIX_STEPS) + 1 - len(made)) + made
    measures = {
        "√ᾱ of the first step": float(schedule.noise_levels[-1]),
        "log-mel distance, nepers": float((log_mel(made[-1]) - mel).abs().mean()),
    }
    return Run(torch.stack(made), measures)


def segment_ends(schedule: NoiseSchedule) -> Tensor:
    """√ᾱ_0 = 1, √ᾱ_1, … √ᾱ_T: the ends of the segments."""
    return torch.cat([torch.ones(1, dtype=torch.float64), schedule.noise_levels])


@lru_cache(maxsize=1)
def _vocoder() -> Checkpoint:
    return load("vocoder-wavegrad")
