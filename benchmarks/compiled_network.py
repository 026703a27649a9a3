"""What `torch.compile` gains: a forward pass and a training step, as written and compiled.

    python -m benchmarks.compiled_network [--rounds N] [NAME …]

Of each recipe's network, in time of the processor, one thread, in turns, median of the rounds; and
the seconds that compiling takes on the wall, which a live training would have to wait for. A GPU
gains more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from diffusion.catalog import RECIPES
from diffusion.checkpoints import WAVEGRAD_HOP
from diffusion.process.denoising import NoisePredictor

NAMES = ("swiss-roll-ddpm", "vocoder-wavegrad", "vocoder-wavegrad-small")
BANDS = 80
FRAMES = 48


def inputs(name: str) -> tuple[Tensor, Tensor, Tensor | None]:
    """A batch as the recipe's training has it, at most 8 sounds: x_t, √ᾱ and the condition."""
    recipe = RECIPES[name]
    generator = torch.Generator().manual_seed(0)
    if recipe.network["kind"] == "ResidualMLP":
        x_t = torch.randn(recipe.batch_size, 2, generator=generator)
        condition = None
    else:
        count = min(recipe.batch_size, 8)
        x_t = torch.randn(count, FRAMES * WAVEGRAD_HOP, generator=generator)
        condition = torch.randn(count, BANDS, FRAMES, generator=generator)
    return x_t, torch.rand(len(x_t), generator=generator, dtype=torch.float64), condition


def tasks(network: NoisePredictor, name: str) -> dict[str, Callable[[], object]]:
    """What is timed, by its name."""
    x_t, noise_level, condition = inputs(name)

    def forward() -> object:
        with torch.no_grad():
            return network(x_t, noise_level, condition)

    def both() -> object:
        eps = network(x_t, noise_level, condition)
        torch.autograd.backward((eps - x_t).abs().mean())
        return eps

    return {"forward": forward, "forward and backward": both}


def alternately(
    plain: Callable[[], object], compiled: Callable[[], object], rounds: int
) -> tuple[float, float, float]:
    """Milliseconds of both, and the seconds of the first compiled call."""
    plain()
    started = time.perf_counter()
    compiled()
    first = time.perf_counter() - started
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for task, times in zip((plain, compiled), taken, strict=True):
            before = time.process_time()
            task()
            times.append(1e3 * (time.process_time() - before))
    return statistics.median(taken[0]), statistics.median(taken[1]), first


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default="all", choices=("all", *NAMES), metavar="NAME")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(1)
    # What an earlier run compiled would be found again in no time; read as the compiler loads.
    cache = tempfile.TemporaryDirectory()  # until the end of the process
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache.name
    print("| network, task | as written, ms | compiled, ms | × | s to compile |")
    print("|---|---|---|---|---|")
    for name in NAMES if "all" in options.names else options.names:
        network: nn.Module = RECIPES[name].build(seed=0)
        compiled = torch.compile(network)
        plainly, by_compiled = tasks(network, name), tasks(compiled, name)
        for task in plainly:
            plain, fast, first = alternately(plainly[task], by_compiled[task], options.rounds)
            print(
                f"| {name}, {task} | {plain:.3g} | {fast:.3g} | {plain / fast:.2f} | {first:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
