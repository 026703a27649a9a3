"""Command line: `python -m synth render --count N --out DIR` writes sounds and their table."""

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn, get_args

import soundfile
import torch

from synth import _checks
from synth._sound_files import write_files
from synth.priors import Prior
from synth.rendering.render import Renderer
from synth.sound import Sound


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code, 2 for values it cannot use."""
    options = _parser().parse_args(arguments)
    try:
        count = _checks.whole("--count", options.count, 1, 100_000)
        seed = _checks.whole("--seed", options.seed, 0, 2**63 - 1)
        generator = torch.Generator().manual_seed(seed)
        sounds = [Sound.random(generator, options.prior) for _ in range(count)]
        shards = _checks.whole("--shards", options.shards, 1, 256)
        write_files(sounds, Path(options.out), options.duration, options.renderer, shards)
    except OSError as error:
        what = error.filename or f"all of {options.out}"
        print(f"python -m synth: cannot write {what}: {error.strerror}", file=sys.stderr)
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


if __name__ == "__main__":
    # As after Ctrl-C, no half file is left.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main())
