"""What a training does, for TensorBoard: numbers often, and samples now and then."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from diffusion.checkpoints import Checkpoint
from diffusion.device import full_precision
from diffusion.training.batches import rows_of, seed_generator
from diffusion.training.recipe import Recipe
from diffusion.training.state_files import state_files, step_of
from diffusion.training.trainer import Trainer, TrainingState

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

WATCHED_BATCH = 2**40
"""The number of the step whose batch is kept aside; no training gets there."""


def open_writer(out: Path) -> SummaryWriter:
    """A writer of TensorBoard's files in a run's folder.

    What a broken run wrote after its last state is no longer shown: those steps are made again.

    Raises:
        ValueError: if TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ValueError(
            "--tensorboard needs the package tensorboard: pip install '.[tensorboard]'"
        ) from error
    states = state_files(out)
    again = step_of(states[-1]) + 1 if states else None
    return SummaryWriter(str(out / "tensorboard"), purge_step=again)


class Watch:
    """Writes what is known of a training.

    The loss by σ is that of the averaged network on one batch that is kept aside, always with the
    same noise, so that its curves do not jump; each of its intervals of σ is a power of ten wide.
    Nothing here changes the training: it has a generator of its own.
    """

    def __init__(self, writer: SummaryWriter, recipe: Recipe, trainer: Trainer) -> None:
        self.writer, self.recipe, self.trainer = writer, recipe, trainer
        generator = torch.Generator(trainer.accelerator.device)
        with torch.no_grad(), full_precision():
            seed_generator(generator, trainer.seed, WATCHED_BATCH)
            self.batch = trainer.objective.draw(generator)
        self._before = (trainer.step, time.monotonic())

    def write_numbers(self, state: TrainingState) -> None:
        """Loss, gradient, learning rate and speed; it waits for the device."""
        step, now = self._before[0], time.monotonic()
        numbers = {
            "loss": float(state.loss),
            "gradient norm": float(state.gradient_norm),
            "learning rate": self.trainer.scheduler.get_last_lr()[0],
            "steps a second": (state.step - step) / max(now - self._before[1], 1e-9),
        } | self.loss_by_sigma()
        for name, value in numbers.items():
            self.writer.add_scalar(name, value, state.step)
        self._before = (state.step, time.monotonic())

    @torch.no_grad()
    def loss_by_sigma(self) -> dict[str, float]:
        """The loss of the averaged network on the rows of each power of ten of σ."""
        objective = self.trainer.objective
        if objective.sigma is None:
            return {}
        decades = objective.sigma(self.batch).log10().floor()
        losses = {}
        for decade in sorted(set(decades.tolist())):
            rows = decades == decade
            part = rows_of(self.batch, lambda tensor, rows=rows: tensor[rows])  # type: ignore[misc]
            with self.trainer.accelerator.autocast():
                loss = objective.loss(self.trainer.ema, part)
            name = f"loss by sigma/{10**decade:g} to {10 ** (decade + 1):g}"
            losses[name] = float(loss)
        return losses

    def write_samples(self) -> None:
        """What the averaged network makes now, and how good it is."""
        if self.recipe.preview is None:
            return
        trainer, network = self.trainer, self.trainer.ema
        training = network.training
        schedule, config = self.recipe.noise_schedule(), self.recipe.config()
        preview = self.recipe.preview(Checkpoint(network.eval(), schedule, config))
        network.train(training)
        for name, value in preview.metrics.items():
            self.writer.add_scalar(f"held out/{name}", value, trainer.step)
        for name, image in preview.images.items():
            self.writer.add_image(name, image, trainer.step, dataformats="HW")
        for name, sound in preview.sounds.items():
            self.writer.add_audio(name, sound[None], trainer.step, preview.sample_rate)
        self.writer.flush()
        self._before = (trainer.step, time.monotonic())
