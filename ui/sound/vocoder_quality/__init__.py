"""The section Vocoder quality."""

from ui.shared.section import Section
from ui.sound.vocoder_quality.compute import VocoderQualitySettings
from ui.sound.vocoder_quality.layout import INTRODUCTION, SHOWS, build
from ui.sound.vocoder_quality.snippet import as_python

SECTION = Section(VocoderQualitySettings, INTRODUCTION, build, SHOWS, as_python)
