"""The section Likelihood."""

from ui.ddpm.likelihood.compute import LikelihoodSettings
from ui.ddpm.likelihood.layout import INTRODUCTION, SHOWS, build
from ui.shared.section import Section

SECTION = Section(LikelihoodSettings, INTRODUCTION, build, SHOWS)
