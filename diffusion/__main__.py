"""The command line: `python -m diffusion list | train | evaluate | quality | search-schedule`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from diffusion import checkpoints
from diffusion.catalog import NUM_FRAMES, RECIPES, evaluate, recipe
from diffusion.device import resolve
from diffusion.evaluation import sample_quality as quality
from diffusion.evaluation.model_card import write_card
from diffusion.sampling.samplers import SAMPLERS
from diffusion.training.launch import leave_processes
from diffusion.training.run_folder import run
from diffusion.training.stopping import Interrupted
from diffusion.waveform import vocoder_quality
from diffusion.waveform.schedule_search import NUM_SOUNDS, keep, search_schedule

VOCODERS = ("vocoder-harmonic", "vocoder-wavegrad", "vocoder-wavegrad-small")
TABLES = ("swiss-roll-ddpm", *VOCODERS)
"""The recipes whose samplers `quality` measures."""

Row = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status; an error is one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "list":
            _list()
        elif options.command == "train":
            _train(options)
        elif options.command == "search-schedule":
            _search(options)
        elif options.command == "quality":
            _quality(options)
        else:
            _evaluate(options)
    except (ValueError, OSError) as error:
        _complain(f"error: {error}")
        return 2
    except FloatingPointError as error:
        _complain(f"error: {error}")
        return 1
    except Interrupted as stopped:
        _complain(str(stopped))
        return 128 + stopped.number
    except KeyboardInterrupt:
        return 130
    return 0


def _complain(sentence: str) -> None:
    if os.environ.get("RANK", "0") == "0":  # of several processes that torchrun started
        print(sentence, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m diffusion", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the recipes, and which of them have a checkpoint here")
    train = commands.add_parser("train", help="train a recipe")
    train.add_argument("recipe", metavar="RECIPE", help=", ".join(RECIPES))
    _add_device(train, "auto")
    train.add_argument("--steps", type=int, help="optimiser steps; the recipe's by default")
    train.add_argument("--out", type=Path, metavar="DIR", help="default: runs/RECIPE")
    train.add_argument("--resume", action="store_true", help="go on where DIR was left")
    train.add_argument("--seed", type=int, default=0, help="of the weights and the batches")
    train.add_argument(
        "--mixed-precision",
        choices=["no", "bf16"],
        help="bf16: the layers in half precision, faster where the machine computes in it",
    )
    train.add_argument(
        "--gradient-accumulation-steps",
        type=int,
        metavar="N",
        help="compute a batch in N parts, one after the other, to save memory",
    )
    measure = commands.add_parser("evaluate", help="measure the metrics of a model card again")
    measure.add_argument("name", metavar="NAME", help="a checkpoint's name, or its folder")
    _add_device(measure, "cpu")
    measure.add_argument("--json", type=Path, metavar="FILE", help="write the metrics there too")
    measure.add_argument("--sounds", type=int, default=NUM_FRAMES, help="of a network of sounds")
    measure.add_argument("--card", action="store_true", help="write them into the model card too")
    search = commands.add_parser(
        "search-schedule", help="find levels for a vocoder's few steps, and keep them in its config"
    )
    search.add_argument("name", metavar="NAME", help="a checkpoint's name, or its folder")
    _add_device(search, "cpu")
    search.add_argument("--steps", type=int, default=6)
    search.add_argument("--sampler", choices=SAMPLERS, default="dpm++2m")
    search.add_argument(
        "--sounds", type=int, default=NUM_SOUNDS, help="of the training, to try the levels on"
    )
    table = commands.add_parser("quality", help="measure samplers against their evaluations")
    table.add_argument(
        "name", metavar="NAME", nargs="?", default="swiss-roll-ddpm", help=", ".join(TABLES)
    )
    _add_device(table, "cpu")
    table.add_argument("--points", type=int, default=quality.NUM_POINTS, help="of each sampling")
    table.add_argument(
        "--sounds", type=int, default=vocoder_quality.NUM_SOUNDS, help="held-out ones, of a vocoder"
    )
    table.add_argument(
        "--most-evaluations",
        type=int,
        default=vocoder_quality.EVALUATIONS[-1],
        metavar="N",
        help="of a vocoder's network",
    )
    table.add_argument("--out", type=Path, metavar="FILE", help="write the table there as JSON")
    table.add_argument("--resume", action="store_true", help="keep what FILE has of a vocoder")
    return parser


def _add_device(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default=default, help=f"default: {default}"
    )


def _train(options: argparse.Namespace) -> None:
    run(
        recipe(options.recipe),
        options.out or Path("runs") / options.recipe,
        device=options.device,
        steps=options.steps,
        seed=options.seed,
        resume=options.resume,
        mixed_precision=options.mixed_precision,
        gradient_accumulation_steps=options.gradient_accumulation_steps,
    )
    leave_processes()


def _list() -> None:
    shipped = checkpoints.names()
    for each in RECIPES.values():
        mark = "trained" if each.name in shipped else "recipe only"
        print(f"{each.name:24}{mark:14}{each.summary}")


def _search(options: argparse.Namespace) -> None:
    checkpoint = checkpoints.load(options.name, resolve(options.device))
    found = search_schedule(checkpoint, options.sampler, options.steps, options.sounds)
    for sigmas, cost in found:
        levels = " ".join(f"{sigma:.4g}" for sigma in sigmas.tolist())
        print(f"multi-resolution STFT {cost:.4f} with σ = {levels}", flush=True)
        keep(options.name, options.sampler, sigmas)


def _evaluate(options: argparse.Namespace) -> None:
    name, json_file, num_sounds = options.name, options.json, options.sounds
    if json_file is not None:
        _check_writable(json_file)
    if options.card:
        _check_writable(checkpoints.find(name) / "README.md")
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)  # as on the page: more stall one another where others compute too
    if num_sounds < 1:
        raise ValueError(f"sounds must be >= 1, got {num_sounds}")
    results = evaluate(name, device=resolve(options.device), num_frames=num_sounds)
    for metric, value in results.items():
        print(f"{metric:58} {value:.4g}")
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    if options.card:
        limited = f" --sounds {num_sounds}" * (num_sounds != NUM_FRAMES)
        write_card(checkpoints.find(name), results, limited)


def _check_writable(file: Path) -> None:
    """Before what takes minutes; a file that was not there is not there afterwards."""
    new = not file.exists()
    file.open("a").close()
    if new:
        file.unlink()


def _quality(options: argparse.Namespace) -> None:
    if options.out is not None:
        _check_writable(options.out)
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


if __name__ == "__main__":
    sys.exit(main())
