"""`python -m diffusion quality`: samplers against their evaluations, as a table."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from diffusion import checkpoints
from diffusion.device import resolve
from diffusion.evaluation import sample_quality as quality
from diffusion.waveform import vocoder_quality

VOCODERS = ("vocoder-harmonic", "vocoder-wavegrad", "vocoder-wavegrad-small")
TABLES = ("swiss-roll-ddpm", *VOCODERS)
"""The recipes whose samplers are measured."""

Row = dict[str, Any]


def check_writable(file: Path) -> None:
    """Before what takes minutes; a file that was not there is not there afterwards."""
    new = not file.exists()
    file.open("a").close()
    if new:
        file.unlink()


def measure_quality(options: argparse.Namespace) -> None:
    """Measure the samplers of a checkpoint, print a line for each, and write the table."""
    if options.out is not None:
        check_writable(options.out)
    checkpoint = checkpoints.load(options.name, resolve(options.device))
    recipe_name = str(checkpoint.config.get("recipe"))
    if recipe_name not in TABLES:
        raise ValueError(f"quality is measured of {', '.join(TABLES)}, got {recipe_name!r}")
    if recipe_name in VOCODERS:
        _vocoder_quality(recipe_name, checkpoint, options)
        return
    rows = []
    for row in quality.measure(checkpoint, options.points):
        rows.append(row)
        print(_points_line(row), flush=True)
    _write(quality.table_of(rows, options.points), options)


def _vocoder_quality(
    recipe_name: str, checkpoint: checkpoints.Checkpoint, options: argparse.Namespace
) -> None:
    """The table is written anew after each row, so that it can be gone on with."""
    limits = options.sounds, options.most_evaluations
    table = _table_of(options.out, options.sounds) if options.resume else {"rows": []}
    known = table["rows"]
    sigmas = {name: table[name] for name in vocoder_quality.BY_SIGMA if name in table}
    sigmas = sigmas or vocoder_quality.by_sigma(checkpoint, options.sounds)
    rows = []
    for row in vocoder_quality.measure_vocoder(checkpoint, *limits, known):
        rows.append(row)
        print(_vocoder_line(row), flush=True)
        kept = [*rows, *(each for each in known if each not in rows)]
        _write(vocoder_quality.table_of(recipe_name, kept, sigmas, *limits), options)


def _write(table: dict[str, Any], options: argparse.Namespace) -> None:
    if options.out is None:
        return
    if (device := resolve(options.device)) != "cpu":
        table["command"] += f" --device {device}"
    options.out.write_text(json.dumps(table, indent=1) + "\n")


def _table_of(file: Path | None, num_sounds: int) -> dict[str, Any]:
    """A table that was measured on as many sounds.

    Raises:
        ValueError: if there is no such table.
    """
    if file is None or not file.is_file():
        raise ValueError(f"nothing to resume: there is no {file or 'FILE'}")
    table: dict[str, Any] = json.loads(file.read_text())
    if table["num_sounds"] != num_sounds:
        raise ValueError(f"{file} was measured on {table['num_sounds']} sounds, not {num_sounds}")
    return table


def _points_line(row: Row) -> str:
    return (
        f"{row['predictor']:9}{row['sampler']:9}{row['grid']:9}{row['evaluations']:4}   "
        f"SW2 {row['sw2']:.3f}   MMD² {row['mmd2']:.3f}   off {row['off']:.2%}"
    )


def _vocoder_line(row: Row) -> str:
    return (
        f"{row['sampler']:12}{row['evaluations']:4}   log-mel {row['log_mel']:.3f}   "
        f"convergence {row['convergence']:.3f}   STFT {row['stft']:.3f}   "
        f"{row['cents']:.1f} cents   partial {row['partial']:.1f} dB   "
        f"noise {row['noise']:.1f} dB   {row['seconds']:.3f} s"
    )
