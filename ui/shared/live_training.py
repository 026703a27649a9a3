"""What *Train score* and *Train DDPM* have in common: a training as a history that grows."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache
from torch import nn

from diffusion.training.live_presets import Progress, watch
from diffusion.training.trainer import Trainer
from ui.components.base import Packed
from ui.shared.settings import Settings
from ui.shared.visitors import wait_until_idle
from ui.texts import Texts

TEXTS = Texts("live-training")


LOSS_STRIDE = 10
HISTORIES_KEPT = 16

Look = Callable[[nn.Module], tuple[Packed, float]]
"""A picture of what a network makes, and the number that says how good it is."""


Growing = Generator["TrainingHistory", None, "TrainingHistory"]
"""A training under way, that returns its history at the end; closing it ends it early."""


@dataclass
class TrainingHistory:
    """What is known of a training so far; the lists grow.

    Attributes:
        frames: pictures, the first one of the untrained network; with the averaged weights (EMA).
        qualities: the number that belongs to each.
        plain_frames: the same with the weights as the last step left them.
        plain_qualities: the number that belongs to each.
        frame_steps: the step at which each was taken.
        losses: means over `LOSS_STRIDE` steps.
        loss_steps: the last step of each.
        seconds: of training, without measuring.
        verdict: a number that is measured once, at the end.
        finished: whether there is no more to come.
    """

    frames: list[Packed] = field(default_factory=list)
    qualities: list[float] = field(default_factory=list)
    plain_frames: list[Packed] = field(default_factory=list)
    plain_qualities: list[float] = field(default_factory=list)
    frame_steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    loss_steps: list[int] = field(default_factory=list)
    seconds: float = 0.0
    verdict: float | None = None
    finished: bool = False

    def add_frame(self, trainer: Trainer, look: Look) -> None:
        """Append a picture of both networks, each with its number."""
        picture, quality = look(trainer.ema)
        plain_picture, plain_quality = look(trainer.network)
        self.frames.append(picture)
        self.qualities.append(quality)
        self.plain_frames.append(plain_picture)
        self.plain_qualities.append(plain_quality)
        self.frame_steps.append(trainer.step)

    def add_loss(self, progress: Progress) -> None:
        """Append a loss.

        Raises:
            ValueError: if it is not finite.
        """
        if not math.isfinite(progress.loss):
            raise ValueError(TEXTS.say("diverged", step=progress.step))
        self.losses.append(progress.loss)
        self.loss_steps.append(progress.step)
        self.seconds = progress.seconds

    @property
    def step(self) -> int:
        """How far the training is."""
        return self.loss_steps[-1] if self.loss_steps else 0


def train(trainer: Trainer, look: Look, stride: int) -> Growing:
    """Train, and yield one and the same history as it grows, several times a second.

    It ends after the last step, however long that takes: the learning rate falls to zero over
    these steps, and equal settings give equal histories on a fast machine and a busy one.

    Args:
        trainer: of a fresh network.
        look: takes a picture.
        stride: steps between pictures, a multiple of `LOSS_STRIDE`.
    """
    history = TrainingHistory()
    history.add_frame(trainer, look)
    yield history
    for progress in watch(trainer, LOSS_STRIDE):
        history.add_loss(progress)
        if progress.step % stride == 0 or progress.step == trainer.steps:
            history.add_frame(trainer, look)
        yield history
    return history


class Histories:
    """The histories of a section; the last ones are kept, so that opening a link trains nothing.

    Args:
        start: begins the training that settings describe.
    """

    def __init__(self, start: Callable[[Any], Growing]) -> None:
        self.start = start
        self._kept: LRUCache[Settings, TrainingHistory] = LRUCache(HISTORIES_KEPT)
        self._lock = threading.Lock()

    def train(self, settings: Settings) -> Growing:
        """Train from nothing; whoever closes this ends the training."""
        history = yield from self.start(settings)
        history.finished = True
        self._keep(settings, history)
        yield history
        return history

    def so_far(self, settings: Settings) -> TrainingHistory:
        """The finished history of these settings, or else the untrained network alone."""
        if found := self._find(settings):
            return found
        with closing(self.start(settings)) as histories:
            history = next(histories)
        if not self._find(settings):  # it may have been trained meanwhile
            self._keep(settings, history)
        return history

    def prepare(self, settings: Settings) -> None:
        """Train, so that the page opens on a finished history; visitors come first."""
        for _ in self.train(settings):
            wait_until_idle()

    def _find(self, settings: Settings) -> TrainingHistory | None:
        with self._lock:
            return self._kept.get(settings)  # what is opened often stays

    def _keep(self, settings: Settings, history: TrainingHistory) -> None:
        with self._lock:
            self._kept[settings] = history
