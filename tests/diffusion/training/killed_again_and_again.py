"""Starts one training after the other for `test_runs`, and kills each at a random moment."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from diffusion.training import run_folder
from diffusion.training.state_files import state_files
from tests.diffusion.training.in_two_processes import SMALL


def main(folder: Path, count: int) -> None:
    torch.set_num_threads(1)
    run_folder.SECONDS_BETWEEN_SAVES = 0
    chance = random.Random(0)
    for number in range(count):
        out = folder / f"killed-{number}"
        child = os.fork()
        if child == 0:
            run_folder.run(SMALL, out, device="cpu", steps=2_000)
            os._exit(0)
        while len(state_files(out)) < 2:
            time.sleep(0.001)
        time.sleep(0.1 * chance.random())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
