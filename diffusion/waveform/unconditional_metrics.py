"""The metrics of a network that makes sounds from nothing: their spectra, harmonics and family."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from diffusion.checkpoints import Checkpoint
from diffusion.evaluation.noise_errors import noise_errors
from diffusion.evaluation.sample_quality import SEEDS
from diffusion.sampling.samplers import sample
from diffusion.waveform.training_sounds import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    SIMPLE_FRAME_SAMPLES,
    simple_frames,
    sound_frames,
)
from synth import harmonics_to_noise, nearest_member, spectral_distance_ratio

Metrics = dict[str, float]
Array = npt.NDArray[np.float32]

MIDDLE = slice(FRAME_SAMPLES // 4, 3 * FRAME_SAMPLES // 4)
FITTED = slice(FRAME_SAMPLES // 2 - 1_024, FRAME_SAMPLES // 2 + 1_024)
NUM_STEPS = 50


def waveform_metrics(checkpoint: Checkpoint, num_frames: int) -> Metrics:
    """Frames by DDPM in 50 steps against the known family of sounds, and white noise beside them.

    On the middle 4,096 samples, `synth.spectral_distance_ratio`: the sliced Wasserstein distance of
    the log-spectra (60 dB deep) to real frames, over that among real frames; and
    `synth.harmonics_to_noise`: how far a frame is one steady note. On the middle 2,048,
    `synth.nearest_member`: the fraction of a frame's amplitude that is left when the nearest sound
    of the family is taken away.
    """
    real = _real_frames(4 * num_frames).numpy()
    schedule, shape = checkpoint.inference_schedule(NUM_STEPS), (num_frames, FRAME_SAMPLES)
    real_harmonicity = _harmonicity(real[:num_frames])
    results: dict[str, list[float]] = {}
    for seed in tqdm(SEEDS, disable=None, leave=False):
        generator = torch.Generator().manual_seed(seed)
        frames = sample(checkpoint.network, schedule, shape, generator=generator).cpu().numpy()
        white = torch.randn(shape, generator=generator).numpy()
        ratio, worst = _spectral_distance(frames, real), _spectral_distance(white, real)
        residuals = nearest_member(frames[: num_frames // 4, FITTED], SAMPLE_RATE)[0]
        for name, value in {
            "log-spectra, ratio to real-to-real": ratio,
            "log-spectra of white noise, ratio to real-to-real": worst,
            "log-spectra, fraction of white noise's distance": ratio / worst,
            "harmonics to noise, median, dB": _harmonicity(frames),
            "harmonics to noise of real frames, dB": real_harmonicity,
            "harmonics to noise of white noise, dB": _harmonicity(white),
            "residual to the nearest sound, median": float(np.median(residuals)),
        }.items():
            results.setdefault(name, []).append(value)
    means = {name: sum(values) / len(values) for name, values in results.items()}
    return means | noise_errors(checkpoint.network, _real_frames(num_frames))


def simple_metrics(checkpoint: Checkpoint, num_frames: int) -> Metrics:
    """Frames of `waveform-simple`, by DDPM through all its levels with x̂_0 clipped to [-1, 1].

    On whole frames of 640 samples: `synth.spectral_distance_ratio`, and `synth.nearest_member` of
    the tutorial's family. In so short a frame the partials of low notes run together, so that
    both residuals come out small; those of real frames and of white noise say how small.
    """
    real = simple_frames(4 * num_frames, seed=1).numpy()  # the recipe's sounds have seed 0
    shape = (num_frames, SIMPLE_FRAME_SAMPLES)
    fitted = num_frames // 4
    results: dict[str, list[float]] = {}
    for seed in tqdm(SEEDS, disable=None, leave=False):
        generator = torch.Generator().manual_seed(seed)
        made_frames = sample(
            checkpoint.network, checkpoint.schedule, shape, constrain=_clip, generator=generator
        )
        frames = made_frames.cpu().numpy()
        white = torch.randn(shape, generator=generator).numpy()
        for name, made in {"": frames, " of white noise": white}.items():
            ratio = spectral_distance_ratio(made, real, generator=torch.Generator().manual_seed(0))
            results.setdefault(f"log-spectra{name}, ratio to real-to-real", []).append(ratio)
        fresh = real[seed * fitted : (seed + 1) * fitted]
        for name, made in {"": frames, " of real frames": fresh, " of white noise": white}.items():
            residuals = nearest_member(made[:fitted], SAMPLE_RATE, "notebook")[0]
            label = f"residual{name} to the nearest sound, median"
            results.setdefault(label, []).append(float(np.median(residuals)))
    means = {name: sum(values) / len(values) for name, values in results.items()}
    return means | noise_errors(checkpoint.network, torch.from_numpy(real[:num_frames]))


def _clip(x_0: Tensor) -> Tensor:
    return x_0.clamp(-1, 1)


def _spectral_distance(frames: Array, real: Array) -> float:
    """Distance of the log-spectra to real ones, over that among real ones."""
    generator = torch.Generator().manual_seed(0)
    return spectral_distance_ratio(frames[:, MIDDLE], real[:, MIDDLE], generator=generator)


def _harmonicity(frames: Array) -> float:
    """The median harmonics-to-noise ratio in dB."""
    return float(np.median(harmonics_to_noise(frames[:, MIDDLE], SAMPLE_RATE)))


def _real_frames(count: int) -> Tensor:
    """Frames of sounds that no network was trained on: the recipe's sounds have seed 0."""
    return sound_frames(count, seed=1)
