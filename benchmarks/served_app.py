"""The app in a process of its own, as the benchmarks ask it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

START = 120.0  # seconds at most
WARM_UP = 60.0
EVERY = 5.0  # seconds between two looks at a process
SETTLE = 30.0


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """The app on a free port, warmed up: its address and the number of its process."""
    with started() as (url, process):
        wait_for_page(url)
        time.sleep(WARM_UP)
        yield url, process


@contextmanager
def started() -> Iterator[tuple[str, int]]:
    """The same, from the moment of its start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}/", app.pid
    finally:
        app.terminate()
        app.wait(10)


def wait_for_page(url: str) -> None:
    """Wait until there is a page.

    Raises:
        TimeoutError: if there is none in time.
    """
    until = time.monotonic() + START
    while not _answers(url):
        if time.monotonic() > until:
            raise TimeoutError(f"there is no page after {START:.0f} s")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


class Watch:
    """What the app holds, looked at every few seconds: its memory, threads and open files.

    Those of its processes added up; of the memory that several share each has its part (PSS).
    """

    def __init__(self, process: int) -> None:
        self.process = psutil.Process(process)
        self.megabytes: list[float] = []
        self.first = self.held()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def held(self) -> tuple[float, int, int]:
        """MB of resident memory, threads and open files, now."""
        megabytes, threads, files = 0.0, 0, 0
        for each in (self.process, *self.process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # one that computed for nobody has ended
                megabytes += each.memory_full_info().pss / 2**20
                threads += each.num_threads()
                files += each.num_fds()
        self.megabytes.append(megabytes)
        return megabytes, threads, files

    def _look(self) -> None:
        while not self._ended.wait(EVERY):
            self.held()

    def cells(self) -> list[str]:
        """Memory: first → last, most; lowest to highest of the last half. Threads; files.

        It first waits until what belongs to closed pages should be gone.
        """
        middle = len(self.megabytes) // 2
        half = self.megabytes[middle:]
        time.sleep(SETTLE)
        self._ended.set()
        memory, threads, files = self.held()
        return [
            f"{self.first[0]:.0f} → {memory:.0f}, most {max(self.megabytes):.0f}",
            f"{min(half):.0f} to {max(half):.0f}",
            f"{self.first[1]} → {threads}",
            f"{self.first[2]} → {files}",
        ]
