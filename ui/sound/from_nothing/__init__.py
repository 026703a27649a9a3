"""The section From nothing."""

from ui.shared.section import Section
from ui.sound.from_nothing.compute import FromNothingSettings
from ui.sound.from_nothing.layout import INTRODUCTION, SHOWS, build
from ui.sound.from_nothing.snippet import as_python

SECTION = Section(FromNothingSettings, INTRODUCTION, build, SHOWS, as_python)
