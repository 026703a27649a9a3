"""The command line: `python -m diffusion list | train | evaluate | quality | search-schedule`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import get_args

import torch

from diffusion import checkpoints
from diffusion.catalog import NUM_FRAMES, RECIPES, evaluate, recipe
from diffusion.device import resolve
from diffusion.evaluation import sample_quality as quality
from diffusion.evaluation.model_card import how_trained, write_card
from diffusion.quality_command import TABLES, check_writable, measure_quality
from diffusion.sampling.samplers import SAMPLERS
from diffusion.training.launch import MixedPrecision, leave_processes
from diffusion.training.run_folder import STEPS_BETWEEN_LOOKS, run
from diffusion.training.stopping import Interrupted
from diffusion.waveform import vocoder_quality
from diffusion.waveform.recipes import with_fresh_sounds, with_recordings
from diffusion.waveform.schedule_search import NUM_SOUNDS, keep, search_schedule


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
            measure_quality(options)
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
        _complain("stopped")
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
        choices=get_args(MixedPrecision),
        help="the layers in 16 bits, faster where the machine computes in them; fp16 on a GPU only",
    )
    train.add_argument(
        "--gradient-accumulation-steps",
        type=int,
        metavar="N",
        help="compute a batch in N parts, one after the other, to save memory",
    )
    data = train.add_mutually_exclusive_group()
    data.add_argument(
        "--fresh-sounds",
        action="store_true",
        help="train a vocoder on sounds that are made in every step",
    )
    data.add_argument(
        "--recordings", metavar="FOLDER", help="train a vocoder on the wav and flac files in FOLDER"
    )
    train.add_argument(
        "--log-every",
        type=int,
        default=STEPS_BETWEEN_LOOKS,
        metavar="N",
        help=f"steps after which the loss is shown; default: {STEPS_BETWEEN_LOOKS}",
    )
    train.add_argument(
        "--tensorboard",
        action="store_true",
        help="write loss by sigma, gradient, samples and metrics to DIR/tensorboard",
    )
    measure = commands.add_parser("evaluate", help="measure the metrics of a model card again")
    measure.add_argument("name", metavar="NAME", help="a checkpoint's name, or its folder")
    _add_device(measure, "cpu")
    measure.add_argument("--json", type=Path, metavar="FILE", help="write the metrics there too")
    measure.add_argument("--sounds", type=int, default=NUM_FRAMES, help="of a network of sounds")
    measure.add_argument("--card", action="store_true", help="write them into the model card too")
    search = commands.add_parser(
        "search-schedule", help="find the σ of a vocoder's few steps, and keep them in its config"
    )
    search.add_argument("name", metavar="NAME", help="a checkpoint's name, or its folder")
    _add_device(search, "cpu")
    search.add_argument("--steps", type=int, default=6)
    search.add_argument("--sampler", choices=SAMPLERS, default="dpm++2m")
    search.add_argument(
        "--sounds", type=int, default=NUM_SOUNDS, help="of the training, to try the σ on"
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
    chosen = recipe(options.recipe)
    if options.fresh_sounds:
        chosen = with_fresh_sounds(chosen)
    elif options.recordings is not None:
        chosen = with_recordings(chosen, options.recordings)
    run(
        chosen,
        options.out or Path("runs") / options.recipe,
        device=options.device,
        steps=options.steps,
        seed=options.seed,
        resume=options.resume,
        mixed_precision=options.mixed_precision,
        gradient_accumulation_steps=options.gradient_accumulation_steps,
        log_every=options.log_every,
        tensorboard=options.tensorboard,
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
        values = " ".join(f"{sigma:.4g}" for sigma in sigmas.tolist())
        print(f"multi-resolution STFT {cost:.4f} with σ = {values}", flush=True)
        keep(options.name, options.sampler, sigmas)


def _evaluate(options: argparse.Namespace) -> None:
    name, json_file, num_sounds = options.name, options.json, options.sounds
    if json_file is not None:
        check_writable(json_file)
    if options.card:
        how_trained(checkpoints.find(name))  # before minutes of measuring
        check_writable(checkpoints.find(name) / "README.md")
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


if __name__ == "__main__":
    # As after Ctrl-C, no half file is left.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main())
