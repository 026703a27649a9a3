"""The section Train score."""

from ui.score.train_score.compute import TrainScoreSettings
from ui.score.train_score.layout import INTRODUCTION, SHOWS, build, prepare
from ui.score.train_score.snippet import as_python
from ui.shared.section import Section

SECTION = Section(TrainScoreSettings, INTRODUCTION, build, SHOWS, as_python)

__all__ = ["SECTION", "prepare"]
