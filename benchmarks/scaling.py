"""Counted and measured inputs of `docs/scaling.md`: training on much data, many visitors.

    python -m benchmarks.scaling [--rate OPERATIONS] [--hours H] [--visitors N] [--measured FILE]

Operations are counted by PyTorch in a step of WaveGrad Base without computing it (on its "meta"
device), bytes likewise. --rate is what a device reaches, in operations a second, as
`python -m benchmarks.gpu` measures it; without it only the published peaks of an H100 are set in,
which nothing reaches. What visitors cost follows from `python -m benchmarks classroom followers
request_costs`, as FILE has it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.tables import tables_in, value
from diffusion.catalog import recipe
from diffusion.networks import build_network
from diffusion.waveform.prepare import PAPER_CROP_FRAMES
from diffusion.waveform.training_sounds import fresh_crops
from synth.features import mel
from synth.recording_set import RecordingSet

BASE = "vocoder-wavegrad-base"
PUBLISHED_PEAKS = {"FP32": 67e12, "TF32": 495e12, "bf16": 989e12}
"""Dense operations a second of an H100 SXM, from NVIDIA's data sheet."""

COPIES_IN_MEMORY = 5  # weights, gradients, two moments of Adam, averaged weights
COPIES_IN_STATE = 4  # without the gradients
BYTES = 4
SHARD = 10**9
NETWORK_BYTES_A_SECOND = {"NVLink, 450 GB/s": 450e9, "400 Gbit/s": 50e9, "25 Gbit/s": 3.1e9}
BANDS = 80


@dataclass(frozen=True)
class Counted:
    """What a step takes, forward and backward, but for the weights."""

    operations: int
    kept_bytes: int
    weights: int


def count(rows: int) -> Counted:
    """Count a loss and its gradient on so many crops of 24 frames."""
    chosen = recipe(BASE)
    schedule = chosen.noise_schedule()
    with torch.device("meta"):
        network = build_network(chosen.network, schedule)
    x_t = torch.empty(rows, PAPER_CROP_FRAMES * mel.HOP, device="meta")
    log_mels = torch.empty(rows, BANDS, PAPER_CROP_FRAMES, device="meta")
    level = torch.empty(rows, dtype=torch.float64, device="meta")
    own = {id(each) for each in network.parameters()}
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        if id(tensor) not in own and not isinstance(tensor, nn.Parameter):
            storage = tensor.untyped_storage()
            kept[storage._cdata] = tensor
        return tensor

    with FlopCounterMode(display=False) as counter:
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            eps = network(x_t, level, log_mels)
            loss = (eps - x_t).abs().mean()
        torch.autograd.backward(loss)
    bytes_kept = sum(each.untyped_storage().nbytes() for each in kept.values())
    weights = sum(each.numel() for each in network.parameters())
    return Counted(int(counter.get_total_flops()), bytes_kept, weights)


def training_rows(counted: Counted, hours: float) -> dict[str, str]:
    """What the whole training takes, but for time."""
    chosen = recipe(BASE)
    batch, steps = chosen.batch_size, chosen.steps
    state = COPIES_IN_STATE * BYTES * counted.weights
    seconds_heard = steps * batch * PAPER_CROP_FRAMES * mel.HOP / mel.SAMPLE_RATE
    data = 2 * hours * 3600 * mel.SAMPLE_RATE
    return {
        "weights": f"{counted.weights:,}",
        f"operations for a step of {batch} crops": f"{counted.operations:.3g}",
        f"operations for {steps:,} steps": f"{steps * counted.operations:.3g}",
        "kept for the backward pass in float32, GB": f"{counted.kept_bytes / 1e9:.1f}",
        "weights, gradients, moments and average, GB": (
            f"{COPIES_IN_MEMORY * BYTES * counted.weights / 1e9:.2f}"
        ),
        "a state to resume from, MB": f"{state / 1e6:.0f}",
        "a finished checkpoint, MB": f"{BYTES * counted.weights / 1e6:.0f}",
        "hours of sound that the training hears": f"{seconds_heard / 3600:,.0f}",
        f"passes over {hours:,.0f} hours": f"{seconds_heard / 3600 / hours:.1f}",
        f"{hours:,.0f} hours at 22,050 Hz in 16 bits, GB": f"{data / 1e9:.0f}",
        "shards of 1 GB": f"{data / SHARD:.0f}",
        "read for a step, MB": (f"{2 * batch * mel.piece_samples(PAPER_CROP_FRAMES) / 1e6:.1f}"),
        "gradients to exchange in a step, MB": f"{BYTES * counted.weights / 1e6:.0f}",
    }


def speeds(counted: Counted, rate: float | None) -> list[tuple[str, float, float]]:
    """For each rate its name, the seconds of a step and the hours of a training."""
    operations, steps = counted.operations, recipe(BASE).steps
    rates = {f"published peak, {name}": peak for name, peak in PUBLISHED_PEAKS.items()}
    if rate is not None:
        rates["as measured"] = rate
    return [
        (name, operations / per_second, steps * operations / per_second / 3600)
        for name, per_second in rates.items()
    ]


