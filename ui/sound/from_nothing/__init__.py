"""The section From nothing."""

from ui.shared.section import Section
from ui.sound.from_nothing.compute import FromNothingSettings
from ui.sound.from_nothing.layout import INTRODUCTION, SHOWS, build

SECTION = Section(FromNothingSettings, INTRODUCTION, build, SHOWS)
