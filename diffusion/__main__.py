"""The command line: `python -m diffusion list | train | evaluate | quality | search-schedule`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

from diffusion import checkpoints
from diffusion.catalog import RECIPES, evaluate, recipe
from diffusion.device import resolve
from diffusion.evaluation import sample_quality as quality
from diffusion.evaluation.model_card import write_card
from diffusion.sampling.samplers import SAMPLERS, Sampler
from diffusion.training.launch import leave_processes
from diffusion.training.run_folder import run
from diffusion.training.stopping import Interrupted
from diffusion.waveform import vocoder_quality
from diffusion.waveform.schedule_search import keep, search_schedule

TABLES = ("swiss-roll-ddpm", "vocoder-wavegrad")
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
            _search(options.name, options.sampler, options.steps, options.device)
        elif options.command == "quality":
            _quality(options)
        else:
            _evaluate(options.name, options.json, options.card, options.device)
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
    measure.add_argument("--card", action="store_true", help="write them into the model card too")
    search = commands.add_parser(
        "search-schedule", help="find levels for a vocoder's few steps, and keep them in its config"
    )
    search.add_argument("name", metavar="NAME", help="a checkpoint's name, or its folder")
    _add_device(search, "cpu")
    search.add_argument("--steps", type=int, default=6)
    search.add_argument("--sampler", choices=SAMPLERS, default="dpm++2m")
    table = commands.add_parser("quality", help="measure samplers against their evaluations")
    table.add_argument(
        "name", metavar="NAME", nargs="?", default="swiss-roll-ddpm", help=", ".join(TABLES)
    )
    _add_device(table, "cpu")
    table.add_argument("--points", type=int, default=quality.NUM_POINTS, help="of each sampling")
    table.add_argument(
        "--sounds", type=int, default=vocoder_quality.NUM_SOUNDS, help="held-out ones, of a vocoder"
    )
    table.add_argument("--out", type=Path, metavar="FILE", help="write the table there as JSON")
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


def _search(name: str, sampler: Sampler, steps: int, device: str) -> None:
    checkpoint = checkpoints.load(name, resolve(device))
    for sigmas, cost in search_schedule(checkpoint, sampler, steps):
        levels = " ".join(f"{sigma:.4g}" for sigma in sigmas.tolist())
        print(f"multi-resolution STFT {cost:.4f} with σ = {levels}", flush=True)
        keep(name, sampler, sigmas)


def _evaluate(name: str, json_file: Path | None, card: bool, device: str) -> None:
    if json_file is not None:
        _check_writable(json_file)
    if card:
        _check_writable(checkpoints.find(name) / "README.md")
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)  # as on the page: more stall one another where others compute too
    results = evaluate(name, device=resolve(device))
    for metric, value in results.items():
        print(f"{metric:58} {value:.4g}")
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    if card:
        write_card(checkpoints.find(name), results)


def _check_writable(file: Path) -> None:
    """Before what takes minutes; a file that was not there is not there afterwards."""
    new = not file.exists()
    file.open("a").close()
    if new:
        file.unlink()


def _quality(options: argparse.Namespace) -> None:
    device, num_points, num_sounds = resolve(options.device), options.points, options.sounds
    if options.out is not None:
        _check_writable(options.out)
    checkpoint = checkpoints.load(options.name, device)
    recipe_name = str(checkpoint.config.get("recipe"))
    if recipe_name not in TABLES:
        raise ValueError(f"quality is measured of {', '.join(TABLES)}, got {recipe_name!r}")
    if recipe_name == "vocoder-wavegrad":
        rows = _printed(vocoder_quality.measure_vocoder(checkpoint, num_sounds), _vocoder_line)
        table = vocoder_quality.table_of(rows, num_sounds)
    else:
        rows = _printed(quality.measure(checkpoint, num_points), _points_line)
        table = quality.table_of(rows, num_points)
    if device != "cpu":
        table["command"] += f" --device {device}"
    if options.out is not None:
        options.out.write_text(json.dumps(table, indent=1) + "\n")


def _printed(rows: Iterable[Row], line: Callable[[Row], str]) -> list[Row]:
    """All rows; each is printed as it comes."""
    kept = []
    for row in rows:
        kept.append(row)
        print(line(row), flush=True)
    return kept


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
