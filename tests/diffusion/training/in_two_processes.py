"""What `torchrun` starts twice for `test_runs`: trainings that share their batches.

Before that the first process starts one training after the other alone, and kills each of them.
"""

import json
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import accelerate  # noqa: F401 - once, and not in every training that is started
import torch
import torch._dynamo  # which the first optimizer of a process imports
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from diffusion.catalog import recipe
from diffusion.networks.comb_reader import CombReader
from diffusion.training import run_folder
from diffusion.training.launch import in_first_process, leave_processes, make_accelerator
from diffusion.training.state_files import save_state, state_files
from diffusion.training.trainer import Trainer
from diffusion.waveform.comb_training import comb_objective, response_lines

SMALL = replace(  # a millisecond a step
    recipe("swiss-roll-ddpm"),
    network={"kind": "ResidualMLP", "width": 16, "blocks": 1},
    steps=20,
    batch_size=32,
)


def write_losses(folder: Path, losses: list[float]) -> None:
    (folder / "losses.json").write_text(json.dumps(losses))


def train_comb(folder: Path) -> Trainer:
    """Three steps of an objective whose mean is over some rows only."""
    torch.manual_seed(0)
    reader = CombReader(channels=32, hidden=32, width=16, layers=1)
    reader.fit_response(response_lines())
    accelerator = make_accelerator("cpu")
    trainer = Trainer(
        reader, comb_objective(20), steps=3, learning_rate=1e-2, accelerator=accelerator
    )
    losses = [float(each.loss) for each in trainer]
    in_first_process(accelerator, lambda: save_state(trainer, folder, {}))
    in_first_process(accelerator, lambda: write_losses(folder, losses))
    return trainer


def kill_often(folder: Path, count: int) -> None:
    """Trainings that save every step, and that end at random moments."""
    chance = random.Random(0)
    for number in range(count):
        out = folder / f"killed-{number}"
        child = os.fork()
        if child == 0:
            for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"):
                del os.environ[name]
            run_folder.SECONDS_BETWEEN_SAVES = 0
            run_folder.run(SMALL, out, device="cpu", steps=10_000)
            os._exit(0)
        while len(state_files(out)) < 2:
            time.sleep(0.001)
        time.sleep(0.1 * chance.random())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    if os.environ["RANK"] == "0":
        kill_often(folder, 3)
    run_folder.run(SMALL, folder / "fresh", device="cpu")
    run_folder.run(SMALL, folder / "begun", device="cpu", resume=True)
    train_comb(folder)
    leave_processes()


def launch(folder: Path) -> None:
    """As `torchrun --standalone --nproc_per_node 2` does, but its processes are forks of this one.

    So PyTorch and Accelerate are imported once, and not three times.
    """
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=2,
        run_id="test_runs",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        start_method="fork",
        max_restarts=0,
    )
    elastic_launch(config, main)(folder)


if __name__ == "__main__":
    launch(Path(sys.argv[1]))
