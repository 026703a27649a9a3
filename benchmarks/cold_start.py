"""How long after its start does the app show a page, and on it a picture?

    python -m benchmarks.cold_start [--rounds N]

Each round starts the app anew, while what it warms up is not computed yet, and opens it in headless
Chromium, which is there before. Seconds by the clock, and of processor time of the app.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser, sync_playwright

LIMIT = 120.0  # seconds
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    started = time.perf_counter()
    app = subprocess.Popen(
        [sys.executable, "app.py", "--port", url.split(":")[2].rstrip("/")],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _answers(url):
            if time.perf_counter() - started > LIMIT:
                raise TimeoutError(f"there is no page after {LIMIT:.0f} s")
            time.sleep(0.05)
        shown = time.perf_counter()
        busy = sum(psutil.Process(app.pid).cpu_times()[:2])
        visit = browser.new_page()
        visit.goto(url)
        visit.wait_for_selector(PICTURE, timeout=1000 * LIMIT)
        drawn = time.perf_counter()
        visit.close()
        return shown - started, drawn - shown, busy
    finally:
        app.terminate()
        app.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
