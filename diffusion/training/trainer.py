"""Training as a generator: a progress bar, a chart and a test are consumers of one loop."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

if TYPE_CHECKING:
    from accelerate import Accelerator

Objective = Callable[[Any, torch.Generator], Tensor]
"""(network, generator) → loss; see `diffusion.objectives`."""

WARMUP_STEPS = 100
EMA_DECAY = 0.999
MAX_GRADIENT_NORM = 1.0
PROCESS_STRIDE = 2**32  # between the seeds of processes, so that runs with other seeds differ


@dataclass(frozen=True)
class TrainingState:
    """What is known after a step.

    Attributes:
        step: number of optimiser steps that have been made.
        loss: of this step's batch, detached, on the training device.
        ema_network: the averaged network; sample with this one.
    """

    step: int
    loss: Tensor
    ema_network: nn.Module


class Trainer:
    """Adam with warm-up, cosine decay and gradient clipping, and an EMA of the weights.

    Iterating runs the loop from where it stands to the last step, and yields a `TrainingState`
    after each step. Device, precision and processes are Hugging Face Accelerate's.

    Args:
        network: is trained in place.
        objective: gives the loss of a fresh batch.
        steps: of the whole training, ≥ 1.
        learning_rate: the highest one, > 0.
        seed: of the batches; each of several processes draws from a seed of its own.
        accelerator: Accelerate's; with None, one on the CPU or GPU that it finds.
        ema_decay: d of `update_ema`, in [0, 1); None is its warm-up.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        *,
        steps: int,
        learning_rate: float,
        seed: int = 0,
        accelerator: Accelerator | None = None,
        ema_decay: float | None = None,
    ) -> None:
        from accelerate import Accelerator  # takes a second to import: only where one trains

        if steps < 1:
            raise ValueError(f"steps must be >= 1, got {steps}")
        if ema_decay is not None and not 0 <= ema_decay < 1:
            raise ValueError(f"ema_decay must be in [0, 1), got {ema_decay}")
        self.ema_decay = ema_decay
        self.accelerator = accelerator if accelerator is not None else Accelerator()
        # Fused: small networks spend a third of a step in the other kinds of Adam.
        optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate, fused=True)
        self.network, self.optimizer = self.accelerator.prepare(network, optimizer)
        self.ema = copy.deepcopy(self.accelerator.unwrap_model(self.network)).requires_grad_(False)
        self.objective = objective
        self.steps = steps
        self.scheduler = self._schedule_from(0)
        self.step = 0
        self.seconds = 0.0
        self.generator = torch.Generator(self.accelerator.device)
        self.generator.manual_seed(seed + PROCESS_STRIDE * self.accelerator.process_index)

    def __iter__(self) -> Iterator[TrainingState]:
        self.network.train()
        while self.step < self.steps:
            started = time.monotonic()
            loss = self._advance()
            yield TrainingState(self.step, loss, self.ema)
            # With the consumer's time: on a GPU the work is waited for where the loss is read.
            self.seconds += time.monotonic() - started

    def _advance(self) -> Tensor:
        with self.accelerator.autocast():
            loss = self.objective(self.network, self.generator)
        self.optimizer.zero_grad()
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.network.parameters(), MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.scheduler.step()
        self.step += 1
        network = self.accelerator.unwrap_model(self.network)
        update_ema(self.ema, network, self.step, self.ema_decay)
        return loss.detach()

    def _schedule_from(self, step: int) -> LambdaLR:
        """Sets the learning rate for the step that comes next, and after each step the next one."""
        return LambdaLR(self.optimizer, partial(_schedule, steps=self.steps), last_epoch=step - 1)

    def save(self, path: Path, identity: dict[str, str] | None = None) -> None:
        """Write all that `resume` needs, as safetensors, replacing the file in one stroke.

        Args:
            path: the file.
            identity: which run this is; `resume` requires the same.
        """
        tensors = {
            "generator": self.generator.get_state(),
            "step": torch.tensor(self.step),
            "seconds": torch.tensor(self.seconds),
        }
        network = self.accelerator.unwrap_model(self.network)
        tensors |= {f"network.{name}": value for name, value in network.state_dict().items()}
        tensors |= {f"ema.{name}": value for name, value in self.ema.state_dict().items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
        unfinished = path.with_suffix(".unfinished")
        contiguous = {name: value.contiguous() for name, value in tensors.items()}
        save_file(contiguous, unfinished, metadata=identity)
        unfinished.replace(path)

    def resume(self, path: Path, identity: dict[str, str] | None = None) -> None:
        """Go on from a file that `save` wrote.

        The first of several processes goes on with its batches, the others draw from new seeds.

        Raises:
            ValueError: if the file is damaged, belongs to another run, or is further than this one.
        """
        try:
            with safe_open(path, framework="pt") as file:
                found = file.metadata()
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if found != identity:
                raise ValueError(f"it is of another run, {found}, not {identity}")
            if int(tensors["step"]) > self.steps:
                raise ValueError(f"it is at step {int(tensors['step'])}, beyond {self.steps}")
            self.accelerator.unwrap_model(self.network).load_state_dict(_under("network.", tensors))
            self.ema.load_state_dict(_under("ema.", tensors))
            self._resume_optimizer(_under("adam.", tensors))
            self.step = int(tensors["step"])
            self.scheduler = self._schedule_from(self.step)
            self.seconds = float(tensors["seconds"])
            if self.accelerator.is_main_process:
                self.generator.set_state(tensors["generator"])
            else:
                self.generator.manual_seed(self.generator.initial_seed() + self.step)
        except (SafetensorError, RuntimeError, KeyError, ValueError) as error:
            raise ValueError(f"cannot resume from {path}: {error}") from error

    def _resume_optimizer(self, moments: dict[str, Tensor]) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in moments.items():
            index, name = key.split(".")
            state.setdefault(int(index), {})[name] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


@torch.no_grad()
def update_ema(ema: nn.Module, network: nn.Module, step: int, decay: float | None = None) -> None:
    """Ema ← d · ema + (1 - d) · network, with the decay d or a warm-up.

    The warm-up is d = min(0.999, (1 + step)/(10 + step)), and it matters: at a flat 0.999, after
    500 steps 60 % of the average would still be the untrained network. Buffers, such as the
    statistics of a batch normalisation, are copied: they are averages already.
    """
    # Not torch's AveragedModel: it takes twice as long (306 µs, not 159, for a ResidualMLP), reads
    # its counter back from the GPU at every step, copies the network in its first update instead
    # of averaging, and has other keys than the training states that were saved.
    if decay is None:
        decay = min(EMA_DECAY, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(ema.parameters()), list(network.parameters()), 1 - decay)
    for mean, buffer in zip(ema.buffers(), network.buffers(), strict=True):
        mean.copy_(buffer)


def _schedule(step: int, steps: int) -> float:
    """Linear warm-up times cosine decay, as a fraction of the highest learning rate."""
    return min(1.0, (step + 1) / WARMUP_STEPS) * 0.5 * (1 + math.cos(math.pi * step / steps))


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
