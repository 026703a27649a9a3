"""The trained networks, loaded once for the whole app."""

from __future__ import annotations

import math
from typing import Any, cast

import torch

import diffusion
from diffusion.catalog import RECIPES
from diffusion.device import resolve
from diffusion.sampling.samplers import num_evaluations
from ui.shared.cache import computed_once
from ui.texts import Texts

SHARED = Texts("shared")

_device = "cpu"


def use_device(name: str) -> None:
    """Choose where the networks run: auto, cpu or cuda.

    Raises:
        ValueError: if cuda is chosen and not there.
    """
    global _device
    before, _device = _device, resolve(name)
    if _device != before:
        cast(Any, checkpoint).cache_clear()  # those of `preloaded` are on the CPU


@computed_once(maxsize=len(RECIPES), megabytes=math.inf)
def checkpoint(name: str) -> diffusion.Checkpoint:
    """A checkpoint of this repository, on the chosen device."""
    return diffusion.load(name, _device)


def frames_to_keep(count: int, most: int) -> list[int]:
    """Indices of at most `most` of `count` states, evenly spaced, with the first and the last."""
    if count <= most:
        return list(range(count))
    return torch.linspace(0, count - 1, most).round().int().tolist()


def evaluations(sampler: str, steps: int) -> str:
    """How often a sampler evaluates the network."""
    return str(num_evaluations(sampler, steps))  # type: ignore[arg-type]  # checked by the settings


def state_label(state: diffusion.State) -> str:
    """Where a state stands on the way from noise to data."""
    if state.index == 1:
        return SHARED.say("state.one_to_go", sqrt_alpha_cumprod=state.noise_level)
    return SHARED.say("state.to_go", steps=state.index, sqrt_alpha_cumprod=state.noise_level)
