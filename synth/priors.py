"""The priors that random sounds are drawn from."""

from typing import Any, Literal, get_args

import torch

from synth import _checks

Prior = Literal["harmonic", "notebook", "wide"]

MIDI_NOTES = range(40, 60)
FILTER_STEP_HZ = 22050 / 200
MAX_RANDOM_INHARMONICITY = 0.001
"""Random sounds stay below it, as piano strings do: they still sound like one note."""

WIDE_F0_HZ = (55.0, 880.0)
_WIDE_TOP_HZ = 10_000
_WIDE_FILTER_TOP_HZ = 8_000


def midi_to_hz(note: float) -> float:
    """The frequency of a MIDI note, 440 · 2^((note − 69)/12), in Hz."""
    return float(440.0 * 2.0 ** ((note - 69) / 12))


class _Draw:
    """Numbers from one generator."""

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator

    def whole(self, low: int, high: int) -> int:
        """Uniform in low … high − 1."""
        generator = self.generator
        return int(torch.randint(low, high, (), generator=generator, device=generator.device))

    def uniform(self, low: float, high: float) -> float:
        """Uniform in [low, high)."""
        generator = self.generator
        fraction = float(torch.rand((), generator=generator, device=generator.device))
        return low + (high - low) * fraction

    def log_uniform(self, low: float, high: float) -> float:
        """Uniform in the logarithm, from low to high."""
        return float(low * (high / low) ** self.uniform(0, 1))

    def one_in(self, count: int) -> bool:
        """True once in `count` times."""
        return self.whole(0, count) == 0


def draw_parameters(generator: torch.Generator, prior: Prior) -> dict[str, Any]:
    """The parameters of one random `Sound`; see `Sound.random` for the priors.

    Raises:
        ValueError: If `generator` is no torch.Generator, or the prior is unknown.
    """
    if not isinstance(generator, torch.Generator):
        raise ValueError(f"generator must be a torch.Generator, got {generator!r}")
    _checks.one_of("prior", prior, get_args(Prior))
    draw = _Draw(generator)
    return _wide(draw) if prior == "wide" else _tutorial(draw, prior)


def _tutorial(draw: _Draw, prior: Prior) -> dict[str, Any]:
    """The tutorial's own prior; a trained network depends on every single draw."""
    return {
        "f0": midi_to_hz(draw.whole(MIDI_NOTES.start, MIDI_NOTES.stop)),
        "num_harmonics": draw.whole(1, 21),
        "inharmonicity": (
            draw.uniform(0, MAX_RANDOM_INHARMONICITY)
            if prior == "harmonic"
            else draw.whole(0, 100) / 1000
        ),
        "filter_frequency": FILTER_STEP_HZ * draw.whole(1, 11),
        "filter_q": draw.whole(1, 11),
        "series": prior,
    }


def _wide(draw: _Draw) -> dict[str, Any]:
    f0 = draw.log_uniform(*WIDE_F0_HZ)
    # Nominal partials stay below 10 kHz; those that the inharmonicity pushes up are dropped.
    count = draw.whole(2, min(40, int(_WIDE_TOP_HZ / f0)) + 1)
    second = draw.one_in(4)
    return {
        "f0": f0,
        "num_harmonics": count,
        "inharmonicity": (
            draw.log_uniform(1e-5, MAX_RANDOM_INHARMONICITY) if draw.one_in(2) else 0.0
        ),
        # Among the partials, so that a narrow filter leaves something to be heard.
        "filter_frequency": draw.log_uniform(f0, min(f0 * count, _WIDE_FILTER_TOP_HZ)),
        "filter_q": draw.log_uniform(0.5, 8),
        "spectral_slope": draw.uniform(-12, 0),
        "odd_even_balance": draw.uniform(-0.8, 1) if draw.one_in(2) else 0.0,
        "amplitudes": (
            tuple(draw.log_uniform(0.03, 1) for _ in range(count)) if draw.one_in(4) else ()
        ),
        "attack": draw.log_uniform(0.002, 0.2),
        "decay": draw.log_uniform(0.02, 0.5),
        "sustain": draw.uniform(0.1, 1),
        "release": draw.log_uniform(0.02, 0.3),
        "second_interval": draw.whole(1, 13) * (1 if draw.one_in(2) else -1) if second else 0,
        "second_level": draw.uniform(0.2, 1) if second else 0.0,
    }
