"""The section Side by side."""

from ui.shared.section import Section
from ui.sound.side_by_side.compute import SideBySideSettings
from ui.sound.side_by_side.layout import INTRODUCTION, SHOWS, build
from ui.sound.side_by_side.snippet import as_python

SECTION = Section(
    SideBySideSettings,
    INTRODUCTION,
    build,
    SHOWS,
    as_python,
    ("wave[0]", "*(each[0] for each in made)"),
)
