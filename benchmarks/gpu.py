"""What the training of each recipe takes of a GPU: `make bench-gpu`.

    python -m benchmarks.gpu [--seconds S] [--base-seconds S] [--device D] [NAME …]

A row for each recipe and precision. The operations are those of the matrix products and the
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
from functools import cache

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
WARM_UP_STEPS = 10
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
    """Mean time of a call, of as many as take `at_least` seconds."""
    wait_for(device)
    started, calls = time.perf_counter(), 0
    while True:
        for _ in range(WARM_UP_STEPS):
            task()
        wait_for(device)
        calls += WARM_UP_STEPS
        if time.perf_counter() - started >= at_least:
            return (time.perf_counter() - started) / calls


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
        seconds_of(lambda: matrix @ matrix, 0.0, device)
        return 2 * size**3 / seconds_of(lambda: matrix @ matrix, 1.0, device)


@cache
def prepared(name: str) -> tuple[nn.Module, Objective]:
    """The untrained network of a recipe, and its objective, which took a while to render."""
    each = recipe(name)
    network = each.build(seed=0)
    return network, each.prepare(each, network)


def trainer_of(name: str, precision: str, device: str) -> Trainer:
    """A training that has not begun."""
    accelerator = make_accelerator(device, "no")
    inside = precision_of(precision, device)  # which the accelerator has set too
    network, objective = prepared(name)

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


def row(name: str, precision: str, device: str, seconds: float, highest: float) -> str:
    """The measured row of a recipe."""
    trainer = trainer_of(name, precision, device)
    count = operations(trainer)
    states = iter(trainer)
    for _ in range(WARM_UP_STEPS):
        next(states)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    each = seconds_of(lambda: next(states), seconds, device)
    memory = f"{torch.cuda.max_memory_allocated() / 2**30:.2f}" if device == "cuda" else "–"
    return (
        f"| {name} | {precision} | {1 / each:.1f} | {count / 1e9:.4g} | "
        f"{100 * count / each / highest:.2g} | {memory} |"
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
        if state.step % WARM_UP_STEPS == 0:
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
    options = parser.parse_args(arguments)
    device = resolve(options.device)
    print(f"{machine_name(torch.device(device))}, PyTorch {torch.__version__}\n")
    peaks = {each: peak(each, device) for each in PRECISIONS}
    print(
        "peak: "
        + ", ".join(f"{each} {value / 1e12:.3g}" for each, value in peaks.items())
        + " · 10¹² operations a second\n"
    )
    print("| recipe | precision | steps/s | 10⁹ operations a step | % of peak | memory, GiB |")
    print("|---|---|---|---|---|---|")
    for name in options.names:
        for precision in PRECISIONS:
            print(row(name, precision, device, options.seconds, peaks[precision]), flush=True)
    if options.base_seconds > 0:
        print(f"\n{train_base(device, options.base_seconds)}", flush=True)


if __name__ == "__main__":
    main()
