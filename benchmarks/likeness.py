"""How well `likeness` tells fresh sounds of the training's prior from recordings.

    python -m benchmarks.likeness [FILE …]

The recordings are the files, or else those that come with Gradio and pyo: speech, a saxophone,
a flute, drums, struck metal, music. Of each, up to five seconds of its first channel are read.
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

import numpy as np
import torch

import diffusion
from diffusion.waveform.likeness import UNLIKE_BELOW, likeness
from synth import Sound, load_excerpt, render

SECONDS = (0.4, 1.0, 2.0)
SOUNDS = 100  # of each duration
SEED = 5
FOLDERS = {"gradio": "media_assets/audio", "pyo": "examples/snds"}


def packaged_recordings() -> list[Path]:
    """The sound files that come with Gradio and, where it is installed, pyo."""
    found: list[Path] = []
    for package, folder in FOLDERS.items():
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            found += sorted((Path(spec.origin).parent / folder).glob("*.*"))
    return [path for path in found if path.suffix in (".wav", ".aif", ".mp3")]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    files = parser.parse_args().files or packaged_recordings()
    torch.set_num_threads(1)
    checkpoint = diffusion.load("vocoder-harmonic")
    generator = torch.Generator().manual_seed(SEED)
    print(f"| fresh sounds | below {UNLIKE_BELOW:g} | 1 % are below | median |\n|" + " --- |" * 4)
    for seconds in SECONDS:
        sounds = [Sound.random(generator, "wide") for _ in range(SOUNDS)]
        scores = likeness(checkpoint, torch.from_numpy(render(sounds, seconds))).numpy()
        below = int((scores < UNLIKE_BELOW).sum())
        print(
            f"| {SOUNDS} of {seconds:g} s | {below} | {np.quantile(scores, 0.01):.1f} "
            f"| {np.median(scores):.1f} |"
        )
    print("\n| recording | likeness |\n| --- | --- |")
    for path in files:
        wave = torch.from_numpy(load_excerpt(path).waveform)
        print(f"| {path.name} | {float(likeness(checkpoint, wave[None])):.1f} |", flush=True)


if __name__ == "__main__":
    main()
