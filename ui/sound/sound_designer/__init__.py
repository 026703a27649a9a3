"""The section Sound designer."""

from ui.shared.section import Section
from ui.sound.sound_designer.compute import SoundDesignerSettings
from ui.sound.sound_designer.layout import INTRODUCTION, SHOWS, build
from ui.sound.sound_designer.snippet import as_python

SECTION = Section(SoundDesignerSettings, INTRODUCTION, build, SHOWS, as_python, ("wave",))
