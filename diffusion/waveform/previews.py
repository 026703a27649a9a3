"""What networks of sound can do in the middle of a training: sounds to hear, and some metrics."""

from __future__ import annotations

import numpy as np
import torch

from diffusion.checkpoints import Checkpoint
from diffusion.training.recipe import Preview
from diffusion.waveform.config import VocoderConfig
from synth import CHOICE_SEEDS, held_out_sounds, render
from synth.metrics.vocoder_errors import vocoder_errors

NUM_SOUNDS = 2
SEED = 0
PLAN = VocoderConfig("dpm++2m", 6)


def vocoder_preview(checkpoint: Checkpoint) -> Preview:
    """Sounds on which options are chosen, made again in six steps, projected onto the mel."""
    sounds = held_out_sounds(CHOICE_SEEDS[:NUM_SOUNDS])
    waves = render(sounds, 1.0)
    made = PLAN.sample(checkpoint, waves)
    if not np.isfinite(made).all():  # an untrained network may be unstable
        return Preview({})
    errors = vocoder_errors(made, waves, sounds)
    metrics = {
        "log-mel L1": float(errors.log_mel.mean()),
        "spectral convergence": float(errors.convergence.mean()),
        "noise between partials, dB": float(errors.noise.mean()),
    }
    heard = torch.from_numpy(made).clamp(-1, 1)
    return Preview(metrics, sounds={f"sound {k}": wave for k, wave in enumerate(heard)})


def frames_preview(checkpoint: Checkpoint) -> Preview:
    """Frames from nothing, at a peak of 1."""
    frames = checkpoint.sample(NUM_SOUNDS, generator=torch.Generator().manual_seed(SEED)).cpu()
    if not bool(frames.isfinite().all()):
        return Preview({})
    frames = frames / frames.abs().amax(dim=1, keepdim=True)
    return Preview({}, sounds={f"frame {k}": frame for k, frame in enumerate(frames)})
