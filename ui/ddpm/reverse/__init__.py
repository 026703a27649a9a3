"""The section Reverse."""

from ui.ddpm.reverse.compute import ReverseSettings
from ui.ddpm.reverse.layout import INTRODUCTION, SHOWS, build
from ui.ddpm.reverse.snippet import as_python
from ui.shared.section import Section

SECTION = Section(ReverseSettings, INTRODUCTION, build, SHOWS, as_python)
