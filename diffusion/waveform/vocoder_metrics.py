"""The metrics of a vocoder: held-out sounds made again from their mel spectrograms."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from diffusion.checkpoints import Checkpoint
from diffusion.evaluation.noise_errors import noise_errors
from diffusion.waveform.config import VocoderConfig
from diffusion.waveform.vocoder_quality import SECONDS

if TYPE_CHECKING:
    from synth import Sound

Array = npt.NDArray[np.float32]
Metrics = dict[str, float]

PLANS = {
    "50 steps": VocoderConfig("ddpm", 50),
    "6 steps": VocoderConfig("dpm++2m", 6),
    "50 steps, conditioned only": VocoderConfig("ddpm", 50, projection="none"),
    "6 steps, conditioned only": VocoderConfig("dpm++2m", 6, projection="none"),
}


def vocoder_metrics(checkpoint: Checkpoint, num_sounds: int) -> Metrics:
    """Held-out sounds, of 1 s each, through the network and through Griffin-Lim.

    They are the first of `synth.REPORT_SEEDS`: the 48 that no option was chosen on.

    Both start from the same log-mel spectrograms. 50 steps are of DDPM, 6 of DPM-Solver++(2M); each
    x̂_0 is projected onto the mel, or the network is only conditioned on it. The measures are those
    of `synth`: the mean over the sounds or, where a single sound may be far off, the median. The
    real-time factor is the processor time of this process, whatever else the machine does, over
    the time of the sounds. Then the error of the predicted noise by its √ᾱ.
    """
    from synth import REPORT_SEEDS, held_out_sounds, log_mel, render
    from synth.features.griffin_lim import griffin_lim
    from synth.features.mel import whole_blocks
    from synth.metrics.spectrogram_distance import pitch
    from synth.metrics.vocoder_errors import vocoder_errors

    sounds = held_out_sounds(REPORT_SEEDS[:num_sounds])
    waves = render(sounds, SECONDS)
    log_mels = log_mel(torch.from_numpy(waves))
    makers: dict[str, Callable[[], Array]] = {
        name: partial(plan.sample, checkpoint, waves) for name, plan in PLANS.items()
    }
    f0 = pitch(waves)  # takes longer than a sound is made in
    makers["Griffin-Lim"] = partial(griffin_lim, log_mels, waves.shape[1])
    results: Metrics = {}
    for name, make in tqdm(makers.items(), disable=None, leave=False):
        started = time.process_time()
        made = make()
        seconds = (time.process_time() - started) / (len(sounds) * SECONDS)
        measured = _measured(made, waves, sounds, f0) | {"real-time factor": seconds}
        results |= {f"{name}, {measure}": value for measure, value in measured.items()}
    originals = vocoder_errors(waves, waves, sounds)
    results["originals, noise between partials, dB"] = float(originals.noise.mean())
    results["originals, noise beside its own peaks, dB"] = float(originals.hiss.mean())
    blocks = whole_blocks(torch.from_numpy(waves), checkpoint.block_size)
    return results | noise_errors(checkpoint.network, blocks, log_mel(blocks))


def _measured(
    made: Array, waves: Array, sounds: list[Sound], f0: npt.NDArray[np.float64]
) -> Metrics:
    from synth.metrics.spectrogram_distance import pitch, pitch_error
    from synth.metrics.vocoder_errors import vocoder_errors

    errors = vocoder_errors(made, waves, sounds)
    return {
        "log-mel L1": float(errors.log_mel.mean()),
        "log-mel L1, median": float(np.median(errors.log_mel)),
        "spectral convergence": float(errors.convergence.mean()),
        "multi-resolution STFT": float(errors.stft.mean()),
        "F0 error by pYIN, median, cents": float(np.nanmedian(pitch_error(pitch(made), f0))),
        "detuning of the known partials, median, cents": float(np.median(np.abs(errors.cents))),
        "largest error of a partial, median, dB": float(np.median(errors.partial)),
        "noise between partials, dB": float(errors.noise.mean()),
        "noise beside its own peaks, dB": float(errors.hiss.mean()),
    }
