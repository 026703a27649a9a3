"""The two renderers side by side: time for 1,000 sounds, and how far apart their samples are.

Run as `python -m benchmarks.synth_renderers`.
"""

import time

import numpy as np
import torch
from numpy.typing import NDArray

from synth import Renderer, Sound, render

COUNT = 1000
DURATION = 0.5


def timed(sounds: list[Sound], renderer: Renderer) -> tuple[float, NDArray[np.float32]]:
    """Best of three: seconds to render all sounds, and the waveforms, not normalised."""
    render(sounds[:8], DURATION, renderer=renderer)  # starts the server, loads the libraries
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        waveforms = render(sounds, DURATION, renderer=renderer, normalize=False)
        seconds.append(time.perf_counter() - start)
    return min(seconds), waveforms


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)  # pyo uses one core: so does its twin
    generator = torch.Generator().manual_seed(0)
    sounds = [Sound.random(generator) for _ in range(COUNT)]
    slow, reference = timed(sounds, "pyo")
    fast, twin = timed(sounds, "vectorized")
    error = np.abs(twin - reference).max()
    print(f"{COUNT:,} sounds of {DURATION} s, one thread, best of three runs")
    print()
    print("| renderer | seconds | ratio | largest difference before normalisation |")
    print("|---|---|---|---|")
    print(f"| pyo | {slow:.2f} | 1 | – |")
    print(f"| vectorized | {fast:.2f} | {slow / fast:.0f} | {error:.1e} |")


if __name__ == "__main__":
    main()
