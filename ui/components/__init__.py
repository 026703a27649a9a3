"""Browser components: players of what Python computed, pads to draw on, and a slider."""

from ui.components.base import programs, styles
from ui.components.difference import Difference
from ui.components.drawing_pad import DrawingPad
from ui.components.field_player import FieldPlayer, Heat, Mixture
from ui.components.log_slider import LogSlider
from ui.components.point_player import Panel, PointPlayer
from ui.components.sound_cards import SoundCard, SoundCards
from ui.components.sound_player import SoundPlayer, SoundView
from ui.components.sound_stage import SoundStage
from ui.components.spectrum_pad import SpectrumPad
from ui.components.training_player import Curve, TrainingPlayer

PLAYERS = (
    Difference,
    DrawingPad,
    FieldPlayer,
    LogSlider,
    PointPlayer,
    SoundCards,
    SoundPlayer,
    SoundStage,
    SpectrumPad,
    TrainingPlayer,
)

PROGRAMS = programs(*PLAYERS)
"""JavaScript that the head of a page with any of them needs."""

STYLES = styles(*PLAYERS)
"""And their style."""

__all__ = [
    "PROGRAMS",
    "STYLES",
    "Curve",
    "Difference",
    "DrawingPad",
    "FieldPlayer",
    "Heat",
    "LogSlider",
    "Mixture",
    "Panel",
    "PointPlayer",
    "SoundCard",
    "SoundCards",
    "SoundPlayer",
    "SoundStage",
    "SoundView",
    "SpectrumPad",
    "TrainingPlayer",
]
