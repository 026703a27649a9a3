"""The metrics of the swiss roll's model cards, measured again from the weights."""

from __future__ import annotations

from statistics import fmean

import torch
from torch import Tensor
from tqdm import tqdm

from diffusion.checkpoints import Checkpoint
from diffusion.data import swiss_roll
from diffusion.device import device_of
from diffusion.evaluation import metrics
from diffusion.evaluation.sample_quality import SEEDS, RealPoints
from diffusion.process.score import score_of
from diffusion.sampling.config import SamplingConfig
from diffusion.sampling.samplers import Sampler

Metrics = dict[str, float]

FEW_STEPS: tuple[tuple[str, Sampler, int], ...] = (
    ("DPM-Solver++(2M)", "dpm++2m", 20),
    ("DPM-Solver++(2M)", "dpm++2m", 10),
    ("DDIM", "ddim", 10),
)
SCORE_SIGMAS = (0.01, 0.03, 0.1, 0.3)


@torch.no_grad()
def score_metrics(checkpoint: Checkpoint, num_points: int) -> Metrics:
    """Relative error of the score on data of the same noise, against the exact one."""
    device = device_of(checkpoint.network)
    results = {}
    for sigma in SCORE_SIGMAS:
        errors = []
        for seed in SEEDS:
            generator = torch.Generator().manual_seed(seed)
            x = swiss_roll.sample(num_points, generator)
            x = x + sigma * torch.randn(x.shape, generator=generator)
            exact = swiss_roll.score(x, noise_variance=sigma**2)
            estimate = score_of(checkpoint.network, sigma)(x.to(device)).cpu()
            errors.append(metrics.relative_error(estimate, exact))
        results[f"relative score error at σ = {sigma}"] = sum(errors) / len(errors)
    return results


def ddpm_metrics(checkpoint: Checkpoint, num_points: int) -> Metrics:
    """Points from all the steps of ancestral sampling, and from few steps of other samplers."""
    real = RealPoints(num_points)
    full = SamplingConfig(num_inference_steps=len(checkpoint.schedule))
    generated = _generate(checkpoint, full, num_points)
    results = _point_metrics(generated, real, f"DDPM-{len(checkpoint.schedule)}")
    energy = metrics.ratio_to_real(metrics.energy_distance, generated, real.sets)
    results[f"DDPM-{len(checkpoint.schedule)}, energy distance ratio"] = energy
    for label, sampler, steps in FEW_STEPS:
        plan = SamplingConfig(sampler=sampler, num_inference_steps=steps, grid="karras")
        points = _generate(checkpoint, plan, num_points)
        results |= _point_metrics(points, real, f"{label}, {steps} evaluations")
    return results | _of_real_points(real)


def variational_metrics(checkpoint: Checkpoint, num_points: int) -> Metrics:
    """Points from the reverse process with its learned variance, against fresh real ones."""
    plan = SamplingConfig(sampler="learned", num_inference_steps=len(checkpoint.schedule))
    real = RealPoints(num_points)
    results = _point_metrics(_generate(checkpoint, plan, num_points), real, "learned variance")
    return results | _of_real_points(real)


def _generate(checkpoint: Checkpoint, plan: SamplingConfig, num_points: int) -> list[Tensor]:
    seeds = tqdm(SEEDS, disable=None, leave=False)
    return [plan.sample(checkpoint, num_points, seed) for seed in seeds]


def _of_real_points(real: RealPoints) -> Metrics:
    """What every fraction off the curve is to be compared with; fewer is too thin a roll."""
    off = fmean(metrics.fraction_off_curve(x) for x in real.sets)
    return {"fraction off the curve, real points": off}


def _point_metrics(generated: list[Tensor], real: RealPoints, label: str) -> Metrics:
    quality = real.quality(generated)
    return {
        f"{label}, SW2 ratio": quality.sw2,
        f"{label}, MMD² ratio": quality.mmd2,
        f"{label}, fraction off the curve": quality.off,
    }
