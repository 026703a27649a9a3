"""Which Karras grid is best for few steps of swiss-roll-ddpm: `python -m benchmarks.few_step_grid`.

Each row is a range of noise levels and ρ, with the quality of one sampling by DPM-Solver++(2M) in
10 and in 20 evaluations and by DDIM in 10, all from the Gaussian with the moments of the noised
data. The recipe's `inference` is a row that is good in all of them.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product

import diffusion
from diffusion.evaluation.sample_quality import RealPoints
from diffusion.sampling.config import SamplingConfig

SIGMA_MAX = (0.7, 1.0, 1.5, 2.0, 5.0)
SIGMA_MIN = (0.003, 0.01, 0.02)
RHO = (1.5, 3.0, 7.0)
PLANS = {
    "DPM++2M-10": SamplingConfig(sampler="dpm++2m", num_inference_steps=10, grid="karras"),
    "DPM++2M-20": SamplingConfig(sampler="dpm++2m", num_inference_steps=20, grid="karras"),
    "DDIM-10": SamplingConfig(sampler="ddim", num_inference_steps=10, grid="karras"),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=3_000)
    points = parser.parse_args().points
    model, real = diffusion.load("swiss-roll-ddpm"), RealPoints(points)
    print("| σ_max, σ_min, ρ | " + " | ".join(f"{name}: SW2, MMD², off" for name in PLANS) + " |")
    print("|---" * (1 + len(PLANS)) + "|")
    for sigma_max, sigma_min, rho in product(SIGMA_MAX, SIGMA_MIN, RHO):
        grid = {"sigma_min": sigma_min, "sigma_max": sigma_max, "rho": rho}
        tried = replace(model, config=model.config | {"inference": grid})
        cells = []
        for plan in PLANS.values():
            quality = real.quality([plan.sample(tried, points, seed=0)])
            cells.append(f"{quality.sw2:.2f}, {quality.mmd2:.2f}, {quality.off:.2%}")
        print(f"| {sigma_max}, {sigma_min}, {rho} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
