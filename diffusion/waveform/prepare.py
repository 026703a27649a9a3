"""What the recipes of sound learn from: each draws its sounds and fits its network to them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from diffusion.checkpoints import load
from diffusion.networks import HarmonicNet, WaveformNet
from diffusion.networks.note import NotePredictor
from diffusion.training.batches import Objective
from diffusion.training.objectives import wavegrad_objective
from diffusion.training.recipe import Recipe
from diffusion.waveform.comb_training import comb_objective, response_lines
from diffusion.waveform.note_training import note_objective
from diffusion.waveform.notes import Notes, fit_sizes
from diffusion.waveform.training_sounds import (
    DrawCrops,
    mel_crops,
    quieter,
    rows_of,
    simple_frames,
    sound_frames,
)

Crops = Callable[[int], DrawCrops]
"""From a number of frames to what draws crops of this length."""

SOUNDS = 12_000
VOCODER_SOUNDS = 10_000
FITTED_CROPS = 500  # to which the vocoder's power per band is fitted
CROP_FRAMES = 48  # of 300 samples: 0.65 s
PAPER_CROP_FRAMES = 24
UNIFORM_FRACTION = 0.75
"""The part of a batch whose ln σ is uniform; the √ᾱ of the rest are drawn as WaveGrad's."""


def waveform_wavegrad(recipe: Recipe, network: nn.Module) -> Objective:
    """WaveGrad's loss on frames; the network's power per band is fitted to them first."""
    frames = sound_frames(count=SOUNDS, seed=0)
    assert isinstance(network, WaveformNet)
    network.fit_power(frames)
    return wavegrad_objective(
        rows_of(frames), recipe.batch_size, recipe.noise_schedule(), UNIFORM_FRACTION
    )


def waveform_harmonic(recipe: Recipe, network: nn.Module) -> Objective:
    """The likelihood of the partials of notes in noise."""
    notes = Notes.random(SOUNDS, seed=0)
    assert isinstance(network, NotePredictor)
    fit_sizes(network.resonances, notes)
    return note_objective(notes, recipe.batch_size)


def waveform_simple(recipe: Recipe, network: nn.Module) -> Objective:
    """WaveGrad's loss as the tutorial has it, on frames of its own sounds."""
    frames = simple_frames(count=SOUNDS, seed=0)
    return wavegrad_objective(rows_of(frames), recipe.batch_size, recipe.noise_schedule())


def own_crops(frames: int) -> DrawCrops:
    """Crops of the sounds that this page's vocoders are trained on."""
    return mel_crops(VOCODER_SOUNDS, frames)


def vocoder_wavegrad(crops: Crops, recipe: Recipe, network: nn.Module) -> Objective:
    """WaveGrad's loss on crops and their mels; the power per band is fitted to some first."""
    draw = quieter(crops(CROP_FRAMES))
    assert isinstance(network, WaveformNet)
    network.fit_power(*draw(FITTED_CROPS, torch.Generator().manual_seed(0)))
    return wavegrad_objective(draw, recipe.batch_size, recipe.noise_schedule(), UNIFORM_FRACTION)


def vocoder_wavegrad_small(crops: Crops, recipe: Recipe, network: nn.Module) -> Objective:
    """WaveGrad's loss on crops and their mels."""
    draw = quieter(crops(CROP_FRAMES))
    return wavegrad_objective(draw, recipe.batch_size, recipe.noise_schedule())


def vocoder_wavegrad_base(crops: Crops, recipe: Recipe, network: nn.Module) -> Objective:
    """The same on crops of the paper's length."""
    draw = crops(PAPER_CROP_FRAMES)
    return wavegrad_objective(draw, recipe.batch_size, recipe.noise_schedule())


def vocoder_harmonic(recipe: Recipe, network: nn.Module) -> Objective:
    """The reader is trained; the network for sounds that are no notes is the shipped vocoder."""
    assert isinstance(network, HarmonicNet)
    network.reader.fit_response(response_lines())
    network.other.load_state_dict(load("vocoder-wavegrad").network.state_dict())
    network.other.requires_grad_(False)
    objective = comb_objective(recipe.batch_size)
    return Objective(objective.draw, lambda network, batch: objective.loss(network.reader, batch))


ON_CROPS: dict[str, Callable[[Crops, Recipe, nn.Module], Objective]] = {
    "vocoder-wavegrad": vocoder_wavegrad,
    "vocoder-wavegrad-small": vocoder_wavegrad_small,
    "vocoder-wavegrad-base": vocoder_wavegrad_base,
}
"""How these recipes are prepared, whatever sounds the crops are of."""
