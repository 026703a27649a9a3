"""A waveform from its mel in one call, with the settings that are good for few steps."""

from __future__ import annotations

import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint
from diffusion.waveform.config import VocoderConfig


def vocode(
    checkpoint: Checkpoint, waveform: Tensor, steps: int, generator: torch.Generator | None
) -> Tensor:
    """What `Checkpoint.vocode` does, whose arguments and errors these are."""
    if waveform.ndim not in (1, 2):
        raise ValueError(f"waveform must have shape (T,) or (B, T), got {tuple(waveform.shape)}")
    waveforms = waveform.reshape(-1, waveform.shape[-1]).float()
    seeds = torch.randint(2**31, (len(waveforms),), generator=generator).tolist()
    config = VocoderConfig("dpm++2m", steps)
    *_, last = config.states(checkpoint, waveforms, seeds)
    return last.x[:, : waveform.shape[-1]].reshape(waveform.shape)
