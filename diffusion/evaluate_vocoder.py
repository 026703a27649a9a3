"""The metrics of a vocoder: 64 held-out sounds made again from their mel spectrograms."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from diffusion.checkpoints import Checkpoint
from diffusion.noise_errors import noise_errors
from diffusion.samplers import Sampler, sample

Array = npt.NDArray[np.float32]
Metrics = dict[str, float]

BLOCK = 600  # samples: two hops, which is what the network's blocks are
RUNS: tuple[tuple[Sampler, int], ...] = (("ddpm", 50), ("ddim", 6))


def vocoder_metrics(checkpoint: Checkpoint, num_sounds: int) -> Metrics:
    """The first held-out sounds, of 1 s each, through the network and through Griffin-Lim.

    Both start from the same log-mel spectrograms; each measure is one of `synth`, its mean over the
    sounds, or the median where a single sound can fail altogether (the pitch).
    """
    from synth import griffin_lim, held_out_sounds, mel, render

    sounds = held_out_sounds()[:num_sounds]
    known = [sound.sines(mel.SAMPLE_RATE)[0] for sound in sounds]
    waveforms = render(sounds, duration=1.0)
    length = waveforms.shape[1]
    padded = F.pad(torch.tensor(waveforms), (0, -length % BLOCK))
    log_mels = mel.log_mel(padded)

    def generate(sampler: Sampler, steps: int) -> Array:
        schedule, generator = checkpoint.inference_schedule(steps), torch.Generator().manual_seed(0)
        made = sample(
            checkpoint.network,
            schedule,
            tuple(padded.shape),
            sampler,
            condition=log_mels,
            generator=generator,
        )
        return made[:, :length].cpu().numpy()

    makers: dict[str, Callable[[], Array]] = {
        f"{sampler.upper()}-{steps}": partial(generate, sampler, steps) for sampler, steps in RUNS
    }
    makers["Griffin-Lim"] = partial(griffin_lim, log_mels, length)
    results: Metrics = {}
    for name, make in makers.items():
        started = time.perf_counter()
        made = make()
        seconds = time.perf_counter() - started
        measured = _distances(made, waveforms, known)
        measured["seconds for 1 s of sound"] = seconds / len(sounds)
        results |= {f"{name}, {measure}": value for measure, value in measured.items()}
    results["noise between partials of the originals, dB"] = _noise(waveforms, waveforms, known)
    return results | noise_errors(checkpoint.network, padded, log_mels)


def _distances(made: Array, original: Array, known: list[npt.NDArray[np.float64]]) -> Metrics:
    from synth import (
        detuning,
        f0_error,
        log_mel_distance,
        multi_resolution_stft,
        partial_errors,
        spectral_convergence,
    )

    f0 = f0_error(made, original)
    shift = np.abs(detuning(made, known) - detuning(original, known))
    partials = [np.nanmean(np.abs(each)) for each in partial_errors(made, original, known)]
    return {
        "log-mel L1": float(log_mel_distance(made, original).mean()),
        "spectral convergence": float(spectral_convergence(made, original).mean()),
        "multi-resolution STFT": float(multi_resolution_stft(made, original).mean()),
        "F0 error by pYIN, median, cents": float(np.nanmedian(f0)),
        "detuning of the known partials, median, cents": float(np.median(shift)),
        "level error of a partial, dB": float(np.mean(partials)),
        "noise between partials, dB": _noise(made, original, known),
    }


def _noise(made: Array, original: Array, known: list[npt.NDArray[np.float64]]) -> float:
    from synth import noise_between_partials

    return float(noise_between_partials(made, original, known).mean())
