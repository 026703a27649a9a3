"""Where computing happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


def resolve(name: str) -> str:
    """Turn auto, cpu or cuda into cpu or cuda; auto takes a GPU that is there.

    Raises:
        ValueError: if cuda is requested and not there.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device cuda was requested, but there is no CUDA device")
    return "cuda" if name != "cpu" and torch.cuda.is_available() else "cpu"


@contextmanager
def full_precision() -> Iterator[None]:
    """Matrix products of float32 in all its digits, where a training takes TF32 for them."""
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def device_of(network: object) -> torch.device:
    """The device of a network's parameters; the CPU for an oracle, which has none."""
    parameter = next(network.parameters(), None) if isinstance(network, nn.Module) else None
    return torch.device("cpu") if parameter is None else parameter.device
