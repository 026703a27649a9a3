"""What a run says of itself: in its states, in `config.json` and in the model card."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Stretch:
    """Steps that were made in one go; a resumed training has several.

    Attributes:
        first: number of the steps before it.
        last: number of the steps at its end.
        steps: of the whole training that it was a part of, which the learning rate follows.
        seconds: that it took.
        processes: that shared each batch.
        accumulation: parts that a process computed its rows in, one after the other.
        mixed_precision: "no", "bf16" or "fp16".
        threads: of each process.
        machine: the GPU's name, or the kind of CPU.
    """

    first: int
    last: int
    steps: int
    seconds: int
    processes: int
    accumulation: int
    mixed_precision: str
    threads: int
    machine: str


def to_json(stretches: list[Stretch]) -> str:
    """One line for the metadata of a state."""
    return json.dumps([asdict(stretch) for stretch in stretches])


def from_json(text: str) -> list[Stretch]:
    """The inverse of `to_json`.

    Raises:
        ValueError: if it is none.
    """
    try:
        return [Stretch(**fields) for fields in json.loads(text)]
    except TypeError as error:
        raise ValueError(f"this says nothing of a training: {text!r}") from error


def training_config(stretches: list[Stretch], seed: int, data_option: str) -> dict[str, Any]:
    """What `config.json` says of the training."""
    return {
        "steps": stretches[-1].last,
        "seed": seed,
        **({"data_option": data_option} if data_option else {}),
        "seconds": sum(stretch.seconds for stretch in stretches),
        "stretches": [asdict(stretch) for stretch in stretches],
    }


def command(
    name: str, stretch: Stretch, seed: int, recipe_steps: int, data_option: str = ""
) -> str:
    """The command that makes such a stretch, without `--out` and `--resume`."""
    start = "python"
    if stretch.processes > 1:
        start = f"torchrun --nproc_per_node {stretch.processes}"
    words = [start, "-m diffusion train", name]
    if data_option:
        words.append(data_option)
    if stretch.steps != recipe_steps:
        words.append(f"--steps {stretch.steps}")
    words.append(f"--seed {seed}")
    if stretch.mixed_precision != "no":
        words.append(f"--mixed-precision {stretch.mixed_precision}")
    if stretch.accumulation > 1:
        words.append(f"--gradient-accumulation-steps {stretch.accumulation}")
    return " ".join(words)
