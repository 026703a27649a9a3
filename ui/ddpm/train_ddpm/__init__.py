"""The section Train DDPM."""

from ui.ddpm.train_ddpm.compute import TrainDdpmSettings
from ui.ddpm.train_ddpm.layout import INTRODUCTION, SHOWS, build, prepare
from ui.shared.section import Section

SECTION = Section(TrainDdpmSettings, INTRODUCTION, build, SHOWS)

__all__ = ["SECTION", "prepare"]
