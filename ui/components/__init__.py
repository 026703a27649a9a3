"""Browser components that play what Python computed: points, fields and sounds."""

from ui.components.field_player import FieldPlayer
from ui.components.point_player import Panel, PointPlayer
from ui.components.sound_player import SoundPlayer, SoundView

__all__ = ["FieldPlayer", "Panel", "PointPlayer", "SoundPlayer", "SoundView"]
