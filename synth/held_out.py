"""The sounds that a vocoder is judged by, and never trained on."""

from collections.abc import Sequence

import torch

from synth.sound import Sound

HELD_OUT_SEEDS = range(4_000_000_000, 4_000_000_064)
"""One per sound. `SoundDataset` refuses them; they are below 2³², where torch cuts seeds off."""

CHOICE_SEEDS = HELD_OUT_SEEDS[:16]
"""On these sounds options are chosen."""

REPORT_SEEDS = HELD_OUT_SEEDS[16:]
"""On these sounds, that no option was chosen on, a model card reports."""


def held_out_sounds(seeds: Sequence[int] = HELD_OUT_SEEDS) -> list[Sound]:
    """Sounds of the wide prior, always the same ones: all 64, or those of some of the seeds."""
    return [Sound.random(torch.Generator().manual_seed(seed), "wide") for seed in seeds]
