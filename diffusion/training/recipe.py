"""What a recipe is: all that the training of one network needs but the device."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor, nn

from diffusion.networks import build_network
from diffusion.process.schedule import NoiseSchedule
from diffusion.training.batches import Objective

if TYPE_CHECKING:
    from diffusion.checkpoints import Checkpoint

_initialising = threading.Lock()


def untrained(config: dict[str, Any], schedule: NoiseSchedule, seed: int) -> nn.Module:
    """A network of `build_network` whose weights the seed determines.

    PyTorch draws them from its global generator, so that one thread at a time may do this.
    """
    with _initialising, torch.random.fork_rng():
        torch.manual_seed(seed)
        return build_network(config, schedule)


@dataclass(frozen=True)
class Preview:
    """What a network can do in the middle of its training, to be seen and heard.

    Attributes:
        metrics: on data that it is not trained on, by their names.
        images: grey values in [0, 1], (H, W), by their names.
        sounds: waveforms in [-1, 1], (T,), by their names.
        sample_rate: of the sounds, in Hz.
    """

    metrics: dict[str, float]
    images: dict[str, Tensor] = field(default_factory=dict)
    sounds: dict[str, Tensor] = field(default_factory=dict)
    sample_rate: int = 22_050


@dataclass(frozen=True)
class Recipe:
    """All that training needs but the device.

    Attributes:
        name: of the recipe and of its checkpoint.
        summary: one line for `python -m diffusion list`.
        network: kind and options for `build_network`.
        schedule: arguments for `NoiseSchedule.from_name`.
        steps: optimiser steps.
        batch_size: samples in a step, of all processes together.
        learning_rate: the highest one of the cosine decay.
        prepare: builds the objective, after what it must do once (render sounds, measure them).
        inference: range of `karras_sigmas` to sample with, or None to sample with the schedule.
        stored_as: type of the weights in a checkpoint.
        preview: samples and metrics of a network in training, in about a second.
        data_option: what `python -m diffusion train` is given for other data than the recipe's.
        data_digest: changes with those data, where the same option may bring others.
    """

    name: str
    summary: str
    network: dict[str, Any]
    schedule: dict[str, Any]
    steps: int
    batch_size: int
    learning_rate: float
    prepare: Callable[[Recipe, nn.Module], Objective]
    inference: dict[str, float] | None = None
    stored_as: Literal["float32", "float16"] = "float32"
    preview: Callable[[Checkpoint], Preview] | None = None
    data_option: str = ""
    data_digest: Callable[[], str] | None = None

    def noise_schedule(self) -> NoiseSchedule:
        """The schedule of the training."""
        return NoiseSchedule.from_name(**self.schedule)

    def build(self, seed: int) -> nn.Module:
        """The untrained network; the seed is that of its weights."""
        return untrained(self.network, self.noise_schedule(), seed)

    def config(self) -> dict[str, Any]:
        """What a checkpoint of this recipe says of itself."""
        config: dict[str, Any] = {
            "recipe": self.name,
            "network": self.network,
            "schedule": self.schedule,
        }
        if self.inference is not None:
            config["inference"] = self.inference
        if self.stored_as != "float32":
            config["stored_as"] = self.stored_as
        return config
