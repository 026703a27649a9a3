"""The sounds that a vocoder is judged by, and never trained on."""

import torch

from synth.sound import Sound

HELD_OUT_SEEDS = range(4_000_000_000, 4_000_000_064)
"""One per sound. `SoundDataset` refuses them; they are below 2³², where torch cuts seeds off."""


def held_out_sounds() -> list[Sound]:
    """64 sounds of the wide prior, always the same ones."""
    return [Sound.random(torch.Generator().manual_seed(seed), "wide") for seed in HELD_OUT_SEEDS]
