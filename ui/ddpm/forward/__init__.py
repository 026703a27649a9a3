"""The section Forward."""

from ui.ddpm.forward.compute import ForwardSettings
from ui.ddpm.forward.layout import INTRODUCTION, SHOWS, build
from ui.ddpm.forward.snippet import as_python
from ui.shared.section import Section

SECTION = Section(ForwardSettings, INTRODUCTION, build, SHOWS, as_python)
