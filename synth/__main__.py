"""Command line: `python -m synth render --count N --out DIR` writes sounds and their table."""

import argparse
import csv
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NoReturn, get_args

import soundfile
import torch
from tqdm import tqdm

from synth import _checks
from synth.priors import Prior
from synth.rendering.render import Renderer, render
from synth.sound import Sound

SAMPLE_RATE = 22_050
_CHUNK = 256


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code, 2 for values it cannot use."""
    options = _parser().parse_args(arguments)
    try:
        count = _checks.whole("--count", options.count, 1, 100_000)
        seed = _checks.whole("--seed", options.seed, 0, 2**63 - 1)
        generator = torch.Generator().manual_seed(seed)
        sounds = [Sound.random(generator, options.prior) for _ in range(count)]
        shards = _checks.whole("--shards", options.shards, 1, 256)
        _write(sounds, Path(options.out), options.duration, options.renderer, shards)
    except OSError as error:
        print(f"python -m synth: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except (ValueError, soundfile.LibsndfileError) as error:
        print(f"python -m synth: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            f"python -m synth: stopped; {options.out} has some of the sounds, but no table of them",
            file=sys.stderr,
        )
        return 130
    print(f"{count} sounds of {options.duration:g} s, and sounds.csv, in {options.out}")
    return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without repeating the usage above it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m synth", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    command = commands.add_parser("render", help="write random sounds as wav files")
    command.add_argument("--count", type=int, required=True, help="number of sounds")
    command.add_argument("--out", required=True, help="folder, made if it is not there")
    command.add_argument("--renderer", choices=get_args(Renderer), default="vectorized")
    command.add_argument("--prior", choices=get_args(Prior), default="harmonic")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--duration", type=float, default=0.5, help="seconds per sound")
    command.add_argument("--shards", type=int, default=1, help="processes that render in parallel")
    return parser


def _write(
    sounds: list[Sound], folder: Path, duration: float, renderer: Renderer, shards: int
) -> None:
    """Write sound-00000.wav … (16 bits, peak at full scale) and sounds.csv."""
    starts = range(0, len(sounds), _CHUNK)
    chunks = [sounds[start : start + _CHUNK] for start in starts]
    write = partial(_write_chunk, folder=folder, duration=duration, renderer=renderer)
    write(0, chunks[0])  # by this process, so that values it cannot use start no other one
    if shards == 1:
        written: Iterator[None] = map(write, starts[1:], chunks[1:])
        list(tqdm(written, initial=1, total=len(chunks), disable=None, leave=False))
    else:
        # Not forked: pyo and PyTorch have threads, which a fork would be without.
        with ProcessPoolExecutor(shards, get_context("spawn"), _start_shard, (shards,)) as pool:
            try:
                written = pool.map(write, starts[1:], chunks[1:])
                list(tqdm(written, initial=1, total=len(chunks), disable=None, leave=False))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    with open(folder / "sounds.csv", "w", newline="", encoding="utf-8") as file:
        rows = [{"file": _file_name(i), **asdict(sound)} for i, sound in enumerate(sounds)]
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _start_shard(shards: int) -> None:
    """Ctrl-C is for the first process to answer; the processors are divided."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // shards))


def _write_chunk(
    start: int, chunk: list[Sound], folder: Path, duration: float, renderer: Renderer
) -> None:
    waveforms = render(chunk, duration, SAMPLE_RATE, renderer)
    folder.mkdir(parents=True, exist_ok=True)  # only once the values are known to be good
    for index, waveform in enumerate(waveforms, start):
        soundfile.write(folder / _file_name(index), waveform, SAMPLE_RATE, subtype="PCM_16")


def _file_name(index: int) -> str:
    return f"sound-{index:05d}.wav"


if __name__ == "__main__":
    sys.exit(main())
