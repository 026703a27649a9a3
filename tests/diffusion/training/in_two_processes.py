"""What `torchrun` starts twice in `test_runs`: trainings that share their batches."""

import sys
from pathlib import Path

import torch

from diffusion.networks.comb_reader import CombReader
from diffusion.training.launch import in_first_process, leave_processes, make_accelerator
from diffusion.training.recipe import Recipe
from diffusion.training.run_folder import run
from diffusion.training.state_files import save_state
from diffusion.training.swiss_roll_recipes import HUNDRED_STEPS, _swiss_roll_ddpm
from diffusion.training.trainer import Trainer
from diffusion.waveform.comb_training import comb_objective, response_lines

SMALL = Recipe(
    name="swiss-roll-ddpm",
    summary="one that takes a millisecond a step",
    network={"kind": "ResidualMLP", "width": 16, "blocks": 1},
    schedule=HUNDRED_STEPS,
    steps=20,
    batch_size=32,
    learning_rate=3e-3,
    prepare=_swiss_roll_ddpm,
)


def train_comb(folder: Path) -> Trainer:
    """Three steps of an objective whose mean is over some rows only."""
    torch.manual_seed(0)
    reader = CombReader(channels=32, hidden=32, width=16, layers=1)
    reader.fit_response(response_lines())
    accelerator = make_accelerator("cpu")
    trainer = Trainer(
        reader, comb_objective(20), steps=3, learning_rate=1e-2, accelerator=accelerator
    )
    list(trainer)
    in_first_process(accelerator, lambda: save_state(trainer, folder, {}))
    return trainer


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    run(SMALL, folder / "fresh", device="cpu")
    run(SMALL, folder / "begun", device="cpu", resume=True)
    train_comb(folder)
    leave_processes()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
