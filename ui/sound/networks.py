"""The networks of sound, by what the page calls them: their architectures."""

from __future__ import annotations

from typing import Any

from ui.shared.settings import choice

HARMONIC, LAPPED, WAVEGRAD = (
    "partials from the mel",
    "lapped transform",
    "WaveGrad, a quarter of the channels",
)
VOCODERS = {
    HARMONIC: "vocoder-harmonic",
    LAPPED: "vocoder-wavegrad",
    WAVEGRAD: "vocoder-wavegrad-small",
}
"""Those that make a sound again from its mel, and their checkpoints."""


def vocoder_choice(default: str = HARMONIC) -> Any:
    """The control of the network that makes a sound again."""
    return choice(default, tuple(VOCODERS))
