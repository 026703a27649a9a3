"""How far a sound that was made again is from the original: what is measured, table and chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.ticker import NullLocator

from synth import (
    detuning,
    log_mel_distance,
    multi_resolution_stft,
    noise_between_partials,
    partial_errors,
    spectral_convergence,
)
from ui.shared.figures import INK, STYLES, chart, svg
from ui.texts import Texts

TEXTS = Texts("sound-errors")


Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PartialErrors:
    """What can be measured where the partials are known.

    Attributes:
        frequencies: of the partials, Hz.
        levels: of each against the original, dB; nan where the original's is inaudible.
        cents: pitch error against the original, over all partials; positive is sharp.
        noise: the energy between the partials, dB relative to all of the original's.
        noise_of_original: the same of the original itself.
    """

    frequencies: Floats
    levels: Floats
    cents: float
    noise: float
    noise_of_original: float

    @property
    def largest(self) -> float:
        """The largest of the errors of level, without its sign, dB."""
        return float(np.nanmax(np.abs(self.levels)))


@dataclass(frozen=True)
class Errors:
    """Distances of a sound to the original, by `synth`; `partials` is None if they are unknown."""

    log_mel: float
    spectral_convergence: float
    multi_resolution_stft: float
    partials: PartialErrors | None


def errors(made: Array, original: Array, partials: Floats | None) -> Errors:
    """Compare a sound (1, samples) with its original."""
    return Errors(
        log_mel=float(log_mel_distance(made, original)[0]),
        spectral_convergence=float(spectral_convergence(made, original)[0]),
        multi_resolution_stft=float(multi_resolution_stft(made, original)[0]),
        partials=None if partials is None else _partial_errors(made, original, partials),
    )


def _partial_errors(made: Array, original: Array, partials: Floats) -> PartialErrors:
    known = [partials]
    return PartialErrors(
        frequencies=partials,
        levels=partial_errors(made, original, known)[0],
        cents=float((detuning(made, known) - detuning(original, known))[0]),
        noise=float(noise_between_partials(made, original, known)[0]),
        noise_of_original=float(noise_between_partials(original, original, known)[0]),
    )


def error_facts(found: Errors) -> dict[str, str]:
    """The numbers with their names and units."""
    facts = {
        TEXTS["log_mel"]: TEXTS.say("log_mel_is", distance=found.log_mel),
        TEXTS["convergence"]: TEXTS.say("convergence_is", value=found.spectral_convergence),
        TEXTS["stft"]: f"{found.multi_resolution_stft:.2f}",
    }
    if found.partials is None:
        return facts | {TEXTS["known"]: TEXTS["unknown"]}
    known = found.partials
    return facts | {
        TEXTS["cents"]: TEXTS.say("cents_is", cents=known.cents),
        TEXTS["level"]: f"{np.nanmedian(np.abs(known.levels)):.1f} dB",
        TEXTS["noise"]: TEXTS.say("noise_is", noise=known.noise, original=known.noise_of_original),
    }


def partials_figure(found: Errors) -> str:
    """By how much each partial is too loud; HTML with an SVG, empty where they are unknown."""
    if found.partials is None:
        return ""
    heard = np.isfinite(found.partials.levels)
    frequencies, levels = found.partials.frequencies[heard], found.partials.levels[heard]
    figure, (axes,) = chart(height=2.0)
    colour, _ = STYLES[0]
    axes.vlines(frequencies, 0, levels, color=colour, lw=1.5)
    axes.plot(frequencies, levels, "o", color=colour, ms=5)
    axes.axhline(0, color=INK, lw=1)
    axes.set(xscale="log", xlabel=TEXTS["chart.frequency"], ylabel=TEXTS["chart.level"])
    ends = 0.8 * frequencies.min(), 1.25 * frequencies.max()
    ticks = [hz for hz in (50, 100, 200, 500, 1000, 2000, 5000, 10000) if ends[0] <= hz <= ends[1]]
    axes.set_xticks(ticks, [f"{hz:,}" for hz in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(*ends)
    axes.margins(y=0.15)
    said = ", ".join(
        f"{hz:.0f} Hz {level:+.1f} dB" for hz, level in zip(frequencies, levels, strict=True)
    )
    return svg(figure, TEXTS.say("chart.all", said=said))
