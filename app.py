"""Build the page and serve it.

`python app.py [--host H] [--port P] [--device D] [--language L] [--workers N] [--share]`
"""

from __future__ import annotations

import argparse
import ctypes
import multiprocessing
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported
# Else it makes a table of all past events after each event, which takes up to 20 ms.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's, before it is imported: see `main`


SECONDS_BETWEEN_TRIMS = 2.0
HEAD_START = 5.0  # seconds
M_ARENA_MAX = -8  # of malloc.h
ARENAS = 2
MOST_WORKERS = 64


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=_port, help="default: the first free one from 7860")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--language", default=os.environ.get("COMPANION_LANGUAGE", "en"))
    parser.add_argument(
        "--workers", type=_workers, default=2, help="processes that compute; 0: the server's own"
    )
    parser.add_argument("--share", action="store_true", help="make a public link for some days")
    options = parser.parse_args(arguments)

    import torch  # takes a second, and the page some more: not for who asks for help

    from ui.page import build_page, launch_options
    from ui.shared import models
    from ui.texts import use_language

    torch.set_num_threads(1)  # many visitors share the cores; more threads only stall one another
    _share_arenas()
    try:
        models.use_device(options.device)
        use_language(options.language)
        socket.getaddrinfo(options.host, options.port)  # the server would retry an unknown host
        demo = build_page()
        demo.launch(
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            prevent_thread_lock=True,
            **launch_options(),
        )
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    threading.Thread(target=_trim, daemon=True).start()
    threading.Thread(target=_prepare, args=[options], daemon=True).start()
    demo.block_thread()
    return 0


def _share_arenas() -> None:
    """Let all threads take their memory from a few arenas, not from eight a core.

    Else glibc keeps for each of many threads the most that it has needed at once, in all more than
    a gigabyte (`python -m benchmarks.classroom exploring` prints it). Other systems have no
    `mallopt`.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def _prepare(options: argparse.Namespace) -> None:
    """What the page opens on, and after a while, in which the first visitor has the cores, more."""
    from ui.shared.workers import use_workers
    from ui.warm_up import open_first_section, warm_up

    open_first_section()
    time.sleep(HEAD_START)
    if options.workers:
        _begin_fork_server(options.device, options.language)
        use_workers(options.workers, options.device, options.language)
    warm_up()


def _begin_fork_server(device: str, language: str) -> None:
    """Let a process import the page once, of which those that compute are copies.

    It opens the sections too, unless a GPU does: the copy of a process that uses one cannot.
    Windows has no copies: there each of those that compute imports the page by itself.
    """
    from diffusion.device import resolve

    if "forkserver" in multiprocessing.get_all_start_methods():
        opened = ["ui.opened"] if resolve(device) == "cpu" else []
        multiprocessing.set_forkserver_preload(["ui.page", "ui.shared.preloaded", *opened])
        os.environ["COMPANION_LANGUAGE"] = language
        before = os.environ.get("PYTHONPATH", "")
        # It looks for modules there only, and in the present folder.
        os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), before])
        forkserver.ensure_running()
        os.environ["PYTHONPATH"] = before


def _trim() -> None:
    """Return to the system, every few seconds, the memory that is not used any more."""
    from ui.shared.memory import give_memory_back

    while True:
        time.sleep(SECONDS_BETWEEN_TRIMS)
        give_memory_back()


def _workers(text: str) -> int:
    count = int(text)
    if not 0 <= count <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"must be in [0, {MOST_WORKERS}], got {text}")
    return count


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"must be in [1, 65535], got {text}")
    return port


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # at once: where Python ends a thread that computes, PyTorch aborts
