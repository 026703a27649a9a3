"""Processes that compute what sections show, so that two cores work for two visitors.

Threads of one process take turns at Python's interpreter: four of them gave one answer a second on
two cores, two processes give two and a half (`python -m benchmarks.classroom exploring`).
"""

from __future__ import annotations

import gc
import inspect
import multiprocessing
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from queue import LifoQueue, SimpleQueue
from typing import Any, TypeVar, cast

import torch

from ui.shared import models
from ui.shared.memory import give_memory_back
from ui.texts import Texts, use_language

Result = TypeVar("Result")

SHARED = Texts("shared")

PATIENCE = 0.3
"""Seconds that a step may at least take whose result nobody waits for; after twice as many the
process ends with it."""

REST, LONG = 0.5, 1.0
"""Seconds without a job, or of a job, after which a process returns memory that it does not use.
Between short ones it does not: the next would take the same memory anew."""

MOST_JOBS = 40
"""After so many a process is replaced. The new one has all its memory in common with the fork
server: what a process has written to is its own, and grows with its jobs."""

# Not "fork", which would copy the locks of the server's threads. Windows has "spawn" only.
_METHODS = multiprocessing.get_all_start_methods()
CONTEXT: Any = multiprocessing.get_context("forkserver" if "forkserver" in _METHODS else "spawn")

Setup = Callable[[], None]
"""What a process does first."""

_workers: Workers | None = None


@dataclass(frozen=True)
class End:
    """There are no more results.

    Attributes:
        error: what went wrong, if anything did.
    """

    error: Exception | None = None


@dataclass
class Worker:
    """A process, the pipe to it, and for how many jobs it was taken."""

    process: BaseProcess
    pipe: Connection
    jobs: int = 0


class Job:
    """What a process computes for somebody.

    Attributes:
        parts: its results as they come, and at last an `End`.
    """

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.parts: SimpleQueue[Any] = SimpleQueue()
        self._lock = threading.Lock()
        self._left = self._over = False

    def read(self) -> bool:
        """Take in all that the process sends, whether or not somebody waits for it.

        Returns:
            Whether the process is ready for the next job. It is not if it has ended or sent what
            cannot be read, or if nobody waits for a result that takes long.
        """
        part, patient = None, True
        while not isinstance(part, End):
            try:
                if self.worker.pipe.poll(PATIENCE):
                    part = self.worker.pipe.recv()
                    self.parts.put(part)
                elif self._left and not patient:
                    return False
                else:
                    patient = not self._left
            except Exception:  # it has ended, or its result cannot be made again here
                self.parts.put(End(ValueError(SHARED["worker_is_gone"])))
                return False
        with self._lock:
            self._over = True
        return True

    def leave(self) -> None:
        """Ask the process to end after the present step, unless it has ended already."""
        with self._lock, suppress(OSError):
            self._left = True
            if not self._over:
                self.worker.pipe.send(None)


class Workers:
    """A few processes, each of which computes for one visitor at a time.

    Args:
        count: of the processes, ≥ 1.
        setup: what each does first; it is pickled.
    """

    def __init__(self, count: int, setup: Setup) -> None:
        self.setup = setup
        # The one that was used last is used first: it still has what it computed.
        self._idle: LifoQueue[Worker] = LifoQueue()
        for _ in range(count):
            self._idle.put(self._start())

    def results(self, show: Callable[..., Any], *inputs: Any) -> Iterator[Any]:
        """`results_here` of a process. Whoever closes this ends the computation.

        Raises:
            ValueError: if the function does, or the process has ended.
            RuntimeError: if the function raises another error.
        """
        task = ForkingPickler.dumps((show, inputs))
        job = Job(self._idle.get())
        job.worker.jobs += 1
        with suppress(OSError):  # the process is gone, which the job finds too
            job.worker.pipe.send_bytes(task)
        # Not read here: of a page that was closed the rest may never be asked for.
        threading.Thread(target=self._see_to_end, args=[job], daemon=True).start()
        try:
            while not isinstance(part := job.parts.get(), End):
                yield part
        finally:
            job.leave()
        if part.error:
            raise part.error

    def _see_to_end(self, job: Job) -> None:
        """Read what a process sends, and then let it, or another one, compute for the next."""
        if job.read() and job.worker.jobs < MOST_JOBS:
            self._idle.put(job.worker)
        else:
            job.worker.process.kill()
            self._idle.put(self._start())

    def _start(self) -> Worker:
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=_serve, args=(theirs, self.setup), daemon=True)
        process.start()
        theirs.close()
        return Worker(process, ours)


def use_workers(count: int, device: str, language: str) -> None:
    """Compute in so many processes from now on.

    Args:
        count: ≥ 1.
        device: where the networks run, as `models.use_device` takes it.
        language: of the page.
    """
    global _workers
    _workers = Workers(count, partial(_set_up, device, language))


def _set_up(device: str, language: str) -> None:
    torch.set_num_threads(1)  # as many processes as cores
    models.use_device(device)
    use_language(language)


def results(show: Callable[..., Any], *inputs: Any) -> Iterator[Any]:
    """What a function shows, one result after the other, or the only one.

    It is computed in another process, if there are any, if the function is one of a module and if
    it is not marked by `not_kept`: then it may depend on what this process remembers.
    """
    if not _workers or not getattr(show, "keeps", True) or not _is_of_a_module(show):
        return results_here(show, *inputs)
    if isinstance(show, partial):  # without its attributes, among them the answers that are kept
        show = partial(show.func, *show.args, **show.keywords)
    return _workers.results(show, *inputs)


def result(compute: Callable[..., Result], *inputs: Any) -> Result:
    """The last of a function's results, or the only one."""
    *_, last = results(compute, *inputs)
    computed: Result = last
    return computed


def results_here(show: Callable[..., Any], *inputs: Any) -> Iterator[Any]:
    """The same, computed in this thread."""
    shown = show(*inputs)
    yield from shown if inspect.isgenerator(shown) else [shown]


def _is_of_a_module(show: Callable[..., Any]) -> bool:
    """Whether another process finds the function by its name."""
    function = show.func if isinstance(show, partial) else show
    module = sys.modules.get(getattr(function, "__module__", ""))
    return getattr(module, getattr(function, "__qualname__", ""), None) is function


def _serve(pipe: Connection, setup: Setup) -> None:
    """What a process does, until the other end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the server, which ends all
    gc.freeze()  # the collector would write to what is shared with the process it is a copy of
    setup()
    with suppress(EOFError, OSError):
        took = 0.0
        while True:
            if took > LONG or not pipe.poll(REST):
                give_memory_back()
            # None is a wish to end what has ended already.
            if task := pipe.recv():
                show, inputs = task
                began = time.monotonic()
                pipe.send(_send_results(pipe, show, *inputs))
                took = time.monotonic() - began


def _send_results(pipe: Connection, show: Callable[..., Any], *inputs: Any) -> End:
    try:
        with closing(cast(Any, results_here(show, *inputs))) as parts:
            for part in parts:
                pipe.send(part)
                if pipe.poll():  # nobody waits for it any more
                    pipe.recv()
                    break
    except ValueError as error:
        return End(ValueError(str(error)))
    except Exception as error:  # of a class that may not be pickled
        return End(RuntimeError("".join(traceback.format_exception(error))))
    return End()
