"""The metrics of the model cards, measured again from the weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion import metrics, swiss_roll
from diffusion.checkpoints import Checkpoint, load
from diffusion.evaluate_vocoder import vocoder_metrics
from diffusion.noise_errors import noise_errors
from diffusion.plan import Plan
from diffusion.quality import NUM_POINTS, SEEDS, RealPoints
from diffusion.recipes import FRAME_SAMPLES, SAMPLE_RATE, sound_frames
from diffusion.samplers import Sampler, sample
from diffusion.score_matching import score_of

Metrics = dict[str, float]
Array = npt.NDArray[np.float32]

NUM_FRAMES = 96
FEW_STEPS: tuple[tuple[str, Sampler, int], ...] = (
    ("DPM-Solver++(2M)", "dpm++2m", 20),
    ("DPM-Solver++(2M)", "dpm++2m", 10),
    ("DDIM", "ddim", 10),
)
SCORE_SIGMAS = (0.01, 0.03, 0.1, 0.3)
MIDDLE = slice(FRAME_SAMPLES // 4, 3 * FRAME_SAMPLES // 4)
FITTED = slice(FRAME_SAMPLES // 2 - 1_024, FRAME_SAMPLES // 2 + 1_024)
NUM_STEPS = 50


def evaluate(name: str, num_points: int = NUM_POINTS, num_frames: int = NUM_FRAMES) -> Metrics:
    """Measure a checkpoint, mean of three seeds.

    Args:
        name: of the checkpoint, or its folder.
        num_points: generated points, and points in each real set.
        num_frames: generated sounds; of a vocoder's, at most the 64 that are held out.

    Raises:
        ValueError: if there is no such checkpoint, or its recipe has no metrics.
    """
    checkpoint = load(name)
    measures: dict[str, Callable[[Checkpoint], Metrics]] = {
        "swiss-roll-score": partial(score_metrics, num_points=num_points),
        "swiss-roll-ddpm": partial(ddpm_metrics, num_points=num_points),
        "swiss-roll-variational": partial(variational_metrics, num_points=num_points),
        "waveform-wavegrad": partial(waveform_metrics, num_frames=num_frames),
        "vocoder-wavegrad": partial(vocoder_metrics, num_sounds=num_frames),
        "vocoder-wavegrad-base": partial(vocoder_metrics, num_sounds=num_frames),
    }
    recipe = str(checkpoint.config.get("recipe"))
    if recipe not in measures:
        raise ValueError(f"no metrics are known for the recipe {recipe!r} of {name!r}")
    return measures[recipe](checkpoint)


@torch.no_grad()
def score_metrics(checkpoint: Checkpoint, num_points: int) -> Metrics:
    """Relative error of the score on data of the same noise, against the exact one."""
    results = {}
    for sigma in SCORE_SIGMAS:
        errors = []
        for seed in SEEDS:
            generator = torch.Generator().manual_seed(seed)
            x = swiss_roll.sample(num_points, generator)
            x = x + sigma * torch.randn(x.shape, generator=generator)
            exact = swiss_roll.score(x, noise_variance=sigma**2)
            errors.append(metrics.relative_error(score_of(checkpoint.network, sigma)(x), exact))
        results[f"relative score error at σ = {sigma}"] = sum(errors) / len(errors)
    return results


def ddpm_metrics(checkpoint: Checkpoint, num_points: int) -> Metrics:
    """Points from all the steps of ancestral sampling, and from few steps of other samplers."""
    real = RealPoints(num_points)
    full = Plan(num_inference_steps=len(checkpoint.schedule))
    results = _point_metrics(checkpoint, full, real, f"DDPM-{len(checkpoint.schedule)}")
    generated = _generate(checkpoint, full, num_points)
    energy = metrics.ratio_to_real(metrics.energy_distance, generated, real.sets)
    results[f"DDPM-{len(checkpoint.schedule)}, energy distance ratio"] = energy
    for label, sampler, steps in FEW_STEPS:
        plan = Plan(sampler=sampler, num_inference_steps=steps, grid="karras")
        results |= _point_metrics(checkpoint, plan, real, f"{label}, {steps} evaluations")
    return results


def variational_metrics(checkpoint: Checkpoint, num_points: int) -> Metrics:
    """Points from the reverse process with its learned variance, against fresh real ones."""
    plan = Plan(sampler="learned", num_inference_steps=len(checkpoint.schedule))
    return _point_metrics(checkpoint, plan, RealPoints(num_points), "learned variance")


def _generate(checkpoint: Checkpoint, plan: Plan, num_points: int) -> list[Tensor]:
    return [plan.sample(checkpoint, num_points, seed) for seed in SEEDS]


def _point_metrics(checkpoint: Checkpoint, plan: Plan, real: RealPoints, label: str) -> Metrics:
    quality = real.quality(_generate(checkpoint, plan, len(real.sets[0])))
    return {
        f"{label}, SW2 ratio": quality.sw2,
        f"{label}, MMD² ratio": quality.mmd2,
        f"{label}, share off the curve": quality.off,
    }


def waveform_metrics(checkpoint: Checkpoint, num_frames: int) -> Metrics:
    """Frames by DDPM in 50 steps against the known family of sounds, and white noise beside them.

    On the middle 4,096 samples, `synth.spectral_distance_ratio`: the sliced Wasserstein distance of
    the log-spectra (60 dB deep) to real frames, over that among real frames; and
    `synth.harmonics_to_noise`: how far a frame is one steady note. On the middle 2,048,
    `synth.nearest_member`: the share of a frame's amplitude that is left when the nearest sound of
    the family is taken away.
    """
    from synth import nearest_member

    real = _real_frames(4 * num_frames).numpy()
    schedule, shape = checkpoint.inference_schedule(NUM_STEPS), (num_frames, FRAME_SAMPLES)
    results: dict[str, list[float]] = {}
    for seed in SEEDS:
        generator = torch.Generator().manual_seed(seed)
        frames = sample(checkpoint.network, schedule, shape, generator=generator).numpy()
        white = torch.randn(shape, generator=generator).numpy()
        ratio, harmonicity = _spectral_metrics(frames, real)
        worst, noise_harmonicity = _spectral_metrics(white, real)
        _, real_harmonicity = _spectral_metrics(real[:num_frames], real)
        residuals = nearest_member(frames[: num_frames // 4, FITTED], SAMPLE_RATE)[0]
        for name, value in {
            "log-spectra, ratio to real-to-real": ratio,
            "log-spectra of white noise, ratio to real-to-real": worst,
            "log-spectra, share of white noise's distance": ratio / worst,
            "harmonics to noise, median, dB": harmonicity,
            "harmonics to noise of real frames, dB": real_harmonicity,
            "harmonics to noise of white noise, dB": noise_harmonicity,
            "residual to the nearest sound, median": float(np.median(residuals)),
        }.items():
            results.setdefault(name, []).append(value)
    means = {name: sum(values) / len(values) for name, values in results.items()}
    return means | noise_errors(checkpoint.network, _real_frames(num_frames))


def _spectral_metrics(frames: Array, real: Array) -> tuple[float, float]:
    """Distance of the log-spectra to real ones, and the median harmonics-to-noise ratio in dB."""
    from synth import harmonics_to_noise, spectral_distance_ratio

    generator = torch.Generator().manual_seed(0)
    distance = spectral_distance_ratio(frames[:, MIDDLE], real[:, MIDDLE], generator=generator)
    ratios = harmonics_to_noise(frames[:, MIDDLE], SAMPLE_RATE)
    return distance, float(np.median(ratios))


def _real_frames(count: int) -> Tensor:
    """Frames of sounds that no network was trained on: the recipe's sounds have seed 0."""
    return sound_frames(count, seed=1)
