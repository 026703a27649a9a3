"""The parameters of an additive sound: a few sines through one band-pass filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from synth import _checks

Law = Literal["harmonic", "notebook"]

MIDI_NOTES = range(40, 60)
FILTER_STEP_HZ = 22050 / 200
MAX_RANDOM_INHARMONICITY = 0.001
"""Random harmonic sounds stay below it, as piano strings do: they still sound like one note."""


def midi_to_hz(note: float) -> float:
    """The frequency of a MIDI note, 440 · 2^((note − 69)/12), in Hz."""
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def partial_ranks(num_harmonics: int, law: Law) -> NDArray[np.float64]:
    """The multiples of f0 that sound: 1, 2, 3, 4 … (harmonic) or 1, 2, 4, 6 … (notebook)."""
    if law == "harmonic":
        return np.arange(1.0, num_harmonics + 1)
    # The notebook multiplies f0 by 2(k+1), so after the fundamental only even harmonics follow.
    return np.concatenate([[1.0], 2.0 * np.arange(1, num_harmonics)])


def stretch(
    ranks: NDArray[np.float64], inharmonicity: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Partials of a stiff string in multiples of the first: k √((1 + B k²)/(1 + B)).

    Args:
        ranks: Partial numbers k, any shape.
        inharmonicity: The stiffness coefficient B, no unit; broadcastable to `ranks`.

    Returns:
        Frequency ratios, of the broadcast shape; the first partial stays at 1.

    Source: Fletcher 1962, "Quality of piano tones", with f0 as the first partial's frequency.
    """
    b = inharmonicity
    result: NDArray[np.float64] = ranks * np.sqrt((1 + b * ranks**2) / (1 + b))
    return result


@dataclass(frozen=True)
class Sound:
    """One additive sound; every value is checked, and kept as a plain float or int.

    Attributes:
        f0: Frequency of the first partial, Hz.
        num_harmonics: Number of partials, the fundamental included.
        inharmonicity: Stiff-string coefficient B; 0 gives exact multiples of f0.
        filter_frequency: Centre of the band-pass filter, Hz.
        filter_q: Its quality, centre frequency over bandwidth.
        law: "harmonic", or "notebook" for the tutorial's partials as they were written:
            f0 and its even multiples, the inharmonicity ignored.

    Raises:
        ValueError: If a value is outside `RANGES`, or the law is unknown.
    """

    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType(
        {
            "f0": (20.0, 4000.0),
            "num_harmonics": (1, 40),
            "inharmonicity": (0.0, 0.1),
            "filter_frequency": (20.0, 10000.0),
            "filter_q": (0.5, 50.0),
        }
    )

    f0: float
    num_harmonics: int
    inharmonicity: float
    filter_frequency: float
    filter_q: float
    law: Law = "harmonic"

    def __post_init__(self) -> None:
        for name, (low, high) in self.RANGES.items():
            value = getattr(self, name)
            if name == "num_harmonics":
                checked: float = _checks.whole(name, value, int(low), int(high))
            else:
                checked = _checks.number(name, value, low, high)
            object.__setattr__(self, name, checked)
        _checks.one_of("law", self.law, get_args(Law))

    def partial_frequencies(self, sample_rate: float) -> NDArray[np.float64]:
        """Frequencies of the partials, f_k = k f0 √((1 + B k²)/(1 + B)), in Hz.

        Args:
            sample_rate: In Hz. Partials at or above half of it would alias, and are dropped.

        Returns:
            Ascending float64 array (P,), P ≤ num_harmonics; may be empty.

        Raises:
            ValueError: If the sample rate is not a positive number.
        """
        _checks.number("sample_rate", sample_rate, 0, 1e9, exclude_low=True)
        b = self.inharmonicity if self.law == "harmonic" else 0.0
        frequencies = self.f0 * stretch(partial_ranks(self.num_harmonics, self.law), b)
        return frequencies[frequencies < sample_rate / 2]

    @classmethod
    def random(cls, generator: torch.Generator, law: Law = "harmonic") -> "Sound":
        """Draw a sound as the tutorial does: 20 pitches, 1–20 partials, 100 filters.

        Args:
            generator: The only source of randomness.
            law: "harmonic" draws B uniformly from [0, 0.001]; "notebook" from
                {0, 0.001 … 0.099}, which its partials then ignore.

        Returns:
            f0 from MIDI notes 40–59, filter at a multiple of 110.25 Hz with q in 1–10.

        Raises:
            ValueError: If `generator` is no torch.Generator, or the law is unknown.
        """
        if not isinstance(generator, torch.Generator):
            raise ValueError(f"generator must be a torch.Generator, got {generator!r}")
        _checks.one_of("law", law, get_args(Law))

        def pick(low: int, high: int) -> int:
            draw = torch.randint(low, high, (), generator=generator, device=generator.device)
            return int(draw)

        def uniform() -> float:
            return float(torch.rand((), generator=generator, device=generator.device))

        return cls(
            f0=midi_to_hz(pick(MIDI_NOTES.start, MIDI_NOTES.stop)),
            num_harmonics=pick(1, 21),
            inharmonicity=(
                MAX_RANDOM_INHARMONICITY * uniform() if law == "harmonic" else pick(0, 100) / 1000
            ),
            filter_frequency=FILTER_STEP_HZ * pick(1, 11),
            filter_q=pick(1, 11),
            law=law,
        )
