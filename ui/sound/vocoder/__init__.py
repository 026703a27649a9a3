"""The section Vocoder."""

from ui.shared.section import Section
from ui.sound.vocoder.compute import VocoderSettings
from ui.sound.vocoder.layout import INTRODUCTION, SHOWS, build
from ui.sound.vocoder.snippet import as_python

SECTION = Section(VocoderSettings, INTRODUCTION, build, SHOWS, as_python, ("wave[0]", "made[0]"))