def exchange(counted: Counted, step: float) -> dict[str, tuple[float, float]]:
    """The seconds in which each network's gradients are exchanged, and the GPUs that need a step.

    A ring sends and receives the gradients twice (but for a GPU's own part); it takes as long on
    any number of GPUs, while n of them compute a batch in the n-th part of the time.
    """
    seconds = {
        name: 2 * BYTES * counted.weights / rate for name, rate in NETWORK_BYTES_A_SECOND.items()
    }
    return {name: (each, step / each) for name, each in seconds.items()}


def draw_seconds(batch: int) -> dict[str, float]:
    """The time in which a core draws a batch of crops and their mels, as every process does."""
    generator = torch.Generator().manual_seed(0)
    length = mel.piece_samples(PAPER_CROP_FRAMES)
    with tempfile.TemporaryDirectory() as folder:
        noise = 0.1 * np.random.default_rng(0).standard_normal(60 * mel.SAMPLE_RATE)
        soundfile.write(Path(folder) / "noise.wav", noise, mel.SAMPLE_RATE)
        recordings = RecordingSet(folder, folder)
        started = time.process_time()
        mel.crops_of_pieces(recordings.pieces(length, batch, generator))
        recorded = time.process_time() - started
    started = time.process_time()
    fresh_crops(PAPER_CROP_FRAMES)(batch, generator)
    return {"recordings": recorded, "fresh sounds": time.process_time() - started}


def visitor_rows(file: Path, visitors: int) -> dict[str, str]:
    """What visitors cost, from what was measured of a class.

    Raises:
        ValueError: if the file has not all of it.
    """
    from benchmarks.classroom import PAUSE, SECTIONS, WEIGHTS

    try:
        results = json.loads(file.read_text())["results"]
        texts = {
            name: results[name]["text"] for name in ("classroom", "followers", "request_costs")
        }
    except (OSError, KeyError) as error:
        raise ValueError(
            f"{file} lacks {error}: run python -m benchmarks classroom followers request_costs"
        ) from error
    costs = {row[0]: value(row[1]) for row in _rows(texts["request_costs"])}
    titles = {name: SECTIONS[name].settings.title for name in WEIGHTS}
    known = {name: weight for name, weight in WEIGHTS.items() if titles[name] in costs}
    mean = sum(weight * costs[titles[name]] for name, weight in known.items()) / sum(known.values())
    rate = visitors / (sum(PAUSE) / 2)
    found = {
        f"answers a second to {visitors:,} visitors": f"{rate:.0f}",
        "CPU seconds of a new answer, mean by how often it is wanted": f"{mean:.2f}",
    }
    for row in _rows(texts["classroom"]):
        repeats = value(row[2]) / 100
        found[f"{row[0]}: answers that are repeats"] = row[2]
        found[f"{row[0]}: cores for the others"] = f"{rate * (1 - repeats) * mean:.0f}"
    idle, busy = (_rows(texts["followers"])[k] for k in (0, 1))
    each = (value(busy[-1]) - value(idle[-1])) / 100 / value(busy[0])
    found[f"cores for {visitors:,} followers of rooms"] = f"{max(each, 0) * visitors:.2f}"
    return found


def _rows(text: str) -> list[list[str]]:
    return [row for _, *rows in tables_in(text) for row in rows]


def _print(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, help="operations a second")
    parser.add_argument("--hours", type=float, default=1_000.0, help="of music")
    parser.add_argument("--visitors", type=int, default=1_000, help="at once")
    parser.add_argument("--measured", type=Path, default=Path("docs/benchmarks.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    counted = count(recipe(BASE).batch_size)
    _print((BASE, "counted"), list(training_rows(counted, options.hours).items()))
    rates = speeds(counted, options.rate)
    _print(
        ("rate", "seconds for a step", "GPU-hours for the training"),
        [(name, f"{step:.3g}", f"{hours:,.0f}") for name, step, hours in rates],
    )
    shortest = rates[-1][1]
    _print(
        (f"network, beside {rates[-1][0]}", "ms to exchange gradients", "GPUs at which half waits"),
        [
            (name, f"{1e3 * seconds:.2f}", f"{gpus:.0f}")
            for name, (seconds, gpus) in exchange(counted, shortest).items()
        ],
    )
    drawn = draw_seconds(recipe(BASE).batch_size)
    _print(
        ("a batch is drawn from", "seconds of one CPU core"),
        [(name, f"{seconds:.2f}") for name, seconds in drawn.items()],
    )
    try:
        rows = visitor_rows(options.measured, options.visitors)
    except ValueError as error:
        print(error)
    else:
        _print(("visitors", "computed"), list(rows.items()))


if __name__ == "__main__":
    main()
