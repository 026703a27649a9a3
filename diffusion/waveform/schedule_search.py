"""A good inference schedule of few steps, found by trying.

WaveGrad's few-step schedules come from a search too, over β on a grid (Chen et al. 2020, section
4.4). Here the σ themselves are moved, one after the other, as long as that helps.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from torch import Tensor

from diffusion.checkpoints import Checkpoint, find
from diffusion.process.named_schedules import karras_sigmas
from diffusion.sampling.samplers import Sampler
from diffusion.waveform.config import VocoderConfig
from diffusion.waveform.vocoder_quality import SECONDS

FIRST_FACTOR = 2.0
LAST_FACTOR = 1.08
NUM_SOUNDS = 24
SEED = 1  # the recipe trains on seed 0, and held-out sounds are for the evaluation alone


def descend(cost: Callable[[Tensor], float], sigmas: Tensor) -> Iterator[tuple[Tensor, float]]:
    """Lower the cost by moving one σ at a time, up or down by a factor.

    The factor begins at 2; where no move helps any more, its root is tried, down to 1.08. No σ
    leaves the range that it began in: a network was not trained outside.

    Args:
        cost: of rising σ.
        sigmas: σ to begin with, rising; the first and the last are the ends of the range.

    Yields:
        The best σ so far and their cost: at first, and after each move that helped.
    """
    low, high = sigmas[0], sigmas[-1]
    best, lowest, factor = sigmas, cost(sigmas), FIRST_FACTOR
    yield best, lowest
    while factor > LAST_FACTOR:
        helped = False
        for index in range(len(sigmas)):
            for move in (factor, 1 / factor):
                tried = best.clone()
                tried[index] *= move
                allowed = low <= tried[0] and tried[-1] <= high and (tried.diff() > 0).all()
                if allowed and (found := cost(tried)) < lowest:
                    best, lowest, helped = tried, found, True
                    yield best, lowest
        if not helped:
            factor = math.sqrt(factor)


def vocoder_cost(
    checkpoint: Checkpoint, sampler: Sampler, num_sounds: int = NUM_SOUNDS
) -> Callable[[Tensor], float]:
    """The multi-resolution STFT distance that a sampler reaches with given σ, from one noise.

    Not the log-mel distance: each x̂_0 is projected onto the mel, so that this is small in any case.
    """
    from synth import SoundDataset, multi_resolution_stft

    dataset = SoundDataset(num_sounds, duration=SECONDS, prior="wide", seed=SEED)
    waves = np.array(dataset.waveforms)

    def cost(sigmas: Tensor) -> float:
        searched = {sampler: _by_number(sigmas)}
        tried = replace(checkpoint, config=checkpoint.config | {"searched": searched})
        made = VocoderConfig(sampler, len(sigmas)).sample(tried, waves)
        return float(multi_resolution_stft(made, waves).mean())

    return cost


def search_schedule(
    checkpoint: Checkpoint, sampler: Sampler, steps: int, num_sounds: int = NUM_SOUNDS
) -> Iterator[tuple[Tensor, float]]:
    """σ for so many steps of a sampler, better and better; the start is the Karras grid.

    Raises:
        ValueError: for a checkpoint without an inference range or a mel, fewer than 2 steps, or
            no sound.
    """
    options = checkpoint.config.get("inference")
    if not options or not checkpoint.config["network"].get("n_mels"):
        raise ValueError(f"{checkpoint.config.get('recipe')!r} is no vocoder with few steps")
    cost = vocoder_cost(checkpoint, sampler, num_sounds)
    yield from descend(cost, karras_sigmas(steps, **options))


def keep(name: str, sampler: Sampler, sigmas: Tensor) -> None:
    """Write a sampler's searched σ into a checkpoint's config, for `inference_schedule`."""
    file = find(name) / "config.json"
    config = json.loads(file.read_text())
    searched = config.get("searched", {})
    searched[sampler] = searched.get(sampler, {}) | _by_number(sigmas)
    text = json.dumps(config | {"searched": searched}, indent=2, ensure_ascii=False)
    file.write_text(text + "\n")


def _by_number(sigmas: Tensor) -> dict[str, list[float]]:
    """σ by their number, as a checkpoint's configuration has them."""
    return {str(len(sigmas)): [float(f"{sigma:.4g}") for sigma in sigmas.tolist()]}
