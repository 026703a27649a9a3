"""One training run in a folder: progress, checkpoints to resume from, and the finished weights."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import Any, Literal

import torch
from tqdm import tqdm

from diffusion import checkpoints
from diffusion.device import resolve
from diffusion.training.recipe import Recipe
from diffusion.training.trainer import Trainer

SECONDS_BETWEEN_SAVES = 60

MixedPrecision = Literal["no", "bf16"]


def run(
    recipe: Recipe,
    out: Path,
    *,
    device: str = "auto",
    steps: int | None = None,
    seed: int = 0,
    resume: bool = False,
    mixed_precision: MixedPrecision = "no",
) -> None:
    """Train a recipe with a progress bar, and leave a checkpoint in `out`.

    Every minute, and at the end, the whole state goes to `out/training.safetensors`;
    `resume` goes on from there.

    Raises:
        ValueError: for a device that is not there, a number of steps below 1, a seed below 0, or
            `resume` with no state, a damaged one, or that of another run.
    """
    steps = recipe.steps if steps is None else steps
    if seed < 0:
        raise ValueError(f"seed must be >= 0, got {seed}")
    accelerator = _accelerator(device, mixed_precision)
    network = recipe.build(seed)
    trainer = Trainer(
        network,
        recipe.prepare(recipe, network),
        steps=steps,
        learning_rate=recipe.learning_rate,
        seed=seed,
        accelerator=accelerator,
    )
    state_file = out / "training.safetensors"
    if resume:
        if not state_file.is_file():
            raise ValueError(f"nothing to resume: there is no {state_file}")
        trainer.resume(state_file, _identity(recipe, seed))
    out.mkdir(parents=True, exist_ok=True)
    _train(trainer, recipe, seed, state_file)
    if accelerator.is_main_process:
        training = {
            "steps": trainer.step,
            "seed": seed,
            "seconds": round(trainer.seconds),
            "mixed_precision": mixed_precision,
            "threads": torch.get_num_threads(),
            "processes": accelerator.num_processes,
            "machine": _machine(accelerator.device),
        }
        checkpoints.save(out, trainer.ema, recipe.config() | {"training": training})
        print(f"wrote {out / 'model.safetensors'}")


def _train(trainer: Trainer, recipe: Recipe, seed: int, state_file: Path) -> None:
    main = trainer.accelerator.is_main_process
    identity = _identity(recipe, seed)
    saved = time.monotonic()
    with tqdm(total=trainer.steps, initial=trainer.step, desc=recipe.name, disable=not main) as bar:
        for state in trainer:
            bar.update()
            if state.step % 20 == 0:
                bar.set_postfix(loss=f"{float(state.loss):.4f}", refresh=False)
            if main and time.monotonic() - saved > SECONDS_BETWEEN_SAVES:
                trainer.save(state_file, identity)
                saved = time.monotonic()
    if main:
        trainer.save(state_file, identity)


def _identity(recipe: Recipe, seed: int) -> dict[str, str]:
    """What a saved state must have in common with the run that goes on from it."""
    return {"recipe": recipe.name, "seed": str(seed)}


def _accelerator(device: str, mixed_precision: MixedPrecision) -> Any:
    from accelerate import Accelerator  # takes a second to import: only where one trains

    # Left to itself, Accelerate would take a Mac's GPU, which does not know float64.
    return Accelerator(cpu=resolve(device) == "cpu", mixed_precision=mixed_precision)


def _machine(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {platform.machine()}"
