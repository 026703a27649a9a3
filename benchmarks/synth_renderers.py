"""The two renderers side by side: their time, and how far apart their samples are.

Run as `python -m benchmarks.synth_renderers`.
"""

import time

import numpy as np
import torch
from numpy.typing import NDArray

from synth import Prior, Renderer, Sound, render

CASES: tuple[tuple[Prior, float, int], ...] = (
    ("harmonic", 0.5, 1000),
    ("wide", 1.0, 1000),
    ("harmonic", 4.0, 300),
    ("notebook", 4.0, 300),
    ("wide", 4.0, 300),
)
"""Prior, seconds, number of sounds."""


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
    torch.set_num_threads(1)  # pyo uses one core: so does the vectorised renderer
    print("Seconds of one processor core, best of three runs; differences of the samples")
    print()
    print("| sounds | pyo | vectorized | ratio | largest difference | largest, of the peak |")
    print("|---|---|---|---|---|---|")
    for prior, duration, count in CASES:
        generator = torch.Generator().manual_seed(0)
        sounds = [Sound.random(generator, prior) for _ in range(count)]
        slow, reference = timed(sounds, duration, "pyo", runs=3)
        fast, waveforms = timed(sounds, duration, "vectorized", runs=3)
        difference = np.abs(waveforms - reference).max(axis=1)
        relative = difference / np.abs(reference).max(axis=1)
        row = f"{count:,} {prior}, {duration:g} s | {slow:.2f} s | {fast:.2f} s"
        errors = f"{difference.max():.1e} | {relative.max():.1e}"
        print(f"| {row} | {slow / fast:.0f} | {errors} |", flush=True)


if __name__ == "__main__":
    main()
