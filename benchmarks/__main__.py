"""Every benchmark in one go, each in a process of its own: `python -m benchmarks [NAME …]`.

    python -m benchmarks [NAME …] [--out docs/benchmarks.md] [--limit S] [--fail-if-slower]

Writes one Markdown table of all times with the machine, the versions and the date, then what each
benchmark printed, and keeps the same as JSON beside it. It compares the times with those that the
last run left there, and says what became slower by more than a quarter. The sizes are small: all of
them together take about a quarter of an hour on two cores. One that fails, or takes longer than the
limit, leaves a sentence, and the others go on; after Ctrl-C all that was measured is there.
`benchmarks.gpu` needs a GPU: `make bench-gpu`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.tables import Change, Result, changes, document, value

SUITE: dict[str, tuple[str, tuple[str, ...]]] = {
    "live_training": ("", ("seconds of CPU",)),
    "swiss_roll_training": ("--seconds 10 --points 2000", ("ms a step: wall, processor",)),
    "training_steps": ("--seconds 2 --rows 4", ("ms a step",)),
    "diffusers_loop": ("--rounds 3", ("ours, ms",)),
    "compiled_network": ("swiss-roll-ddpm --rounds 3", ("as written, ms", "compiled, ms")),
    "few_step_grid": ("--points 300", ()),
    "langevin_mixing": ("--seeds 2 --step-sizes 0.01", ()),
    "synth_renderers": ("", ("pyo", "vectorized")),
    "likeness": ("", ()),
    "real_sounds": ("", ()),
    "sounds_from_nothing": ("--frames 8 waveform-wavegrad", ()),
    "vocoder_trials": ("--report --sounds 2 --afresh", ("× real time",)),
    "wavegrad_network": ("--rounds 2", ("this project, s",)),
    "zimtohrli_distance": ("--sounds 4", ()),
    "request_costs": ("", ("CPU seconds",)),
    "classroom": (
        "lecture exploring training doors --seconds 40",
        ("2-D, median", "2-D, 95 %", "sound, median", "sound, 95 %"),
    ),
    "followers": ("--seconds 15", ("CPU of one core",)),
    "cold_start": ("", ("start to page", "page to picture")),
    "scaling": ("", ()),
}
"""The arguments of each, and its columns of times."""

PACKAGES = ("torch", "numpy", "accelerate", "gradio", "diffusers", "smalldiffusion", "wavegrad")
OUT = Path("docs/benchmarks.md")
FAILED = 3
LIMIT = 480.0
"""Seconds for each. The longest, `classroom`, plays four lessons and half a minute after each."""


def main(arguments: list[str] | None = None) -> int:
    """Run them, write both files, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", default="all", choices=("all", *SUITE), metavar="NAME")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE", help=f"default: {OUT}")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="S", help="seconds for each")
    parser.add_argument("--fail-if-slower", action="store_true", help=f"exit status {FAILED}")
    options = parser.parse_args(arguments)
    here = machine()
    before = last_results(options.out.with_suffix(".json"), here)
    measured: dict[str, Result] = {}
    failures: dict[str, str] = {}
    rows: list[Change] = []
    started, stopped = time.monotonic(), 0
    for name in SUITE if "all" in options.names else options.names:
        try:
            measured[name] = measure(name, options.limit)
        except ValueError as error:
            failures[name] = str(error)
            print(f"{name} was left out: {error}", file=sys.stderr)
        except KeyboardInterrupt:
            stopped = 128 + signal.SIGINT
            break
        # Of a benchmark that was not run now, what was measured before stays.
        results = {name: each for name in SUITE if (each := (before | measured).get(name))}
        rows = changes(results, {name: before[name] for name in before if name in measured})
        write(options.out, here, results, rows, failures)  # each time: Ctrl-C loses one only
    slower = [each for each in rows if each.is_slower]
    minutes = (time.monotonic() - started) / 60
    print(f"{len(measured)} benchmarks in {minutes:.1f} minutes: {summary(slower)}")
    return stopped or (FAILED if slower and options.fail_if_slower else 0)


def measure(name: str, limit: float = LIMIT) -> Result:
    """Run one benchmark, its output on the screen as well.

    Raises:
        ValueError: if it fails, takes longer than the limit in seconds, or prints no such times.
    """
    options, times = SUITE[name]
    command = f"benchmarks.{name} {options}".strip()
    print(f"\n## python -m {command}", flush=True)
    load, started = os.getloadavg()[0], time.monotonic()
    try:
        status, text, complaint = run([sys.executable, "-m", *command.split()], limit)
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"python -m {command} took longer than {limit:g} s") from error
    print(text, flush=True)
    if status:
        reason = complaint.strip().splitlines()[-1:]
        raise ValueError(": ".join([f"python -m {command} ended with status {status}", *reason]))
    date = datetime.now(UTC).isoformat(timespec="minutes")
    seconds = round(time.monotonic() - started, 1)
    result = Result(command, date, seconds, round(load, 2), text, times)
    result.figures()
    return result


def run(command: list[str], limit: float) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a process.

    If it is not left to end, all that it started, a server of the page say, ends with it.
    """
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        text, complaint = process.communicate(timeout=limit)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return process.returncode, text, complaint


def machine() -> dict[str, str]:
    """What the figures depend on, and what they were measured with."""
    found = {"machine": f"{_processor()}, {os.cpu_count()} cores, {platform.machine()}"}
    found["Python"] = platform.python_version()
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def last_results(file: Path, here: dict[str, str]) -> dict[str, Result]:
    """What the last run left, if it was on such a machine."""
    if not file.is_file():
        return {}
    kept = json.loads(file.read_text())
    if kept["versions"]["machine"] != here["machine"]:
        print(f"the last table is of another machine, {kept['versions']['machine']}")
        return {}
    return {
        name: Result(**{**fields, "times": tuple(fields["times"])})
        for name, fields in kept["results"].items()
    }


def write(
    out: Path,
    here: dict[str, str],
    results: dict[str, Result],
    rows: list[Change],
    failures: dict[str, str],
) -> None:
    """Write the Markdown file, and the JSON beside it."""
    versions = ", ".join(f"{name} {each}" for name, each in here.items() if name != "machine")
    date = datetime.now(UTC).isoformat(timespec="minutes")
    heading = f"# Benchmarks\n\n`python -m benchmarks`, {date}: {here['machine']}; {versions}."
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(document(heading, results, rows, failures))
    content = {
        "versions": here,
        "times": {each.name: value(each.now) for each in rows},
        "results": {name: asdict(each) for name, each in results.items()},
    }
    out.with_suffix(".json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def summary(slower: list[Change]) -> str:
    """What became slower, a line each."""
    if not slower:
        return "nothing became slower by more than a quarter"
    lines = [f"- {each.name}: {each.now}, last time {each.before}" for each in slower]
    return "\n".join([f"{len(slower)} times became longer by more than a quarter", *lines])


if __name__ == "__main__":
    sys.exit(main())
