"""The section Mistakes in sound."""

from ui.mistakes.mistakes_in_sound.compute import MistakesInSoundSettings
from ui.mistakes.mistakes_in_sound.layout import INTRODUCTION, SHOWS, build
from ui.mistakes.mistakes_in_sound.snippet import as_python
from ui.shared.section import Section

SECTION = Section(
    MistakesInSoundSettings, INTRODUCTION, build, SHOWS, as_python, ("sounds[0]", "sounds[1]")
)
