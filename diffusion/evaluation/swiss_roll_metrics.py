"""The metrics of the swiss roll's model cards, measured again from the weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint
from diffusion.data import swiss_roll
from diffusion.evaluation import metrics
from diffusion.evaluation.sample_quality import SEEDS, RealPoints
from diffusion.process.score import score_of
from diffusion.sampling.config import SamplingConfig
from diffusion.sampling.samplers import Sampler

Metrics = dict[str, float]
Array = npt.NDArray[np.float32]

FEW_STEPS: tuple[tuple[str, Sampler, int], ...] = (
    ("DPM-Solver++(2M)", "dpm++2m", 20),
    ("DPM-Solver++(2M)", "dpm++2m", 10),
    ("DDIM", "ddim", 10),
)
SCORE_SIGMAS = (0.01, 0.03, 0.1, 0.3)


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
    full = SamplingConfig(num_inference_steps=len(checkpoint.schedule))
    results = _point_metrics(checkpoint, full, real, f"DDPM-{len(checkpoint.schedule)}")
    generated = _generate(checkpoint, full, num_points)
    energy = metrics.ratio_to_real(metrics.energy_distance, generated, real.sets)
    results[f"DDPM-{len(checkpoint.schedule)}, energy distance ratio"] = energy
    for label, sampler, steps in FEW_STEPS:
        plan = SamplingConfig(sampler=sampler, num_inference_steps=steps, grid="karras")
        results |= _point_metrics(checkpoint, plan, real, f"{label}, {steps} evaluations")
    return results


def variational_metrics(checkpoint: Checkpoint, num_points: int) -> Metrics:
    """Points from the reverse process with its learned variance, against fresh real ones."""
    plan = SamplingConfig(sampler="learned", num_inference_steps=len(checkpoint.schedule))
    return _point_metrics(checkpoint, plan, RealPoints(num_points), "learned variance")


def _generate(checkpoint: Checkpoint, plan: SamplingConfig, num_points: int) -> list[Tensor]:
    return [plan.sample(checkpoint, num_points, seed) for seed in SEEDS]


def _point_metrics(
    checkpoint: Checkpoint, plan: SamplingConfig, real: RealPoints, label: str
) -> Metrics:
    quality = real.quality(_generate(checkpoint, plan, len(real.sets[0])))
    return {
        f"{label}, SW2 ratio": quality.sw2,
        f"{label}, MMD² ratio": quality.mmd2,
        f"{label}, share off the curve": quality.off,
    }
