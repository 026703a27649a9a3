"""The section Score field."""

from ui.score.score_field.compute import ScoreFieldSettings
from ui.score.score_field.layout import INTRODUCTION, SHOWS, build
from ui.score.score_field.snippet import as_python
from ui.shared.section import Section

SECTION = Section(ScoreFieldSettings, INTRODUCTION, build, SHOWS, as_python)
