"""Build the page and serve it: `python app.py [--host H] [--port P] [--device D] [--share]`."""

from __future__ import annotations

import argparse
import ctypes
import os
import socket
import sys
import threading
from contextlib import suppress

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported
# Else it makes a table of all past events after each event, which takes up to 20 ms.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's, before it is imported: see `main`

import torch

from ui.page import LAUNCH_OPTIONS, build_page, warm_up
from ui.shared import models


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=_port, help="default: the first free one from 7860")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--share", action="store_true", help="make a public link for some days")
    options = parser.parse_args(arguments)
    _give_memory_back()
    torch.set_num_threads(1)  # many visitors share the cores; more threads only stall one another
    try:
        models.use_device(options.device)
        socket.getaddrinfo(options.host, options.port)  # the server would retry an unknown host
        demo = build_page()
        demo.launch(
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            prevent_thread_lock=True,
            **LAUNCH_OPTIONS,
        )
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    threading.Thread(target=warm_up, daemon=True).start()  # the first page does not wait for it
    demo.block_thread()
    return 0


def _give_memory_back() -> None:
    """Let glibc return the memory of what was computed.

    Else it makes a heap for each of many threads, and keeps in it the most that was needed at once:
    after 22 answers that were 1.6 GB, and are 0.2 GB. Other systems have no `mallopt`.
    """
    arena_max, mmap_threshold = -8, -3  # from its malloc.h
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(arena_max, 2)
        libc.mallopt(mmap_threshold, 1_000_000)


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"must be in [1, 65535], got {text}")
    return port


if __name__ == "__main__":
    sys.exit(main())
