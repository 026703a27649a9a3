"""The trained networks, loaded once for the whole app."""

from __future__ import annotations

from functools import lru_cache

import torch

import diffusion

_device = "cpu"


def use_device(name: str) -> None:
    """Choose where the networks run, before the first one is loaded: auto, cpu or cuda.

    Raises:
        ValueError: if cuda is asked for and not there.
    """
    global _device
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device cuda was asked for, but there is no CUDA device")
    _device = "cuda" if name != "cpu" and torch.cuda.is_available() else "cpu"


@lru_cache(maxsize=8)
def checkpoint(name: str) -> diffusion.Checkpoint:
    """A checkpoint of this repository, on the chosen device."""
    return diffusion.load(name, _device)


def frames_to_keep(count: int, most: int) -> list[int]:
    """Indices of at most `most` of `count` states, evenly spaced, with the first and the last."""
    if count <= most:
        return list(range(count))
    return torch.linspace(0, count - 1, most).round().int().tolist()
