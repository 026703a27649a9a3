"""The two renderers side by side: time for 1,000 sounds, and how far apart their samples are.

Run as `python -m benchmarks.synth_renderers`.
"""

import time

import numpy as np
import torch
from numpy.typing import NDArray

from synth import Prior, Renderer, Sound, render

COUNT = 1000
CASES: tuple[tuple[Prior, float], ...] = (("harmonic", 0.5), ("wide", 1.0))


def timed(
    sounds: list[Sound], duration: float, renderer: Renderer, runs: int
) -> tuple[float, NDArray[np.float32]]:
    """Processor seconds of the best run, and the waveforms, not normalised.

    Processor time is the same on a busy machine, and both renderers use one thread.
    """
    render(sounds[:8], duration, renderer=renderer)  # starts the server, loads the libraries
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        waveforms = render(sounds, duration, renderer=renderer, normalize=False)
        seconds.append(time.process_time() - start)
    return min(seconds), waveforms


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)  # pyo uses one core: so does its twin
    print(f"{COUNT:,} sounds, seconds of one processor core, best of three runs")
    print()
    print(
        "| prior, duration | pyo | vectorized | ratio | largest difference before normalisation |"
    )
    print("|---|---|---|---|---|")
    for prior, duration in CASES:
        generator = torch.Generator().manual_seed(0)
        sounds = [Sound.random(generator, prior) for _ in range(COUNT)]
        slow, reference = timed(sounds, duration, "pyo", runs=3)
        fast, twin = timed(sounds, duration, "vectorized", runs=3)
        error = np.abs(twin - reference).max()
        row = f"{prior}, {duration:g} s | {slow:.2f} s | {fast:.2f} s | {slow / fast:.0f}"
        print(f"| {row} | {error:.1e} |", flush=True)


if __name__ == "__main__":
    main()
