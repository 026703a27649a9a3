"""The section Train DDPM."""

from ui.ddpm.train_ddpm.compute import TrainDdpmSettings
from ui.ddpm.train_ddpm.layout import INTRODUCTION, SHOWS, build, prepare
from ui.ddpm.train_ddpm.snippet import as_python
from ui.shared.section import Section

SECTION = Section(TrainDdpmSettings, INTRODUCTION, build, SHOWS, as_python)

__all__ = ["SECTION", "prepare"]
