"""A good inference schedule of few steps, found by trying.

WaveGrad's few-step schedules come from a search too, over β on a grid (Chen et al. 2020, section
4.4). Here the levels σ themselves are moved, one after the other, as long as that helps.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint, find
from diffusion.samplers import sample
from diffusion.schedule import NoiseSchedule, karras_sigmas

FIRST_FACTOR = 2.0
LAST_FACTOR = 1.08
NUM_SOUNDS = 24
SEED = 1  # the recipe trains on seed 0, and held-out sounds are for the evaluation alone


def descend(cost: Callable[[Tensor], float], sigmas: Tensor) -> Iterator[tuple[Tensor, float]]:
    """Lower the cost by moving one level at a time, up or down by a factor.

    The factor begins at 2; where no move helps any more, its root is tried, down to 1.08.

    Args:
        cost: of rising levels.
        sigmas: the levels to begin with, rising.

    Yields:
        The best levels so far and their cost: at first, and after each move that helped.
    """
    best, lowest, factor = sigmas, cost(sigmas), FIRST_FACTOR
    yield best, lowest
    while factor > LAST_FACTOR:
        helped = False
        for index in range(len(sigmas)):
            for move in (factor, 1 / factor):
                tried = best.clone()
                tried[index] *= move
                if (tried.diff() > 0).all() and (found := cost(tried)) < lowest:
                    best, lowest, helped = tried, found, True
                    yield best, lowest
        if not helped:
            factor = math.sqrt(factor)


def vocoder_cost(checkpoint: Checkpoint, num_sounds: int = NUM_SOUNDS) -> Callable[[Tensor], float]:
    """The log-mel distance that DDIM reaches with given levels, from one and the same noise."""
    from synth import SoundDataset, log_mel, log_mel_distance

    sounds = SoundDataset(num_sounds, duration=0.8, law="wide", seed=SEED)
    waveforms = torch.tensor(sounds.waveforms)
    waveforms = waveforms[:, : waveforms.shape[1] // 600 * 600]
    log_mels = log_mel(waveforms)
    reference = waveforms.numpy()

    def cost(sigmas: Tensor) -> float:
        made = sample(
            checkpoint.network,
            NoiseSchedule.from_sigmas(sigmas),
            tuple(waveforms.shape),
            "ddim",
            condition=log_mels,
            generator=torch.Generator().manual_seed(0),
        )
        return float(log_mel_distance(made.numpy(), reference).mean())

    return cost


def search_schedule(checkpoint: Checkpoint, steps: int) -> Iterator[tuple[Tensor, float]]:
    """Levels for so many steps of DDIM, better and better; the start is the Karras grid.

    Raises:
        ValueError: for a checkpoint without an inference range or a mel, or fewer than 2 steps.
    """
    options = checkpoint.config.get("inference")
    if not options or not checkpoint.config["network"].get("n_mels"):
        raise ValueError(f"{checkpoint.config.get('recipe')!r} is no vocoder with few steps")
    yield from descend(vocoder_cost(checkpoint), karras_sigmas(steps, **options))


def keep(name: str, sigmas: Tensor) -> None:
    """Write searched levels into a checkpoint's config.json, for `inference_schedule`."""
    file = find(name) / "config.json"
    config = json.loads(file.read_text())
    levels = [float(f"{sigma:.4g}") for sigma in sigmas.tolist()]
    config["searched"] = config.get("searched", {}) | {str(len(levels)): levels}
    file.write_text(json.dumps(config, indent=2) + "\n")
