"""What a new request costs the server: CPU seconds of one thread, section by section.

Run as `python -m benchmarks.request_costs [score_field forward …]`. Each section computes what it
opens on, and then the same with three other seeds, of which the median counts. CPU seconds hardly
depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from statistics import median

import torch

from ui.page import sections
from ui.shared.section import Section
from ui.shared.workers import results

SEEDS = (11, 12, 13)
SECTIONS = {
    each.settings.endpoint: each
    for each in sections()
    if "seed" in each.settings.names() and not each.settings.endpoint.startswith("train")
}


def cost(section: Section, seed: int | None = None) -> float:
    """CPU seconds of what a section shows, with another seed than its default or with that."""
    settings = section.settings()
    chosen = settings if seed is None else replace(settings, **{"seed": seed})
    before = time.process_time()
    for _ in results(section.shows[0], chosen):
        pass
    return time.process_time() - before


def main(arguments: list[str] | None = None) -> None:
    """Measure the sections and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", default="all", choices=("all", *SECTIONS))
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    print("| section | CPU seconds |\n|---|---|")
    for name in SECTIONS if "all" in options.sections else options.sections:
        cost(SECTIONS[name])
        seconds = median(cost(SECTIONS[name], seed) for seed in SEEDS)
        print(f"| {SECTIONS[name].settings.title} | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main()
