"""The section Variational bound."""

from ui.ddpm.variational_bound.compute import VariationalBoundSettings
from ui.ddpm.variational_bound.layout import INTRODUCTION, SHOWS, build
from ui.shared.section import Section

SECTION = Section(VariationalBoundSettings, INTRODUCTION, build, SHOWS)
