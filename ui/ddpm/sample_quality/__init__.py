"""The section Sample quality."""

from ui.ddpm.sample_quality.compute import SampleQualitySettings
from ui.ddpm.sample_quality.layout import INTRODUCTION, SHOWS, build
from ui.ddpm.sample_quality.snippet import as_python
from ui.shared.section import Section

SECTION = Section(SampleQualitySettings, INTRODUCTION, build, SHOWS, as_python)
