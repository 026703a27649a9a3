"""The batch of a step: a function of the seed and the step alone, split over processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed

Batch = Any
"""Tensors of one row a sample; tuples and dataclasses of such; None for what a recipe lacks."""


@dataclass(frozen=True)
class Objective:
    """What a network is trained on: a random batch, and a loss that is a function of it.

    Nothing in the loss is random, so that several processes can draw the same batch, and each
    take rows of its own. Called with (network, generator) it gives the loss of a fresh batch.

    Attributes:
        draw: generator → batch, on the generator's device.
        loss: (network, batch) → the mean over the rows of the batch, a scalar with a graph.
        sigma: batch → the σ of the noise in each row, (B,), or None where rows have no σ of
            their own.
    """

    draw: Callable[[torch.Generator], Batch]
    loss: Callable[[Any, Batch], Tensor]
    sigma: Callable[[Batch], Tensor] | None = None

    def __call__(self, network: Any, generator: torch.Generator) -> Tensor:
        """The loss of a fresh batch."""
        return self.loss(network, self.draw(generator))


def seed_generator(generator: torch.Generator, seed: int, step: int) -> torch.Generator:
    """Seed a generator for one step, whatever it drew before, and return it.

    The two numbers are mixed by NumPy's `SeedSequence`, of which the CPU's generator takes 32 bits
    and a GPU's all 64.
    """
    (mixed,) = np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)
    return generator.manual_seed(int(mixed))


def every(batch: Batch, first: int, stride: int) -> Batch:
    """The rows first, first + stride, first + 2 · stride … of a batch.

    Raises:
        ValueError: if the rows do not fall into `stride` equal parts.
    """

    def part(tensor: Tensor) -> Tensor:
        if len(tensor) % stride:
            raise ValueError(
                f"a batch of {len(tensor)} cannot be split into {stride} equal parts: the number "
                "of processes times the steps of gradient accumulation must divide it"
            )
        return tensor[first::stride]

    return rows_of(batch, part)


def rows_of(batch: Batch, take: Callable[[Tensor], Tensor]) -> Batch:
    """A batch with what is taken of each of its tensors."""
    if isinstance(batch, Tensor):
        return take(batch)
    if isinstance(batch, tuple):
        return tuple(rows_of(each, take) for each in batch)
    if is_dataclass(batch) and not isinstance(batch, type):
        parts = {field.name: rows_of(getattr(batch, field.name), take) for field in fields(batch)}
        return replace(batch, **parts)
    return batch


def mean_where(values: Tensor, mask: Tensor) -> Tensor:
    """The mean of the values of some rows, or 0 if there are none.

    Over the rows of all processes: the mean over these of what each of them returns.
    """
    count = mask.sum().to(values.dtype)
    processes = 1
    if distributed.is_available() and distributed.is_initialized():
        processes = distributed.get_world_size()
        distributed.all_reduce(count)
    return processes * torch.where(mask, values, 0.0).sum() / count.clamp(min=1)
