"""The section Likelihood."""

from ui.ddpm.likelihood.compute import LikelihoodSettings
from ui.ddpm.likelihood.layout import INTRODUCTION, SHOWS, build
from ui.ddpm.likelihood.snippet import as_python
from ui.shared.section import Section

SECTION = Section(LikelihoodSettings, INTRODUCTION, build, SHOWS, as_python)
