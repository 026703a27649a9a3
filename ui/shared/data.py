"""The data of a section in the plane: a distribution by its name, or that of a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from diffusion.data.distributions import DISTRIBUTIONS, Distribution, drawing
from ui.shared.cache import computed_once
from ui.shared.drawing import EXAMPLE, MAX_LENGTH, decode_strokes
from ui.shared.settings import choice, text
from ui.texts import Texts

SHARED = Texts("shared")


DRAWN = "your drawing"
WITH_NETWORK = "swiss roll"
"""The distribution that the networks of this repository learned."""

NUM_REAL = 1500


@dataclass(frozen=True)
class Data:
    """A distribution in the plane.

    Attributes:
        name: of the distribution, or `DRAWN`.
        strokes: the text of the drawing; that of another distribution has none.
    """

    name: str
    strokes: str = ""

    @property
    def has_network(self) -> bool:
        """Whether a network learned it."""
        return self.name == WITH_NETWORK

    @property
    def label(self) -> str:
        """What the page calls it."""
        return SHARED.option("distribution", self.name)

    @property
    def off(self) -> str:
        """Where a point is that is more than three widths from the shape, in words."""
        return SHARED["off.curve"] if self.name == WITH_NETWORK else SHARED["off.data"]


PRIVATE: dict[str, str | None] = {"distribution": DRAWN, "strokes": None}
"""What no link names (`Settings.not_linked`) where a drawing stays in its visitor's page."""

ROLL = Data(WITH_NETWORK)


class HasData:
    """Settings with the two controls that choose the data."""

    distribution: str
    strokes: str

    def data(self) -> Data:
        """The distribution of the data.

        Raises:
            ValueError: if it is that of a drawing, and there is none.
        """
        if self.distribution != DRAWN:
            return Data(self.distribution)
        if not self.strokes:
            raise ValueError(SHARED["drawing_empty"])
        return Data(DRAWN, self.strokes)


def distribution_choice() -> Any:
    """The setting `distribution`."""
    return choice(WITH_NETWORK, (*DISTRIBUTIONS, DRAWN))


def strokes_text() -> Any:
    """The setting `strokes`, which a drawing pad or a CSV fills."""
    return text(EXAMPLE, decode_strokes, MAX_LENGTH)


@computed_once(maxsize=32)
def distribution_of(data: Data) -> Distribution:
    """The distribution, exact under any noise."""
    if data.name == DRAWN:
        return drawing(decode_strokes(data.strokes))
    return DISTRIBUTIONS[data.name]


@computed_once(maxsize=32)
def real_points(data: Data) -> npt.NDArray[np.float64]:
    """Points of the data, to lie behind those that a process moves."""
    points = distribution_of(data).sample(NUM_REAL, torch.Generator().manual_seed(1))
    return points.double().numpy()
