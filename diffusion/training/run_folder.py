"""One training run in a folder: progress, states to resume from, and the finished weights."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, NoReturn

import torch
from tqdm import tqdm

from diffusion import checkpoints
from diffusion.training import records
from diffusion.training.claim import claim
from diffusion.training.launch import (
    MixedPrecision,
    bf16_is_slow,
    in_first_process,
    machine_name,
    make_accelerator,
)
from diffusion.training.recipe import Recipe
from diffusion.training.records import Stretch
from diffusion.training.state_files import resume_from, save_state, state_files
from diffusion.training.stopping import Interrupted, Stopping
from diffusion.training.trainer import Trainer, TrainingState
from diffusion.training.watching import Watch, open_writer

if TYPE_CHECKING:
    from accelerate import Accelerator

SECONDS_BETWEEN_SAVES = 60
STEPS_BETWEEN_LOOKS = 20  # a GPU has to be waited for at each

SEEDS = range(2**32)  # of which PyTorch makes different weights


def run(
    recipe: Recipe,
    out: Path,
    *,
    device: str = "auto",
    steps: int | None = None,
    seed: int = 0,
    resume: bool = False,
    mixed_precision: MixedPrecision | None = None,
    gradient_accumulation_steps: int | None = None,
    log_every: int = STEPS_BETWEEN_LOOKS,
    tensorboard: bool = False,
) -> None:
    """Train a recipe with a progress bar, and leave a checkpoint in `out`.

    Every minute, when it is interrupted and at the end, the whole state goes to
    `out/training-STEP.safetensors`; `resume` goes on from the newest one. All processes that
    `torchrun` starts train one network.

    Args:
        recipe: what is trained.
        out: its folder; without `resume` no training may be in it.
        device: "auto", "cpu" or "cuda".
        steps: of the whole training; None is the recipe's.
        seed: of the weights and the batches, in [0, 2^32).
        resume: whether to go on with what is in the folder.
        mixed_precision: None is what the launcher was given, or else "no".
        gradient_accumulation_steps: see `make_accelerator`.
        log_every: steps after which the progress bar and TensorBoard get the loss.
        tensorboard: whether to write files for TensorBoard to `out/tensorboard`: the numbers of
            `Watch` every `log_every` steps, and samples as often as a state is saved.

    Raises:
        ValueError: for an argument out of range, a device that is not there, a folder that has a
            training in it, or a state that is missing, damaged or of another run.
        OSError: if the folder cannot be written, or another process trains in it.
        FloatingPointError: if the loss is no finite number any more.
        Interrupted: after Ctrl-C or SIGTERM, once the state is saved.
    """
    steps = recipe.steps if steps is None else steps
    if steps < 1:
        raise ValueError(f"steps must be >= 1, got {steps}")
    if log_every < 1:
        raise ValueError(f"log_every must be >= 1, got {log_every}")
    if seed not in SEEDS:
        raise ValueError(f"seed must be >= 0 and < 2^32, got {seed}")
    accelerator = make_accelerator(device, mixed_precision, gradient_accumulation_steps)
    folder = in_first_process(accelerator, lambda: claim(out, resume))
    writer = None
    try:
        if tensorboard:
            writer = in_first_process(accelerator, lambda: open_writer(out))
        if accelerator.is_main_process:
            _warn(accelerator)
        with accelerator.main_process_first():  # which renders the sounds
            network = recipe.build(seed)
            objective = recipe.prepare(recipe, network)
        trainer = Trainer(
            network,
            objective,
            steps=steps,
            learning_rate=recipe.learning_rate,
            seed=seed,
            accelerator=accelerator,
        )
        stretch = _Run(recipe, out, seed, trainer, log_every)
        if resume:
            stretch.resume()
        if writer is not None:
            stretch.watch = Watch(writer, recipe, trainer)
        stretch.train()
    finally:
        if writer is not None:
            writer.close()
        if folder is not None:
            os.close(folder)


def _warn(accelerator: Accelerator) -> None:
    if accelerator.mixed_precision == "bf16" and bf16_is_slow(accelerator.device):
        print(
            "warning: this CPU has no instructions for bfloat16, which makes it several times "
            "slower than --mixed-precision no",
            file=sys.stderr,
        )


class _Run:
    """One stretch of a training: from where the folder was left to the end or an interruption."""

    def __init__(
        self, recipe: Recipe, out: Path, seed: int, trainer: Trainer, log_every: int
    ) -> None:
        self.recipe, self.out, self.seed, self.trainer = recipe, out, seed, trainer
        self.log_every = log_every
        self.watch: Watch | None = None
        self.earlier: list[Stretch] = []
        digest = recipe.data_digest
        data = recipe.data_option if digest is None else f"recordings {digest()}"
        self.identity = {"recipe": recipe.name, "seed": str(seed), "data": data}

    def resume(self) -> None:
        """Go on from the newest state.

        Raises:
            ValueError: if it cannot be used.
        """
        *older, newest = state_files(self.out)
        try:
            metadata = resume_from(self.trainer, newest, self.identity)
            self.earlier = records.from_json(metadata.get("stretches", "[]"))
        except ValueError as error:
            hint = f"; delete it to go on from {older[-1].name}" if older else ""
            raise ValueError(f"{error}{hint}") from error
        if self.earlier and self.earlier[-1].steps != self.trainer.steps and self._is_main:
            print(
                f"the learning rate follows {self.trainer.steps} steps from here on, "
                f"before it followed {self.earlier[-1].steps}"
            )

    def train(self) -> None:
        """Make the steps that are left, and write the checkpoint.

        Raises:
            FloatingPointError, OSError, Interrupted: see `run`.
        """
        self.first, self.seconds_before = self.trainer.step, self.trainer.seconds
        with Stopping() as stopping:
            try:
                self._loop(stopping)
                self.trainer.check_finite()
            except FloatingPointError as error:
                states = [path.name for path in state_files(self.out)][-1:]
                left = f"the last good state is {states[0]}" if states else "no state was saved yet"
                raise FloatingPointError(f"{error}; {left}") from error
            if self._is_main:
                self._save()
        if stopping.number and self.trainer.step < self.trainer.steps:
            raise Interrupted(self._how_to_go_on(), stopping.number)
        if self._is_main:
            data = self.recipe.data_option
            training = records.training_config(self._stretches(), self.seed, data)
            checkpoints.save(
                self.out, self.trainer.ema, self.recipe.config() | {"training": training}
            )
            print(f"wrote {self.out / 'model.safetensors'}")

    def _loop(self, stopping: Stopping) -> None:
        trainer, alone = self.trainer, self.trainer.accelerator.num_processes == 1
        saved = time.monotonic()
        with tqdm(
            total=trainer.steps,
            initial=trainer.step,
            desc=self.recipe.name,
            unit=" steps",
            disable=not self._is_main,
        ) as bar:
            for state in trainer:
                bar.update()
                look = state.step % STEPS_BETWEEN_LOOKS == 0
                if look:
                    trainer.check_finite()
                if state.step % self.log_every == 0:
                    self._log(state, bar)
                due = time.monotonic() - saved >= SECONDS_BETWEEN_SAVES
                if due and self._is_main and bool(trainer.finite):
                    self._save()
                    saved = time.monotonic()
                if (alone or look) and stopping.wanted_by_any(trainer.accelerator):
                    break

    def _log(self, state: TrainingState, bar: tqdm[NoReturn]) -> None:
        bar.set_postfix(loss=f"{float(state.loss):.4f}", refresh=False)
        if self.watch is not None:
            self.watch.write_numbers(state)

    def _save(self) -> None:
        metadata = self.identity | {"stretches": records.to_json(self._stretches())}
        save_state(self.trainer, self.out, metadata)
        if self.watch is not None:
            self.watch.write_samples()

    def _stretches(self) -> list[Stretch]:
        trainer = self.trainer
        if trainer.step == self.first:
            return self.earlier
        latest = Stretch(
            first=self.first,
            last=trainer.step,
            steps=trainer.steps,
            seconds=round(trainer.seconds - self.seconds_before),
            processes=trainer.accelerator.num_processes,
            accumulation=trainer.parts,
            mixed_precision=trainer.accelerator.mixed_precision,
            threads=torch.get_num_threads(),
            machine=machine_name(trainer.accelerator.device),
        )
        return [*self.earlier, latest]

    def _how_to_go_on(self) -> str:
        latest = self._stretches()[-1]
        recipe = self.recipe
        again = records.command(recipe.name, latest, self.seed, recipe.steps, recipe.data_option)
        return (
            f"stopped after step {self.trainer.step} of {self.trainer.steps}; go on with: "
            f"{again} --out {quote(str(self.out))} --resume"
        )

    @property
    def _is_main(self) -> bool:
        return bool(self.trainer.accelerator.is_main_process)
