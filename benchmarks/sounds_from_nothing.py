"""Sounds made from noise by the oracle of their family and by trained networks, measured alike.

    python -m benchmarks.sounds_from_nothing [--frames N] [NAME …]

The metrics are those of `python -m diffusion evaluate waveform-wavegrad`, which is N = 96.
"""

from __future__ import annotations

import argparse
import time

import torch

import diffusion
from diffusion.waveform.note_oracle import note_oracle
from diffusion.waveform.unconditional_metrics import waveform_metrics

ORACLE = "oracle"


def main() -> None:
    """Print a table for each, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[ORACLE, "waveform-wavegrad"], metavar="NAME")
    parser.add_argument("--frames", type=int, default=96)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.names:
        checkpoint = note_oracle() if name == ORACLE else diffusion.load(name)
        started = time.process_time()
        measured = waveform_metrics(checkpoint, options.frames)
        seconds = time.process_time() - started
        print(f"\n| metric | {name} |\n| --- | --- |\n| seconds of CPU | {seconds:.0f} |")
        for metric, value in measured.items():
            print(f"| {metric} | {value:.4g} |", flush=True)


if __name__ == "__main__":
    main()
