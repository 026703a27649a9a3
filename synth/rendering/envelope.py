"""The envelope of a sound: attack, decay, sustain and release in straight lines.

    e(t) = min(t/A, max(S, 1 − (1 − S)(t − A)/D)) · min(1, (T − t)/R)

for a sound of T seconds: silence to full level in A seconds, to the level S in D, and the last R
seconds fade out. A release that begins before the decay has ended fades the decay, so that e has
no jump however short the sound. It is pyo's `Adsr`, sustained, times the end of its `Fader`.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from synth.sound import Sound

SHORTEST = 1e-6
"""Seconds; stands for no time at all, where a segment's length divides."""


def has_envelope(sound: Sound) -> bool:
    """Whether the sound's level changes at all."""
    return sound.attack > 0 or sound.sustain < 1 or sound.release > 0


def envelopes(sounds: Sequence[Sound], num_samples: int, sample_rate: int) -> Tensor:
    """E at the samples n = 0 … num_samples − 1 of each sound, which end with the envelope.

    Args:
        sounds: N sounds.
        num_samples: Samples per sound, T · sample_rate.
        sample_rate: In Hz.

    Returns:
        float32 (N, num_samples), in [0, 1].
    """

    def column(name: str) -> Tensor:
        values = np.array([[getattr(sound, name)] for sound in sounds])
        return torch.from_numpy(values)

    # In samples, which 32 bits count exactly; the slopes are rounded once.
    attack, decay, release = (
        column(name).clamp(min=SHORTEST) * sample_rate for name in ("attack", "decay", "release")
    )
    sustain = column("sustain")
    n = torch.arange(num_samples, dtype=torch.float32)
    falling = (n - attack.float()) * (-(1 - sustain) / decay).float() + 1
    level = torch.minimum(n * (1 / attack).float(), falling.clamp_(min=sustain.float()))
    return level.mul_(((num_samples - n) * (1 / release).float()).clamp_(max=1))
