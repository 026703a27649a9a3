"""The search for the member of the family of sounds that is nearest to a frame.

It narrows down: the pitch by the energy at its partials, the filter by the partials' magnitudes,
the time by their phases; then the continuous parameters are refined on the samples, and the
neighbours tried. See `synth.nearest` for the model.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from synth.metrics.unit_waves import unit_waves
from synth.priors import FILTER_STEP_HZ, MAX_RANDOM_INHARMONICITY, MIDI_NOTES, midi_to_hz
from synth.rendering.biquad import bandpass, response
from synth.sound import PartialSeries, Sound, partial_ranks, stretch

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_PADDING = 64
_PITCHES = 4
_STARTS = 3
_MAX_PARTIALS = 20
_MAX_INHARMONICITY = Sound.RANGES["inharmonicity"][1]
_SHAPES = (10, 10, _MAX_PARTIALS)  # filter frequencies, filter qs, numbers of partials
_FILTERS = np.array([(FILTER_STEP_HZ * i, q) for i in range(1, 11) for q in range(1, 11)])
_residual = attrgetter("residual")


@dataclass(frozen=True)
class Guess:
    """A member of the family at a point in time."""

    f0: float
    inharmonicity: float
    shape: int  # flat index into _SHAPES
    time: float  # τ, samples from the sound's start to the middle of the frame
    residual: float = 1.0


class Search:
    """What is the same for all frames of one length, and the steps of the search."""

    def __init__(
        self, length: int, sample_rate: float, series: PartialSeries, max_time: int
    ) -> None:
        self.length, self.sample_rate, self.series = length, sample_rate, series
        self.t = np.arange(length) - (length - 1) / 2
        self.window = np.hanning(length + 2)[1:-1]
        self.ranks = partial_ranks(_MAX_PARTIALS, series)
        self.max_time = max_time
        stiff = series == "harmonic"
        self.grid = np.linspace(0, MAX_RANDOM_INHARMONICITY, length // 8 + 1 if stiff else 1)
        self.pitches = [midi_to_hz(note) for note in MIDI_NOTES]
        self.omegas = np.array([self.omega(f0, self.grid) for f0 in self.pitches])

    def omega(self, f0: float, inharmonicity: Floats | float) -> Floats:
        """Angular frequencies of the partials, radians per sample: (…, K)."""
        b = np.asarray(inharmonicity, dtype=np.float64)[..., None]
        return 2 * np.pi / self.sample_rate * f0 * stretch(self.ranks, b)

    def sound(self, guess: Guess) -> Sound:
        """The parameters of a guess."""
        filter_index, last = divmod(guess.shape, _MAX_PARTIALS)
        b = float(np.clip(guess.inharmonicity, 0, _MAX_INHARMONICITY))
        frequency, q = _FILTERS[filter_index]
        return Sound(guess.f0, last + 1, b, frequency, q, self.series)

    def best(self, frame: Floats) -> Guess:
        """The nearest member to a frame of unit norm."""
        spectrum = self.spectrum(frame)
        scores = (np.abs(self.amplitudes(spectrum, self.omegas)) ** 2).sum(-1)
        guesses = []
        for pitch in np.argsort(-scores.max(axis=1))[:_PITCHES]:
            guesses += self.starts(spectrum, self.pitches[pitch], self.grid[scores[pitch].argmax()])
        guesses = sorted(guesses, key=lambda guess: guess.residual)[:_STARTS]
        refined = (self.refine(frame, spectrum, guess) for guess in guesses)
        return self.descend(frame, min(refined, key=_residual))

    def descend(self, frame: Floats, best: Guess) -> Guess:
        """Try the neighbours of the best guess for as long as one of them is nearer."""
        while True:
            tried = [self.polish(frame, guess) for guess in self.neighbours(best)]
            nearest = min(tried, key=_residual)
            if nearest.residual > 0.999 * best.residual:
                return best
            best = nearest

    def neighbours(self, guess: Guess) -> Iterator[Guess]:
        """The next filters, and the same sound one period earlier and later.

        The phases hardly tell periods apart: at time τ' the inharmonicity B τ / τ' gives nearly
        the same ones as B at τ, so that each period has its own minimum; so has each filter.
        """
        frequency, q, last = np.unravel_index(guess.shape, _SHAPES)
        for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            if 0 <= frequency + i < _SHAPES[0] and 0 <= q + j < _SHAPES[1]:
                shape = np.ravel_multi_index((frequency + i, q + j, last), _SHAPES)
                yield replace(guess, shape=int(shape))
        if self.series == "harmonic":
            period = self.sample_rate / guess.f0
            for time in (guess.time - period, guess.time + period):
                b = guess.inharmonicity * guess.time / max(time, period)
                b = float(np.clip(b, 0.0, _MAX_INHARMONICITY))  # a polished time may be negative
                yield replace(guess, time=time, inharmonicity=b)

    def spectrum(self, frame: Floats) -> Complexes:
        """Windowed spectrum, finely sampled, with phases as in the middle of the frame."""
        size = _PADDING * self.length
        spectrum = np.fft.rfft(self.window * frame, size) * 2 / self.window.sum()
        turn = 2j * np.pi / size * (self.length - 1) / 2
        result: Complexes = spectrum * np.exp(turn * np.arange(len(spectrum)))
        return result

    def amplitudes(self, spectrum: Complexes, omega: Floats) -> Complexes:
        """The frame's complex amplitudes at some frequencies, by linear interpolation."""
        position = omega * (_PADDING * self.length / (2 * np.pi))
        below = np.minimum(position.astype(int), len(spectrum) - 2)
        fraction = position - below
        values = spectrum[below] * (1 - fraction) + spectrum[below + 1] * fraction
        return np.where(omega < np.pi, values, 0)

    def members(self, omega: Floats, filters: Floats = _FILTERS) -> Complexes:
        """−i H at every partial, for F filters × 1–20 partials: (20 F, K).

        Scaled so that each has unit norm as a frame (partials being nearly orthogonal).
        """
        frequency, q = filters.T[:, :, None]
        steady = response(np.exp(1j * omega), *bandpass(frequency, q, self.sample_rate))
        steady = np.where(omega < np.pi, -1j * steady, 0)
        shapes = (steady[:, None] * np.tri(_MAX_PARTIALS)).reshape(-1, _MAX_PARTIALS)
        norms = np.linalg.norm(shapes, axis=1, keepdims=True) * np.sqrt(self.length / 2)
        result: Complexes = shapes / norms
        return result

    def starts(self, spectrum: Complexes, f0: float, b: float) -> list[Guess]:
        """Starting points of one pitch: the best filters by magnitude, each at its best time."""
        for zoom in (1, 50):
            step = MAX_RANDOM_INHARMONICITY / (self.length // 8) / zoom
            finer = np.clip(b + step * np.linspace(-1, 1, 101), 0, MAX_RANDOM_INHARMONICITY)
            energy = (np.abs(self.amplitudes(spectrum, self.omega(f0, finer))) ** 2).sum(-1)
            b = float(finer[energy.argmax()]) if self.series == "harmonic" else 0.0
        omega = self.omega(f0, b)
        measured = self.amplitudes(spectrum, omega) * self.length / 2
        members = self.members(omega)
        shapes = np.argsort(-(np.abs(members) @ np.abs(measured)))[:_STARTS]
        rotations = unit_waves(omega, 0, self.max_time)
        match = (rotations @ (members[shapes] * measured.conj()).T).real
        times = match.argmax(axis=0)
        return [
            Guess(f0, b, int(shape), float(time), 1 - match[time, i])
            for i, (shape, time) in enumerate(zip(shapes, times, strict=True))
        ]

    def refine(self, frame: Floats, spectrum: Complexes, guess: Guess) -> Guess:
        """Choose the filter by the complex amplitudes, polish the rest, and so again."""
        tried = []
        for _ in range(2):
            omega = self.omega(guess.f0, guess.inharmonicity)
            measured = self.amplitudes(spectrum, omega) * np.exp(-1j * omega * guess.time)
            match = (self.members(omega) @ measured.conj()).real
            guess = self.polish(frame, replace(guess, shape=int(match.argmax())))
            tried.append(guess)
        return min(tried, key=_residual)

    def polish(self, frame: Floats, guess: Guess) -> Guess:
        """The best of a few Gauss-Newton steps on gain, time and inharmonicity."""
        tried = []
        for _ in range(4):
            measured, guess = self.step(frame, guess)
            tried.append(measured)
        return min(tried, key=_residual)

    def step(self, frame: Floats, guess: Guess) -> tuple[Guess, Guess]:
        """The guess with its residual ‖y − gain·m‖, and the one a Gauss-Newton step further."""
        omega = self.omega(guess.f0, guess.inharmonicity)
        filter_index, last = divmod(guess.shape, _MAX_PARTIALS)
        member = self.members(omega, _FILTERS[[filter_index]])[last]
        member = member * np.exp(1j * omega * guess.time)
        waves = unit_waves(omega, self.t[0], self.length)
        # d ω_k / dB = ω_k / 2 · (k² / (1 + B k²) − 1 / (1 + B))
        b, squares = guess.inharmonicity, self.ranks**2
        slope = omega / 2 * (squares / (1 + b * squares) - 1 / (1 + b))
        model = (waves @ member).real
        by_time = (waves @ (1j * omega * member)).real
        by_b = (waves @ (1j * slope * guess.time * member)).real
        by_b += self.t * (waves @ (1j * slope * member)).real

        gain = max(float(model @ frame / (model @ model)), 1e-12)
        error = frame - gain * model
        columns = [model, by_time] + ([by_b] if self.series == "harmonic" else [])
        scales = [np.linalg.norm(column) + 1e-30 for column in columns]
        move = np.linalg.lstsq(np.stack(columns, 1) / scales, error, rcond=1e-6)[0] / scales / gain
        moved = replace(
            guess,
            time=guess.time + float(np.clip(move[1], -3, 3)),
            inharmonicity=float(np.clip(b + move[2], 0.0, _MAX_INHARMONICITY))
            if self.series == "harmonic"
            else 0.0,
        )
        return replace(guess, residual=float(np.linalg.norm(error))), moved
