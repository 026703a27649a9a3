"""Ctrl-C and SIGTERM as a wish that a training fulfils between two steps."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from accelerate import Accelerator

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):  # noqa: N818 - it is no error
    """A training was stopped by a signal, and its state is saved.

    Attributes:
        number: of the signal.
    """

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


class Stopping:
    """Within it the first signal is only noted; a second one ends the process at once.

    Attributes:
        number: of the signal that came, or 0.
    """

    def __init__(self) -> None:
        self.number = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():  # only it may handle signals
            self._before = {each: signal.signal(each, self._note) for each in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def wanted_by_any(self, accelerator: Accelerator) -> bool:
        """Whether a process was signalled: all of them have to stop after the same step."""
        if accelerator.num_processes > 1:
            number = torch.tensor([self.number], device=accelerator.device)
            self.number = int(accelerator.gather(number).max())
        return self.number > 0

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self._restore()

    def _restore(self) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)
        self._before = {}
