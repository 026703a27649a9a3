"""What the training of each recipe takes of a GPU: `make bench-gpu`.

    python -m benchmarks.gpu [--seconds S] [--base-seconds S] [--device D] [--precision P …]
                             [--rows N …] [NAME …]

A row for each recipe, precision and number of rows of a batch, which is the recipe's if none is
given. The operations are those of the matrix products and the
convolutions of a step, forward and backward, as PyTorch counts them; the peak is a product of two
large matrices in the same precision, timed in the same run. Then `vocoder-wavegrad-base` is trained
for some minutes, and the loss of one batch that is kept aside is printed before and after.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from itertools import product

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from diffusion.catalog import RECIPES, recipe
from diffusion.device import resolve
from diffusion.training.batches import Batch, Objective, seed_generator
from diffusion.training.launch import machine_name, make_accelerator
from diffusion.training.trainer import Trainer

BASE = "vocoder-wavegrad-base"
PRECISIONS = ("fp32", "TF32", "bf16")
STEPS_BETWEEN_LOOKS = 10
MATRIX = {"cuda": 8_192, "cpu": 1_024}
LARGE = 10**6  # steps: so many that the learning rate does not fall within the benchmark


def precision_of(name: str, device: str) -> Callable[[], AbstractContextManager[object]]:
    """Set how float32 is multiplied, and return what the loss is computed in."""
    torch.backends.cuda.matmul.allow_tf32 = name == "TF32"
    torch.backends.cudnn.allow_tf32 = name == "TF32"
    if name == "bf16":
        return lambda: torch.autocast(device, torch.bfloat16)
    return nullcontext


def seconds_of(task: Callable[[], object], at_least: float, device: str) -> float:
    """Mean time of a call, of so many that they take `at_least` seconds, after half as many."""
    calls = 1
    while True:
        wait_for(device)
        started = time.perf_counter()
        for _ in range(calls):
            task()
        wait_for(device)
        seconds = time.perf_counter() - started
        if seconds >= at_least and calls > 1:
            return seconds / calls
        calls *= 2


def wait_for(device: str) -> None:
    """Until what was begun there is done."""
    if device == "cuda":
        torch.cuda.synchronize()


def peak(name: str, device: str) -> float:
    """Operations a second of a product of two large square matrices."""
    inside, size = precision_of(name, device), MATRIX[device]
    matrix = torch.randn(size, size, device=device)
    matrix = matrix.bfloat16() if name == "bf16" else matrix
    with inside():
        return 2 * size**3 / seconds_of(lambda: matrix @ matrix, 1.0, device)


@cache
def prepared(name: str, rows: int) -> tuple[nn.Module, Objective]:
    """The untrained network of a recipe, and its objective, which took a while to render."""
    each = replace(recipe(name), batch_size=rows)
    network = each.build(seed=0)
    return network, each.prepare(each, network)


def trainer_of(name: str, precision: str, device: str, rows: int | None = None) -> Trainer:
    """A training that has not begun; None is the recipe's number of rows."""
    accelerator = make_accelerator(device, "no")
    inside = precision_of(precision, device)  # which the accelerator has set too
    network, objective = prepared(name, rows or recipe(name).batch_size)

    def loss(network: object, batch: Batch) -> Tensor:
        with inside():
            return objective.loss(network, batch)

    return Trainer(
        copy.deepcopy(network),
        Objective(objective.draw, loss),
        steps=LARGE,
        learning_rate=recipe(name).learning_rate,
        accelerator=accelerator,
    )


def operations(trainer: Trainer) -> int:
    """How many a step takes, forward and backward."""
    batch = trainer.objective.draw(seed_generator(trainer.generator, 1, 0))
    with FlopCounterMode(display=False) as counter:
        torch.autograd.backward(trainer.objective.loss(trainer.network, batch))
    trainer.optimizer.zero_grad()
    return int(counter.get_total_flops())


def row(
    name: str, precision: str, device: str, rows: int | None, seconds: float, highest: float
) -> str:
    """The measured row of a recipe."""
    trainer = trainer_of(name, precision, device, rows)
    try:
        count = operations(trainer)
        states = iter(trainer)
        next(states)
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        each = seconds_of(lambda: next(states), seconds, device)
    except torch.OutOfMemoryError:
        return f"| {name} | {precision} | {rows} | out of memory | | | |"
    memory = f"{torch.cuda.max_memory_allocated() / 2**30:.2f}" if device == "cuda" else "–"
    return (
        f"| {name} | {precision} | {rows or recipe(name).batch_size} | {1 / each:.3g} | "
        f"{count / 1e9:.4g} | {100 * count / each / highest:.2g} | {memory} |"
    )


def train_base(device: str, seconds: float) -> str:
    """Train WaveGrad Base in bf16, and say what its loss was before and after."""
    trainer = trainer_of(BASE, "bf16", device)
    batch = trainer.objective.draw(seed_generator(trainer.generator, 1, 0))

    def loss() -> float:
        with torch.no_grad():
            return float(trainer.objective.loss(trainer.ema, batch))

    before, started = loss(), time.perf_counter()
    for state in trainer:
        if state.step % STEPS_BETWEEN_LOOKS == 0:
            wait_for(device)
            if time.perf_counter() - started >= seconds:
                break
    trainer.check_finite()
    return (
        f"{BASE}, bf16, {trainer.step} steps of {recipe(BASE).batch_size} crops in {seconds:.0f} s:"
        f" the loss of a batch kept aside fell from {before:.4f} to {loss():.4f} (averaged weights)"
    )


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(RECIPES), metavar="NAME")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each row")
    parser.add_argument("--base-seconds", type=float, default=120.0, help=f"of training {BASE}")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, default=PRECISIONS)
    parser.add_argument("--rows", nargs="+", type=int, default=[None], metavar="N")
    options = parser.parse_args(arguments)
    device = resolve(options.device)
    print(f"{machine_name(torch.device(device))}, PyTorch {torch.__version__}\n")
    peaks = {each: peak(each, device) for each in options.precision}
    print(
        "peak: "
        + ", ".join(f"{each} {value / 1e12:.3g}" for each, value in peaks.items())
        + " · 10¹² operations a second\n"
    )
    print("| recipe | precision | rows | steps/s | 10⁹ operations | % of peak | memory, GiB |")
    print("|---|---|---|---|---|---|---|")
    for name, precision, rows in product(options.names, options.precision, options.rows):
        highest = peaks[precision]
        print(row(name, precision, device, rows, options.seconds, highest), flush=True)
    if options.base_seconds > 0:
        print(f"\n{train_base(device, options.base_seconds)}", flush=True)


if __name__ == "__main__":
    main()
