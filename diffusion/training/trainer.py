"""Training as a generator: a progress bar, a chart and a test are consumers of one loop."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import LambdaLR

from diffusion.device import full_precision
from diffusion.training.batches import Batch, Objective, every, seed_generator

if TYPE_CHECKING:
    from accelerate import Accelerator

WARMUP_STEPS = 100
EMA_DECAY = 0.999
MAX_GRADIENT_NORM = 1.0

LEAST_SCALE = 1e-4
"""Factor of the loss in fp16: gradients that overflow with less do with any, as in fairseq."""


@dataclass(frozen=True)
class TrainingState:
    """What is known after a step.

    Attributes:
        step: number of optimiser steps that have been made.
        loss: of this step's batch, detached, on the training device.
        gradient_norm: before it was clipped, on the training device; not finite where a step was
            skipped, as fp16 does when gradients overflow.
        ema_network: the averaged network; sample with this one.
    """

    step: int
    loss: Tensor
    gradient_norm: Tensor
    ema_network: nn.Module


class Trainer:
    """Adam with warm-up, cosine decay and gradient clipping, and an EMA of the weights.

    Iterating runs the loop from where it stands to the last step, and yields a `TrainingState`
    after each step. Device, precision and processes are Hugging Face Accelerate's. Every process
    draws the whole batch, which the seed and the step determine, and takes rows of its own: their
    number changes nothing but rounding.

    Args:
        network: is trained in place.
        objective: gives a fresh batch and its loss.
        steps: of the whole training, ≥ 1.
        learning_rate: the highest one, > 0.
        seed: of the batches, ≥ 0.
        accelerator: Accelerate's; with None, one on the CPU or GPU that it finds.
        ema_decay: d of `update_ema`, in [0, 1); None is its warm-up.

    Raises:
        ValueError: if an argument is out of range, or several parts of a batch would be normalised
            each by itself.
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
        self.parts = self.accelerator.gradient_accumulation_steps
        if self.parts * self.accelerator.num_processes > 1:
            _check_rows_are_independent(network)
        self.parameters = list(network.parameters())
        # Fused: small networks spend a third of a step in the other kinds of Adam.
        self.optimizer = torch.optim.Adam(self.parameters, lr=learning_rate, fused=True)
        self.network, self.objective = network, objective
        self.loss = self.accelerator.prepare(_Loss(network, objective))
        # Of the loss in fp16; in other precisions it does nothing.
        self.scaler = self.accelerator.scaler or torch.amp.GradScaler(enabled=False)
        self.ema = copy.deepcopy(network).requires_grad_(False)
        self.steps = steps
        self.scheduler = self._schedule_from(0)
        self.step = 0
        self.seconds = 0.0
        self.seed = seed
        self.generator = torch.Generator(self.accelerator.device)
        self.finite = torch.ones((), dtype=torch.bool, device=self.accelerator.device)

    def __iter__(self) -> Iterator[TrainingState]:
        self.loss.train()
        while self.step < self.steps:
            started = time.monotonic()
            loss, norm = self._advance()
            yield TrainingState(self.step, loss, norm, self.ema)
            # With the consumer's time: on a GPU the work is waited for where the loss is read.
            self.seconds += time.monotonic() - started

    def _advance(self) -> tuple[Tensor, Tensor]:
        # Accelerate's own wrappers of Adam and clipping would take 3 % of a small network's step.
        self.optimizer.zero_grad()
        loss = self._accumulate_gradients()
        self.scaler.unscale_(self.optimizer)
        norm = clip_grad_norm_(self.parameters, MAX_GRADIENT_NORM)
        # In fp16 gradients overflow now and then, in the first steps above all: Adam then leaves
        # the weights and its moments as they are, and the next loss is scaled by half as much.
        # Such a step counts for all else. Batch and learning rate are functions of the step alone,
        # an average comes nearer to weights that rest too, and only the GPU knows whether one was
        # skipped: to count otherwise would be to wait for it.
        skips = self.scaler.is_enabled()
        self.finite = self.finite & loss.isfinite() & (norm.isfinite() | skips)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.scheduler.step()
        self.step += 1
        update_ema(self.ema, self.network, self.step, self.ema_decay)
        return loss, norm

    def _accumulate_gradients(self) -> Tensor:
        # In a sound, the noise of TF32 would be heard at -60 dB.
        with torch.no_grad(), full_precision():
            generator = seed_generator(self.generator, self.seed, self.step)
            batch = self.objective.draw(generator)
        processes = self.accelerator.num_processes
        first = self.accelerator.process_index
        losses = []
        for part in range(self.parts):
            rows = every(batch, first + part * processes, self.parts * processes)
            with self.accelerator.accumulate(self.loss):
                loss = self.loss(rows)
                self.accelerator.backward(loss)
            losses.append(loss.detach())
        mean = torch.stack(losses).mean()
        return self.accelerator.reduce(mean, "mean") if processes > 1 else mean

    def check_finite(self) -> None:
        """Wait for the work that was begun, and see whether it went well.

        Raises:
            FloatingPointError: if a loss or a gradient was no finite number; in fp16 if gradients
                overflow however little the loss is scaled.
        """
        if not bool(self.finite) or self.scaler.get_scale() < LEAST_SCALE:
            raise FloatingPointError(
                f"by step {self.step} the loss or its gradient is no finite number any more"
            )

    def _schedule_from(self, step: int) -> LambdaLR:
        """Sets the learning rate for the step that comes next, and after each step the next one."""
        return LambdaLR(self.optimizer, partial(_schedule, steps=self.steps), last_epoch=step - 1)

    def state(self) -> dict[str, Tensor]:
        """All that `restore` needs, as tensors by their names."""
        tensors = {"step": torch.tensor(self.step), "seconds": torch.tensor(self.seconds)}
        tensors |= {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"ema.{name}": value for name, value in self.ema.state_dict().items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
        scaling = self.scaler.state_dict()
        tensors |= {f"scaler.{name}": torch.tensor(value) for name, value in scaling.items()}
        return {name: value.contiguous() for name, value in tensors.items()}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go on from a `state`, on any device, in any precision and any number of processes.

        Raises:
            ValueError: if it is further than the last step.
            KeyError, RuntimeError: if it is not that of such a network.
        """
        step = int(tensors["step"])
        if step > self.steps:
            raise ValueError(f"it is at step {step}, beyond {self.steps}")
        self.network.load_state_dict(_under("network.", tensors))
        self.ema.load_state_dict(_under("ema.", tensors))
        self._restore_optimizer(_under("adam.", tensors))
        if scaling := _under("scaler.", tensors):
            self.scaler.load_state_dict({name: value.item() for name, value in scaling.items()})
        self.step = step
        self.scheduler = self._schedule_from(step)
        self.seconds = float(tensors["seconds"])

    def _restore_optimizer(self, moments: dict[str, Tensor]) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in moments.items():
            index, name = key.split(".")
            state.setdefault(int(index), {})[name] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


class _Loss(nn.Module):
    """The loss as one module: it is wrapped for several processes, and compiled.

    So an objective may use any part of the network, as often as it likes.
    """

    def __init__(self, network: nn.Module, objective: Objective) -> None:
        super().__init__()
        self.network, self.objective = network, objective

    def forward(self, batch: Batch) -> Tensor:
        return self.objective.loss(self.network, batch)


def _check_rows_are_independent(network: nn.Module) -> None:
    if any(isinstance(module, _BatchNorm) for module in network.modules()):
        raise ValueError(
            "this network normalises over its batch: train it in one process, without gradient "
            "accumulation"
        )


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
