"""How long after its start does the app show a page, and on it a picture?

    python -m benchmarks.cold_start [--rounds N]

Each round starts the app anew, while what it warms up is not computed yet, and opens it in headless
Chromium, which is there before. Seconds by the clock, and of processor time of the app.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.served_app import START, started, wait_for_page

PICTURE = "#score-player [data-run]"


def main() -> None:
    """Print a row a round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    print("| round | start to page | page to picture | processor time to page |")
    print("| --- | --- | --- | --- |")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", found), args=["--no-sandbox"]
        )
        for number in range(1, rounds + 1):
            page, picture, busy = cold_start(browser)
            print(f"| {number} | {page:.1f} s | {picture:.1f} s | {busy:.1f} s |", flush=True)
        browser.close()


def cold_start(browser: Browser) -> tuple[float, float, float]:
    """Seconds from the start to the page, from there to the picture, and of the processor."""
    began = time.perf_counter()
    with started() as (url, process):
        wait_for_page(url)
        shown = time.perf_counter()
        busy = sum(psutil.Process(process).cpu_times()[:2])
        visit = browser.new_page()
        visit.goto(url)
        visit.wait_for_selector(PICTURE, timeout=1000 * START)
        drawn = time.perf_counter()
        visit.close()
    return shown - began, drawn - shown, busy


if __name__ == "__main__":
    main()
