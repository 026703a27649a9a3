"""Browser components that play what Python computed: points, fields, sounds and trainings."""

from ui.components.difference import Difference
from ui.components.drawing_pad import DrawingPad
from ui.components.field_player import FieldPlayer, Heat
from ui.components.point_player import Panel, PointPlayer
from ui.components.sound_cards import SoundCard, SoundCards
from ui.components.sound_player import SoundPlayer, SoundView
from ui.components.spectrum_pad import SpectrumPad
from ui.components.training_player import Curve, TrainingPlayer

__all__ = [
    "Curve",
    "Difference",
    "DrawingPad",
    "FieldPlayer",
    "Heat",
    "Panel",
    "PointPlayer",
    "SoundCard",
    "SoundCards",
    "SoundPlayer",
    "SoundView",
    "SpectrumPad",
    "TrainingPlayer",
]
