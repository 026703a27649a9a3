"""Where the time of a training step goes, recipe by recipe, on one thread of a CPU.

    python -m benchmarks.training_steps [--seconds S] [--rows N] [NAME …]

In time of the processor, after a step that warms up. Drawing is the batch, its mels included; the
loss and its gradient are forward and backward; the rest is clipping, Adam and the averaged weights.
The rest takes as long for any number of rows: of the batches that are meant for a GPU, N rows are
computed, and its fraction of a whole batch is smaller than the one that is printed.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from diffusion.catalog import RECIPES
from diffusion.training.batches import Objective
from diffusion.training.launch import make_accelerator
from diffusion.training.recipe import Recipe
from diffusion.training.trainer import Trainer

STEPS = 10**6  # so many that the learning rate does not fall within the benchmark
FOR_A_GPU = ("WaveGrad", "HarmonicNet")
PARTS = ("drawing", "forward", "backward", "rest")


def profile(recipe: Recipe, seconds: float) -> dict[str, float]:
    """The seconds of a step by its parts, mean of as many steps as take so long."""
    network = recipe.build(seed=0)
    objective = recipe.prepare(recipe, network)
    spent: dict[str, float] = defaultdict(float)

    def timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            started = time.process_time()
            result = function(*arguments, **options)
            spent[part] += time.process_time() - started
            return result

        return call

    trainer = Trainer(
        network,
        Objective(timed("drawing", objective.draw), timed("forward", objective.loss)),
        steps=STEPS,
        learning_rate=recipe.learning_rate,
        accelerator=make_accelerator("cpu", "no"),
    )
    backward = timed("backward", trainer.accelerator.backward)
    trainer.accelerator.backward = backward
    states = iter(trainer)
    next(states)
    spent.clear()
    started, steps = time.process_time(), 0
    while not steps or time.process_time() - started < seconds:
        next(states)
        steps += 1
    spent["rest"] = time.process_time() - started - sum(spent.values())
    return {part: spent[part] / steps for part in PARTS}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default="all", choices=("all", *RECIPES))
    parser.add_argument("--seconds", type=float, default=3.0, help="for each recipe")
    parser.add_argument("--rows", type=int, default=8, help="of a batch that is meant for a GPU")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| recipe | rows | ms a step | drawing | forward | backward | rest |")
    print("|---" * 7 + "|")
    for name in RECIPES if "all" in options.names else options.names:
        recipe = RECIPES[name]
        if recipe.network["kind"] in FOR_A_GPU:
            recipe = replace(recipe, batch_size=min(recipe.batch_size, options.rows))
        parts = profile(recipe, options.seconds)
        whole = sum(parts.values())
        cells = [name, f"{recipe.batch_size}", f"{1e3 * whole:.1f}"]
        cells += [f"{seconds / whole:.1%}" for seconds in parts.values()]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
