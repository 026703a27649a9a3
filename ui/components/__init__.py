"""Browser components that play what Python computed: points, fields and sounds."""

from ui.components.drawing_pad import DrawingPad
from ui.components.field_player import FieldPlayer, Heat
from ui.components.point_player import PointPlayer
from ui.components.sound_player import SoundPlayer, SoundView

__all__ = ["DrawingPad", "FieldPlayer", "Heat", "PointPlayer", "SoundPlayer", "SoundView"]
