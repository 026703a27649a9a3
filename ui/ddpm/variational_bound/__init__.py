"""The section Variational bound."""

from ui.ddpm.variational_bound.compute import VariationalBoundSettings
from ui.ddpm.variational_bound.layout import INTRODUCTION, SHOWS, build
from ui.ddpm.variational_bound.snippet import as_python
from ui.shared.section import Section

SECTION = Section(VariationalBoundSettings, INTRODUCTION, build, SHOWS, as_python)
