"""The parameters of an additive sound: sines through one band-pass filter and an envelope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from synth import _checks
from synth.priors import Prior, draw_parameters

PartialSeries = Literal["harmonic", "notebook"]


def partial_ranks(num_harmonics: int, series: PartialSeries) -> NDArray[np.float64]:
    """The multiples of f0 that sound: 1, 2, 3, 4 … (harmonic) or 1, 2, 4, 6 … (notebook)."""
    if series == "harmonic":
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
    """One additive sound; every value is checked, and kept as a plain float, int or tuple.

    Partial k has the amplitude

        a_k = d_k · 10^(slope · log2(k) / 20) · min(1, 1 ± balance),    + for odd k, − for even,

    and the sound is Σ a_k sin(2π f_k t) through the filter, times `synth.envelope`.

    Attributes:
        f0: Frequency of the first partial, Hz.
        num_harmonics: Number of partials, the fundamental included.
        inharmonicity: Stiff-string coefficient B; 0 gives exact multiples of f0.
        filter_frequency: Centre of the band-pass filter, Hz.
        filter_q: Its quality, centre frequency over bandwidth.
        series: "harmonic", or "notebook" for the tutorial's partials as they were written:
            f0 and its even multiples, the inharmonicity ignored.
        spectral_slope: How the amplitudes change with frequency, dB per octave.
        odd_even_balance: 1 leaves only the odd partials, −1 only the even ones.
        amplitudes: d_k in [0, 1], one per partial, as drawn by hand; none means all 1.
        attack: Seconds from silence to full level.
        decay: Seconds from full level to the sustained one.
        sustain: That level, 1 being the full one.
        release: Seconds of fading out; they end with the rendered sound.
        second_interval: A second note's distance from the first, semitones.
        second_level: Its amplitude relative to the first; 0 means no second note.

    Raises:
        ValueError: If a value is outside `RANGES`, the series is unknown, or `amplitudes` are not
            one per partial, in [0, 1] and not all 0.
    """

    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType(
        {
            "f0": (20.0, 4000.0),
            "num_harmonics": (1, 40),
            "inharmonicity": (0.0, 0.1),
            "filter_frequency": (20.0, 10000.0),
            "filter_q": (0.5, 50.0),
            "spectral_slope": (-24.0, 12.0),
            "odd_even_balance": (-1.0, 1.0),
            "attack": (0.0, 2.0),
            "decay": (0.0, 4.0),
            "sustain": (0.0, 1.0),
            "release": (0.0, 2.0),
            "second_interval": (-24.0, 24.0),
            "second_level": (0.0, 1.0),
        }
    )

    f0: float
    num_harmonics: int
    inharmonicity: float
    filter_frequency: float
    filter_q: float
    series: PartialSeries = "harmonic"
    spectral_slope: float = 0.0
    odd_even_balance: float = 0.0
    amplitudes: tuple[float, ...] = ()
    attack: float = 0.0
    decay: float = 0.0
    sustain: float = 1.0
    release: float = 0.0
    second_interval: float = 0.0
    second_level: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high) in self.RANGES.items():
            value = getattr(self, name)
            if name == "num_harmonics":
                checked: float = _checks.whole(name, value, int(low), int(high))
            else:
                checked = _checks.number(name, value, low, high)
            object.__setattr__(self, name, checked)
        _checks.one_of("series", self.series, get_args(PartialSeries))
        drawn = _drawn_amplitudes(self.amplitudes, self.num_harmonics)
        object.__setattr__(self, "amplitudes", drawn)

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
        frequencies = self._frequencies()
        return frequencies[frequencies < sample_rate / 2]

    def _frequencies(self) -> NDArray[np.float64]:
        b = self.inharmonicity if self.series == "harmonic" else 0.0
        return self.f0 * stretch(partial_ranks(self.num_harmonics, self.series), b)

    def partial_amplitudes(self) -> NDArray[np.float64]:
        """Amplitudes a_k of the partials before the filter, (num_harmonics,)."""
        ranks = partial_ranks(self.num_harmonics, self.series)
        slope = 10 ** (self.spectral_slope * np.log2(ranks) / 20)
        sign = np.where(ranks % 2 == 1, 1, -1)
        balance = np.minimum(1, 1 + sign * self.odd_even_balance)
        result: NDArray[np.float64] = np.array(self.amplitudes or 1.0) * slope * balance
        return result

    def sines(self, sample_rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """All sines that sound: the partials of the first note, then those of the second.

        Args:
            sample_rate: In Hz; nothing at or above half of it sounds.

        Returns:
            Frequencies in Hz and amplitudes before the filter, both (S,), S ≤ 2 num_harmonics.

        Raises:
            ValueError: If the sample rate is not a positive number.
        """
        _checks.number("sample_rate", sample_rate, 0, 1e9, exclude_low=True)
        ratio = 2 ** (self.second_interval / 12)
        frequencies = np.outer([1, ratio], self._frequencies()).ravel()
        amplitudes = np.outer([1, self.second_level], self.partial_amplitudes()).ravel()
        sounding = (frequencies < sample_rate / 2) & (amplitudes > 0)
        return frequencies[sounding], amplitudes[sounding]

    @classmethod
    def random(cls, generator: torch.Generator, prior: Prior = "harmonic") -> "Sound":
        """Draw a sound: as the tutorial does, or from a prior in which every parameter varies.

        Args:
            generator: The only source of randomness.
            prior: "harmonic" and "notebook": 20 pitches (MIDI notes 40–59), 1–20 partials, filter
                at one of 10 multiples of 110.25 Hz with q in 1–10. "harmonic" draws B
                uniformly from [0, 0.001]; "notebook" from {0, 0.001 … 0.099}, which its
                partials then ignore. "wide": f0 log-uniform over four octaves, 55–880 Hz;
                2–40 partials up to 10 kHz, half of the sounds inharmonic (B up to 0.001);
                slope 0 to −12 dB per octave, a quarter with amplitudes of their own; filter
                among the partials with q 0.5–8; an envelope; a quarter with a second note up
                to an octave away.

        Returns:
            The sound; those of the wide prior are "harmonic" in their partials.

        Raises:
            ValueError: If `generator` is no torch.Generator, or the prior is unknown.
        """
        return cls(**draw_parameters(generator, prior))


def _drawn_amplitudes(values: object, count: int) -> tuple[float, ...]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ValueError(f"amplitudes must be a sequence of numbers in [0, 1], got {values!r}")
    drawn = tuple(_checks.number("amplitudes", value, 0, 1) for value in values)
    if drawn and (len(drawn) != count or not any(drawn)):
        raise ValueError(
            f"amplitudes must be {count} numbers in [0, 1], one per partial and not all 0, "
            f"got {drawn}"
        )
    return drawn
