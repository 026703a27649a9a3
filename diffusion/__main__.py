"""The command line: `python -m diffusion list | train | evaluate | quality | search-schedule`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from diffusion import checkpoints
from diffusion.evaluate import evaluate
from diffusion.model_card import write_card
from diffusion.quality import NUM_POINTS, measure, table_of
from diffusion.recipes import RECIPES, recipe
from diffusion.run import run
from diffusion.search import keep, search_schedule


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status; an error is one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "list":
            _list()
        elif options.command == "train":
            out = options.out or Path("runs") / options.recipe
            run(
                recipe(options.recipe),
                out,
                device=options.device,
                steps=options.steps,
                seed=options.seed,
                resume=options.resume,
                mixed_precision=options.mixed_precision,
            )
        elif options.command == "search-schedule":
            _search(options.name, options.steps)
        elif options.command == "quality":
            _quality(options.points, options.out)
        else:
            _evaluate(options.name, options.json, options.card)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m diffusion", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the recipes, and which of them have a checkpoint here")
    train = commands.add_parser("train", help="train a recipe")
    train.add_argument("recipe", metavar="RECIPE", help=", ".join(RECIPES))
    train.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    train.add_argument("--steps", type=int, help="optimiser steps; the recipe's by default")
    train.add_argument("--out", type=Path, metavar="DIR", help="default: runs/RECIPE")
    train.add_argument("--resume", action="store_true", help="go on where DIR was left")
    train.add_argument("--seed", type=int, default=0, help="of the weights and the batches")
    train.add_argument(
        "--mixed-precision",
        choices=["no", "bf16"],
        default="no",
        help="bf16: the layers in half precision, faster where the machine computes in it",
    )
    measure = commands.add_parser("evaluate", help="measure the metrics of a model card again")
    measure.add_argument("name", metavar="NAME", help="a checkpoint's name, or its folder")
    measure.add_argument("--json", type=Path, metavar="FILE", help="write the metrics there too")
    measure.add_argument("--card", action="store_true", help="write them into the model card too")
    search = commands.add_parser(
        "search-schedule", help="find levels for a vocoder's few steps, and keep them in its config"
    )
    search.add_argument("name", metavar="NAME", help="a checkpoint's name, or its folder")
    search.add_argument("--steps", type=int, default=6, help="of DDIM")
    table = commands.add_parser(
        "quality", help="measure the samplers of swiss-roll-ddpm against their evaluations"
    )
    table.add_argument("--points", type=int, default=NUM_POINTS, help="points of each sampling")
    table.add_argument("--out", type=Path, metavar="FILE", help="write the table there as JSON")
    return parser


def _list() -> None:
    shipped = checkpoints.names()
    for each in RECIPES.values():
        mark = "trained" if each.name in shipped else "recipe only"
        print(f"{each.name:24}{mark:14}{each.summary}")


def _search(name: str, steps: int) -> None:
    for sigmas, cost in search_schedule(checkpoints.load(name), steps):
        levels = " ".join(f"{sigma:.4g}" for sigma in sigmas.tolist())
        print(f"log-mel L1 {cost:.4f} with σ = {levels}", flush=True)
    keep(name, sigmas)


def _evaluate(name: str, json_file: Path | None, card: bool) -> None:
    results = evaluate(name)
    for metric, value in results.items():
        print(f"{metric:55}{value:.4g}")
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    if card:
        write_card(checkpoints.find(name), results)


def _quality(num_points: int, out: Path | None) -> None:
    rows = []
    for row in measure(checkpoints.load("swiss-roll-ddpm"), num_points):
        rows.append(row)
        print(
            f"{row['predictor']:9}{row['sampler']:9}{row['grid']:9}{row['evaluations']:4}   "
            f"SW2 {row['sw2']:.3f}   MMD² {row['mmd2']:.3f}   off {row['off']:.2%}",
            flush=True,
        )
    if out is not None:
        out.write_text(json.dumps(table_of(rows, num_points), indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
