"""Zimtohrli's psychoacoustic distance of the vocoders' sounds from the originals.

    pip install zimtohrli==0.2.1.post1
    python -m benchmarks.zimtohrli_distance [--sounds N]

0 is the same to the ear, and MOS is the mean opinion score, 1 to 5, that it is mapped to. The
originals themselves are the ceiling, and the floor is white noise of the same power. The app needs
none of this. The sounds are those on which options are chosen.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from scipy.signal import resample_poly

import diffusion
from synth import CHOICE_SEEDS, griffin_lim, held_out_sounds, log_mel, render

UP, DOWN = 320, 147  # from 22,050 to 48,000 Hz
STEPS = 6
VOCODERS = ("vocoder-wavegrad", "vocoder-harmonic")

Array = npt.NDArray[np.float32]


def contestants(waves: Array) -> Iterator[tuple[str, Array]]:
    """Each with its sounds."""
    yield "the originals", waves
    given = torch.from_numpy(waves)
    for name in VOCODERS:
        made = diffusion.load(name).vocode(given, STEPS, torch.Generator().manual_seed(0))
        yield name, made.numpy()
    yield "Griffin-Lim", griffin_lim(log_mel(given), waves.shape[1])
    power = np.square(waves).mean(axis=1, keepdims=True)
    noise = np.random.default_rng(0).standard_normal(waves.shape)
    yield "white noise", (np.sqrt(power) * noise).astype(np.float32)


def main() -> None:
    """Print a row for each, as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=int, default=len(CHOICE_SEEDS))
    count = parser.parse_args().sounds
    try:
        from zimtohrli import Pyohrli, mos_from_zimtohrli
    except ImportError as error:
        raise SystemExit("error: pip install zimtohrli first") from error
    torch.set_num_threads(1)
    waves = render(held_out_sounds(CHOICE_SEEDS[:count]), 1.0)
    print("| sounds | distance, mean | MOS, mean |\n| --- | --- | --- |")
    for name, made in contestants(waves):
        distances = [
            Pyohrli().distance(*(resample_poly(each, UP, DOWN).clip(-1, 1) for each in pair))
            for pair in zip(waves, made, strict=True)
        ]
        opinion = np.mean([mos_from_zimtohrli(distance) for distance in distances])
        print(f"| {name} | {np.mean(distances):.4f} | {opinion:.2f} |", flush=True)


if __name__ == "__main__":
    main()
