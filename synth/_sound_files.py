"""Random sounds as wav files, written by one process or by several.

Apart from the command line: a process that is started anew imports no `__main__` of a package.
"""

import csv
import io
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from synth.rendering.render import Renderer, render
from synth.sound import Sound

SAMPLE_RATE = 22_050
_CHUNK = 256


def write_files(
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
        # Not forked: pyo and PyTorch have threads, which a fork would be without. The processes are
        # copies of one that has imported what they need, and nothing more.
        context = get_context("forkserver")
        context.set_forkserver_preload([__name__])
        with ProcessPoolExecutor(shards, context, _start_shard, (shards,)) as pool:
            try:
                with _interrupts_ignored():  # as the processes go on to do that start here
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


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ctrl-C goes to all processes of a terminal, but is for the first one to answer."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start_shard(shards: int) -> None:
    """Divide the processors."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // shards))


def _write_chunk(
    start: int, chunk: list[Sound], folder: Path, duration: float, renderer: Renderer
) -> None:
    waveforms = render(chunk, duration, SAMPLE_RATE, renderer)
    folder.mkdir(parents=True, exist_ok=True)  # only once the values are known to be good
    for index, waveform in enumerate(waveforms, start):
        _write_sound(folder / _file_name(index), waveform)


def _write_sound(path: Path, waveform: NDArray[np.float32]) -> None:
    encoded = io.BytesIO()  # soundfile says "System error" of a full disk
    soundfile.write(encoded, waveform, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    unfinished = path.with_suffix(".part")
    try:
        unfinished.write_bytes(encoded.getbuffer())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _file_name(index: int) -> str:
    return f"sound-{index:05d}.wav"
