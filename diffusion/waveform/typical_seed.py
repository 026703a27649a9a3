"""How typical a sound from nothing is: where its residual stands among those of many seeds.

    python -m diffusion.waveform.typical_seed [--seeds N]

measures them for `waveform-wavegrad`, and writes seeds.json into its checkpoint.
"""

from __future__ import annotations

import argparse
import json
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import torch

from diffusion.checkpoints import Checkpoint, find, load
from diffusion.sampling.samplers import sample
from diffusion.waveform.training_sounds import FRAME_SAMPLES, SAMPLE_RATE
from diffusion.waveform.unconditional_metrics import FITTED, NUM_STEPS
from synth import nearest_member

NAME = "waveform-wavegrad"
COMMAND = "python -m diffusion.waveform.typical_seed"


def seed_residuals(checkpoint: Checkpoint, num_seeds: int) -> list[float]:
    """The residual to the nearest sound of the family, of one sound by DDPM for each seed from 0.

    Args:
        checkpoint: a network without conditions, of frames of 8,192 samples.
        num_seeds: how many.

    Returns:
        Fractions of the amplitude, as `synth.nearest_member` measures them.
    """
    schedule = checkpoint.inference_schedule(NUM_STEPS)
    frames = [
        sample(
            checkpoint.network,
            schedule,
            (1, FRAME_SAMPLES),
            generator=torch.Generator().manual_seed(seed),
        )
        for seed in range(num_seeds)
    ]
    middles = torch.cat(frames)[:, FITTED].cpu().numpy()
    return [round(float(each), 4) for each in nearest_member(middles, SAMPLE_RATE)[0]]


def typical_seed(residuals: Sequence[float]) -> int:
    """The seed whose residual is the median (of an even number the lower one)."""
    ranked = sorted(range(len(residuals)), key=residuals.__getitem__)
    return ranked[(len(ranked) - 1) // 2]


def num_smaller(residual: float, residuals: Sequence[float]) -> int:
    """How many of the measured residuals are smaller than one."""
    return bisect_left(sorted(residuals), round(residual, 4))


def load_seeds(name: str = NAME) -> dict[str, Any]:
    """What `measure` wrote: "command", "num_steps" and "residuals", one for each seed from 0.

    Raises:
        ValueError: if there is no such checkpoint, or it has none.
    """
    file = find(name) / "seeds.json"
    if not file.is_file():
        raise ValueError(f"{name} has no seeds.json: {COMMAND} makes it")
    seeds: dict[str, Any] = json.loads(file.read_text())
    return seeds


def measure(num_seeds: int) -> None:
    """Write seeds.json, and say which seed is typical."""
    residuals = seed_residuals(load(NAME), num_seeds)
    seeds = {
        "command": f"{COMMAND} --seeds {num_seeds}",
        "num_steps": NUM_STEPS,
        "residuals": residuals,
    }
    (find(NAME) / "seeds.json").write_text(json.dumps(seeds, indent=1) + "\n")
    chosen = typical_seed(residuals)
    print(f"{num_seeds} seeds: residuals {min(residuals):.2f} to {max(residuals):.2f}")
    print(f"typical: seed {chosen}, residual {residuals[chosen]:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=64)
    measure(parser.parse_args().seeds)
