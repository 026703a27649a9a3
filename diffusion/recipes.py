"""The recipes: each trains one network of the companion, and its checkpoint has the same name."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from diffusion import swiss_roll
from diffusion.networks import WaveformNet, build_network
from diffusion.objectives import (
    score_objective,
    simple_objective,
    variational_objective,
    wavegrad_objective,
)
from diffusion.schedule import NoiseSchedule
from diffusion.training import Objective

SAMPLE_RATE = 22_050
SOUNDS = 12_000
FRAME_SAMPLES = 8_192  # 0.37 s
FADE_SAMPLES = 1_024
VOCODER_SOUNDS = 10_000
CROP_FRAMES = 48  # of 300 samples: 0.65 s
QUIETEST = -2.3  # nepers, 20 dB

HUNDRED_STEPS: dict[str, Any] = {
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 100,
    "beta_start": 1e-5,
    "beta_end": 0.25,
}


_initialising = threading.Lock()


def untrained(config: dict[str, Any], schedule: NoiseSchedule, seed: int) -> nn.Module:
    """A network of `build_network` whose weights the seed determines.

    PyTorch draws them from its global generator, so that one thread at a time may do this.
    """
    with _initialising, torch.random.fork_rng():
        torch.manual_seed(seed)
        return build_network(config, schedule)


@dataclass(frozen=True)
class Recipe:
    """All that training needs but the device.

    Attributes:
        name: of the recipe and of its checkpoint.
        summary: one line for `python -m diffusion list`.
        network: kind and options for `build_network`.
        schedule: arguments for `NoiseSchedule.from_name`.
        steps: optimiser steps.
        batch_size: samples in a step.
        learning_rate: the highest one of the cosine decay.
        prepare: builds the objective, after what it must do once (render sounds, measure them).
        inference: range of `karras_sigmas` to sample with, or None to sample with the schedule.
    """

    name: str
    summary: str
    network: dict[str, Any]
    schedule: dict[str, Any]
    steps: int
    batch_size: int
    learning_rate: float
    prepare: Callable[[Recipe, nn.Module], Objective]
    inference: dict[str, float] | None = None

    def noise_schedule(self) -> NoiseSchedule:
        """The schedule of the training."""
        return NoiseSchedule.from_name(**self.schedule)

    def build(self, seed: int) -> nn.Module:
        """The untrained network; the seed is that of its weights."""
        return untrained(self.network, self.noise_schedule(), seed)

    def config(self) -> dict[str, Any]:
        """What a checkpoint of this recipe says of itself."""
        config = {"recipe": self.name, "network": self.network, "schedule": self.schedule}
        return config if self.inference is None else config | {"inference": self.inference}


def _swiss_roll_score(recipe: Recipe, network: nn.Module) -> Objective:
    return score_objective(swiss_roll.sample, recipe.batch_size, sigma_min=0.005, sigma_max=3.0)


def _swiss_roll_ddpm(recipe: Recipe, network: nn.Module) -> Objective:
    return simple_objective(swiss_roll.sample, recipe.batch_size, recipe.noise_schedule())


def _swiss_roll_variational(recipe: Recipe, network: nn.Module) -> Objective:
    return variational_objective(swiss_roll.sample, recipe.batch_size, recipe.noise_schedule())


def sound_frames(count: int, seed: int) -> Tensor:
    """Random additive sounds from their start, faded out at the end: (count, FRAME_SAMPLES)."""
    from synth import SoundDataset  # only this recipe knows sound

    duration = FRAME_SAMPLES / SAMPLE_RATE
    sounds = SoundDataset(count=count, duration=duration, seed=seed, sample_rate=SAMPLE_RATE)
    frames = torch.tensor(sounds.waveforms)
    # Without a fade each end would be a click: in a spectrum, a floor under all partials.
    angle = math.pi / 2 * (torch.arange(FADE_SAMPLES) + 0.5) / FADE_SAMPLES
    frames[:, -FADE_SAMPLES:] *= angle.cos().square()
    return frames


def _waveform_wavegrad(recipe: Recipe, network: nn.Module) -> Objective:
    frames = sound_frames(count=SOUNDS, seed=0)

    def draw(n: int, generator: torch.Generator) -> tuple[Tensor, None]:
        rows = torch.randint(SOUNDS, (n,), generator=generator, device=generator.device)
        return frames[rows.to(frames.device)].to(generator.device), None

    assert isinstance(network, WaveformNet)
    network.fit_power(frames)
    return wavegrad_objective(draw, recipe.batch_size, recipe.noise_schedule(), uniform_share=0.75)


def _vocoder_wavegrad(recipe: Recipe, network: nn.Module) -> Objective:
    from synth import SoundDataset, mel

    sounds = SoundDataset(VOCODER_SOUNDS, duration=1.0, law="wide", sample_rate=SAMPLE_RATE)
    padded = mel.pad(torch.tensor(sounds.waveforms))

    def draw(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        crops, mels = mel.mel_crops(padded, CROP_FRAMES, n, generator)
        # A visitor's sound may be quieter than ours, whose peak is 1.
        log_gain = QUIETEST * torch.rand(n, 1, generator=generator, device=generator.device)
        mels = (mels.to(log_gain) + log_gain[:, None]).clamp(min=math.log(mel.FLOOR))
        return crops.to(log_gain) * log_gain.exp(), mels

    assert isinstance(network, WaveformNet)
    network.fit_power(*draw(500, torch.Generator().manual_seed(0)))
    return wavegrad_objective(draw, recipe.batch_size, recipe.noise_schedule(), uniform_share=0.75)


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="swiss-roll-score",
            summary="denoising score matching on the swiss roll, at every noise level 0.005 … 3",
            network={"kind": "ResidualMLP", "width": 128, "blocks": 5},
            schedule=HUNDRED_STEPS,
            steps=10_000,
            batch_size=512,
            learning_rate=3e-3,
            prepare=_swiss_roll_score,
        ),
        Recipe(
            name="swiss-roll-ddpm",
            summary="DDPM with the simple loss on the swiss roll, 100 steps",
            network={"kind": "ResidualMLP", "width": 128, "blocks": 5},
            schedule=HUNDRED_STEPS,
            steps=12_000,
            batch_size=512,
            learning_rate=3e-3,
            prepare=_swiss_roll_ddpm,
            inference={"sigma_min": 0.02, "sigma_max": 1.0, "rho": 3.0},
        ),
        Recipe(
            name="swiss-roll-variational",
            summary="the variational bound on the swiss roll: learned mean and variance, 100 steps",
            network={"kind": "ReverseMLP", "width": 128, "blocks": 4},
            schedule=HUNDRED_STEPS,
            steps=12_000,
            batch_size=512,
            learning_rate=2e-3,
            prepare=_swiss_roll_variational,
        ),
        Recipe(
            name="waveform-wavegrad",
            summary="WaveGrad's objective without conditioning, on frames of additive sounds",
            network={
                "kind": "WaveformNet",
                "block_size": FRAME_SAMPLES,  # one block: a partial is one narrow peak
                "local_bins": 4096,
                "context_bins": 1024,
                "width": 384,
                "blocks": 4,
                "channels": 16,
                "time_kernel": 1,
            },
            schedule={
                "beta_schedule": "linear",
                "num_train_timesteps": 1000,
                "beta_start": 1e-6,
                "beta_end": 0.02,
            },
            steps=12_000,
            batch_size=16,
            learning_rate=3e-3,
            prepare=_waveform_wavegrad,
            inference={"sigma_min": 1e-3, "sigma_max": 20.0, "rho": 5.0},
        ),
        Recipe(
            name="vocoder-wavegrad",
            summary="WaveGrad's objective with a mel spectrogram, on a wide family of sounds",
            network={
                "kind": "WaveformNet",
                "block_size": 600,
                "local_bins": 600,
                "context_bins": 300,
                "width": 192,
                "blocks": 4,
                "channels": 24,
                "n_mels": 80,
                "hop": 300,
            },
            schedule={
                "beta_schedule": "linear",
                "num_train_timesteps": 1000,
                "beta_start": 1e-6,
                "beta_end": 0.01,
            },
            steps=17_000,
            batch_size=8,
            learning_rate=3e-3,
            prepare=_vocoder_wavegrad,
            inference={"sigma_min": 1e-3, "sigma_max": 3.0, "rho": 7.0},
        ),
    )
}


def recipe(name: str) -> Recipe:
    """A recipe by its name.

    Raises:
        ValueError: if there is none of that name.
    """
    if name not in RECIPES:
        raise ValueError(f"there is no recipe {name!r}; there are: {', '.join(RECIPES)}")
    return RECIPES[name]
