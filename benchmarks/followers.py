"""What a room costs the server: 200 browsers follow a lecturer who moves on every five seconds.

    python -m benchmarks.followers [--followers N] [--seconds S]

The page is served by this process, whose own time is measured; the browsers are another process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

MODULE = "benchmarks.followers"
MOVE_EVERY = 5.0  # seconds
SETTLE = 10.0  # seconds, until the server has done what follows its start
VIEWS = [f"?tab=score-field&seed={seed}" for seed in range(2)]


def main() -> None:
    """Serve the page, let the followers run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--followers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--of", help=argparse.SUPPRESS)  # the process of the browsers
    options = parser.parse_args()
    if options.of:
        print(json.dumps(asyncio.run(follow(options.of, options.followers, options.seconds))))
        return
    from ui.page import build_page, launch_options

    _, url, _ = build_page().launch(prevent_thread_lock=True, quiet=True, **launch_options())
    time.sleep(SETTLE)
    print("| followers | moves | places received | delay, median / 95 % | CPU of one core |")
    print("| --- | --- | --- | --- | --- |")
    for count in (0, options.followers):
        started, used = time.perf_counter(), time.process_time()
        command = [sys.executable, "-m", MODULE, "--of", url, "--followers", str(count)]
        output = subprocess.check_output([*command, "--seconds", str(options.seconds)], text=True)
        busy = (time.process_time() - used) / (time.perf_counter() - started)
        found = json.loads(output)
        print(
            f"| {count} | {found['moves']} | {found['received']} | "
            f"{found['median']:.0f} / {found['late']:.0f} ms | {busy:.1%} |"
        )


async def follow(url: str, count: int, seconds: float) -> dict[str, float]:
    """Open a room, follow it with so many streams, and lead it for a while."""
    room = await asyncio.to_thread(_request, "POST", f"{url}lecture/rooms/", {}, "")
    path = f"{url}lecture/rooms/{room['code']}"
    sent: list[float] = []
    delays: list[float] = []
    followers = [asyncio.create_task(_listen(path, sent, delays)) for _ in range(count)]
    await asyncio.sleep(1.0)
    for move in range(round(seconds / MOVE_EVERY)):
        sent.append(time.perf_counter())
        place = {"scene": 0, "stage": 2, "view": VIEWS[move % 2]}
        await asyncio.to_thread(_request, "PUT", path, place, room["secret"])
        await asyncio.sleep(MOVE_EVERY - (time.perf_counter() - sent[-1]))
    for follower in followers:
        follower.cancel()
    late = statistics.quantiles(delays, n=20)[-1] if delays else 0.0
    median = statistics.median(delays) if delays else 0.0
    return {"moves": len(sent), "received": len(delays), "median": median, "late": late}


async def _listen(path: str, sent: list[float], delays: list[float]) -> None:
    """One stream of places; each is timed in milliseconds from the lecturer's request."""
    address = urlsplit(path)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"GET {address.path}/places HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
    try:
        while line := await reader.readline():
            if line.startswith(b"data:"):
                delays.append(1000 * (time.perf_counter() - sent[-1]))
    finally:
        writer.close()


def _request(method: str, url: str, body: dict[str, object], secret: str) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}
    request = Request(url, json.dumps(body).encode(), headers, method=method)
    with urlopen(request) as response:
        answer: dict[str, str] = json.load(response)
    return answer


if __name__ == "__main__":
    main()
