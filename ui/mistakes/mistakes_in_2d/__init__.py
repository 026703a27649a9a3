"""The section Mistakes in 2D."""

from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings
from ui.mistakes.mistakes_in_2d.layout import INTRODUCTION, SHOWS, build
from ui.mistakes.mistakes_in_2d.snippet import as_python
from ui.shared.section import Section

SECTION = Section(MistakesIn2dSettings, INTRODUCTION, build, SHOWS, as_python)
