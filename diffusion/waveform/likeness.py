"""Is a sound like those that the vocoders were trained on? A measure of it, and where it ends."""

from __future__ import annotations

import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint
from diffusion.networks import HarmonicNet

UNLIKE_BELOW = -1.0
"""The likeness below which a sound is called unlike the training data.

`python -m benchmarks.likeness` counts the fresh sounds that fall below it, and the recordings that
do not.
"""


@torch.no_grad()
def likeness(checkpoint: Checkpoint, waveforms: Tensor) -> Tensor:
    """How surely a sound is one or two notes of steady partials, as all training sounds are.

    It is the comb reader's logit of having found the partials in the sound's log-mel spectrogram.
    All vocoders were trained on sounds of one prior, so that it holds for each of them.

    Args:
        checkpoint: `vocoder-harmonic`, which has the reader.
        waveforms: (B, T) at 22,050 Hz, T ≥ 1,174; their loudness does not matter.

    Returns:
        The logit, (B,); below `UNLIKE_BELOW` the sound is unlike the training data.

    Raises:
        ValueError: if the checkpoint has no reader, or a waveform is too short.
    """
    from synth import log_mel
    from synth.features.mel import whole_blocks

    if not isinstance(checkpoint.network, HarmonicNet):
        raise ValueError(f"{checkpoint.config.get('recipe')!r} has no reader of partials")
    blocks = whole_blocks(waveforms, checkpoint.block_size)
    device = next(checkpoint.network.parameters()).device
    reading, _ = checkpoint.network.reader(log_mel(blocks.to(device)))
    score: Tensor = reading.score
    return score
