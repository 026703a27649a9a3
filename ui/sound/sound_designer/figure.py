"""A sound as it is meant: its partials before and after the filter, and its envelope."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synth import Sound
from synth.rendering.envelope import envelopes
from synth.rendering.partials import filter_gain, partial_decibels
from ui.shared.cache import computed_once
from ui.shared.figures import INK, STYLES, chart, svg
from ui.sound.sound_views import SAMPLE_RATE
from ui.texts import Texts

TEXTS = Texts("sound-designer")


FLOOR_DB = -80.0
NOTES = ((STYLES[0][0], "o"), (STYLES[2][0], "^"))
POINTS = 400
ENVELOPE_RATE = 500
"""Hz, enough to draw straight lines."""


def charts(sound: Sound, duration: float) -> str:
    """The partials and the envelope; who moves a slider of one of them has the other already."""
    steady = replace(sound, attack=0.0, decay=0.0, sustain=1.0, release=0.0)
    envelope = sound.attack, sound.decay, sound.sustain, sound.release
    return partials_figure(steady) + envelope_figure(duration, *envelope)


@computed_once(maxsize=64)
def partials_figure(sound: Sound) -> str:
    """Each partial's level after the filter, hollow before it, under the filter's gain."""
    levels = partial_decibels(sound, SAMPLE_RATE)
    figure, (axes,) = chart(height=2.4)
    notes = (slice(levels.first_note), slice(levels.first_note, None))
    names = (TEXTS["chart.partials"], TEXTS["chart.second"])
    for note, name, (colour, marker) in zip(notes, names, NOTES, strict=True):
        frequencies = levels.frequencies[note]
        before, after = levels.before[note], levels.after[note]
        if not frequencies.size:
            continue
        axes.vlines(frequencies, FLOOR_DB, np.maximum(after, FLOOR_DB), color=colour, lw=1.6)
        axes.plot(frequencies, after, marker, color=colour, ms=4.5, label=name)
        axes.plot(frequencies, before, marker, color=colour, ms=4.5, mfc="none", alpha=0.7)
    top = max(1.06 * float(levels.frequencies.max()), 1.5 * sound.filter_frequency)
    top = min(top, SAMPLE_RATE / 2)
    across = np.linspace(0, top, POINTS + 2)[1:-1]  # the gain is 0 at both ends of the band
    colour, line = STYLES[1]
    axes.plot(
        across,
        filter_gain(sound, across, SAMPLE_RATE),
        line,
        color=colour,
        label=TEXTS["chart.filter"],
    )
    axes.plot([], [], "o", color=INK, ms=4.5, mfc="none", label=TEXTS["chart.before"])
    highest = max(0.0, float(levels.before.max()))
    axes.set(
        xlim=(0, top),
        ylim=(FLOOR_DB, highest + 6),
        xlabel=TEXTS["chart.frequency"],
        ylabel=TEXTS["chart.level"],
    )
    axes.set_yticks(np.arange(FLOOR_DB, highest + 1, 20))
    figure.legend(loc="outside upper center", ncols=2, frameon=False, labelcolor=INK)
    said = ", ".join(
        f"{frequency:.0f} Hz {first:.0f} → {last:.0f} dB"
        for frequency, first, last in zip(
            levels.frequencies, levels.before, levels.after, strict=True
        )
    )
    return svg(figure, TEXTS.say("chart.levels", said=said))


@computed_once(maxsize=64)
def envelope_figure(
    duration: float, attack: float, decay: float, sustain: float, release: float
) -> str:
    """The envelope over the time."""
    sound = Sound(
        440.0, 1, 0.0, 440.0, 1.0, attack=attack, decay=decay, sustain=sustain, release=release
    )
    figure, (axes,) = chart(height=1.3)
    count = round(duration * ENVELOPE_RATE)
    level = envelopes([sound], count, ENVELOPE_RATE)[0].numpy()
    axes.plot(np.arange(count) / ENVELOPE_RATE, level, color=STYLES[0][0], lw=2)
    axes.set(
        xlim=(0, duration),
        ylim=(-0.04, 1.06),
        xlabel=TEXTS["chart.time"],
        ylabel=TEXTS["chart.envelope_axis"],
    )
    return svg(
        figure,
        TEXTS.say("chart.envelope", attack=attack, decay=decay, sustain=sustain, release=release),
    )
