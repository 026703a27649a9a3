"""What the sections open on, computed before the first visitor comes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from ui.ddpm import train_ddpm
from ui.page import sections
from ui.score import train_score
from ui.shared.kept_answers import answers_of
from ui.shared.section import Section
from ui.shared.visitors import wait_until_idle


def open_first_section() -> None:
    """Compute what the page opens on."""
    first = sections()[0]
    _attempt(first.settings.title, partial(_open, first))


def warm_up() -> None:
    """Compute what the sections open on, so that the first visitor does not wait for it.

    It waits while a visitor's computation is under way. What fails in one section is logged in one
    line, and the others are still computed.
    """
    for section in sections():
        _attempt(section.settings.title, partial(_open, section))
    for prepared in (train_score, train_ddpm):
        _attempt(prepared.SECTION.settings.title, prepared.prepare)


def open_sections() -> None:
    """Compute what every section opens on but the trainings, which show an untrained network."""
    for section in sections():
        _open(section)


def _open(section: Section) -> None:
    for show in section.shows:
        for _ in answers_of(show, section.settings()):  # to the end, or it would not be kept
            pass


def _attempt(title: str, compute: Callable[[], None]) -> None:
    wait_until_idle()
    try:
        compute()
    except Exception as error:  # whatever it is, the page is served all the same
        print(f"{title}: warm-up failed with {type(error).__name__}: {error}", file=sys.stderr)
