"""What `tests/ui/shared/test_workers.py` lets other processes compute: they find it by its name."""

import os
import time
from itertools import count

import torch

from ui.shared import models
from ui.shared.kept_answers import not_kept
from ui.texts import language


class OddError(Exception):
    """Cannot be made again of its text alone, as unpickling would."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


class Unreadable:
    """Can be sent, but not read."""

    def __reduce__(self):
        return int, ("no number",)


def unreadable(settings):
    return (Unreadable(),)


def where(settings):
    """A process of its own, its threads and its language."""
    return os.getpid(), torch.get_num_threads(), language()


def networks_loaded(settings):
    return models.checkpoint.cache_info().misses


@not_kept
def where_now(settings):
    return where(settings)


def in_parts(settings, most=None):
    yield "begun", settings
    yield "end", most


def endless(settings):
    yield from ((os.getpid(), number) for number in count())


def long_step(settings):
    """Its second part never comes in time."""
    yield (os.getpid(),)
    time.sleep(600)
    yield ("too late",)


def refuses(settings):
    yield ("begun",)
    raise ValueError("seed must be less")


def fails(settings):
    raise OddError("no", "way")


def dies(settings):
    os._exit(9)
