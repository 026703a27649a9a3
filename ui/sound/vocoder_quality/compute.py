"""Quality of the vocoder: what its section reads off the measured table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from diffusion.evaluation.sample_quality import load_table
from diffusion.waveform.vocoder_quality import EVALUATIONS, GRIFFIN_LIM, ORIGINAL, UNTRAINED
from ui.shared.settings import Settings, choice
from ui.shared.texts import minus_signs

MODEL = "vocoder-wavegrad"
MEASURES = {
    "log-mel distance (nepers)": "log_mel",
    "spectral convergence": "convergence",
    "multi-resolution STFT": "stft",
    "pitch error (cents)": "cents",
    "largest error of a partial (dB)": "partial",
    "noise between partials (dB)": "noise",
}
OLD_MEASURES = {"worst partial (dB)": "largest error of a partial (dB)"}

DECIBELS = ("partial", "noise")
"""The measures that are logarithms already."""

Row = dict[str, Any]
"""One row of the measured table: a plan, its evaluations, its errors and its seconds."""


@dataclass(frozen=True)
class VocoderQualitySettings(Settings):
    """The control of Quality: what the chart shows."""

    title: ClassVar[str] = "Vocoder quality"
    old_tabs: ClassVar[tuple[str, ...]] = ("sound-quality",)
    measure: str = choice(
        "log-mel distance (nepers)", "measure", tuple(MEASURES), old_options=OLD_MEASURES
    )


@lru_cache(maxsize=1)
def measured() -> dict[str, Any]:
    """The table that ships with the network.

    Raises:
        ValueError: if there is none.
    """
    return load_table(MODEL)


def row_of(name: str) -> Row:
    """The one of the originals, of Griffin-Lim or of the untrained network."""
    return next(row for row in measured()["rows"] if row["sampler"] == name)


def curves() -> dict[str, list[Row]]:
    """The rows of each sampler, by what to call it; in the order of the table."""
    found: dict[str, list[Row]] = {}
    for row in measured()["rows"]:
        if row["sampler"] not in (ORIGINAL, GRIFFIN_LIM, UNTRAINED):
            found.setdefault(_label(row), []).append(row)
    return found


def _label(row: Row) -> str:
    mel = "" if row["project"] else ", conditioned only"
    published = ", published schedule" if row["noise_schedule"] == "published" else ""
    return f"{row['sampler']}{mel}{published}"


def sound_quality_facts(settings: VocoderQualitySettings) -> dict[str, str]:
    """The best of the table at each budget of evaluations, and what to compare it with."""
    key = MEASURES[settings.measure]
    networks = [(row, label) for label, rows in curves().items() for row in rows]
    facts = {}
    for budget in EVALUATIONS:
        best, label = min(
            (each for each in networks if each[0]["evaluations"] <= budget),
            key=lambda each: each[0][key],
        )
        facts[f"best within {budget} evaluations"] = (
            f"**{number(best[key], key)}** ({label}, {best['evaluations']} evaluations, "
            f"{best['seconds']:.2f} s a second of sound)"
        )
    baseline, untrained, real = row_of(GRIFFIN_LIM), row_of(UNTRAINED), row_of(ORIGINAL)
    facts["Griffin-Lim, no network"] = (
        f"{number(baseline[key], key)} ({baseline['seconds']:.2f} s a second of sound)"
    )
    facts["untrained network, projected onto the mel"] = (
        f"{number(untrained[key], key)} ({untrained['evaluations']} evaluations, "
        f"{untrained['seconds']:.2f} s a second of sound)"
    )
    if key == "noise":
        facts["the originals"] = number(real[key], key)
    beyond = [
        f"{label} in {row['evaluations']} evaluations ({number(row[key], key)})"
        for row, label in networks
        if row[key] > highest(key)
    ]
    if beyond:
        facts["beyond the axis of the chart"] = ", ".join(beyond)
    return facts


def highest(key: str) -> float:
    """Where the chart ends: above Griffin-Lim by a factor of two, or by 6 dB."""
    baseline = float(row_of(GRIFFIN_LIM)[key])
    return baseline + 6 if key in DECIBELS else 2 * baseline


def number(value: float, key: str) -> str:
    """A value of a measure, in as many digits as it deserves."""
    digits = {"cents": 1, "partial": 1, "noise": 0}.get(key, 3)
    return minus_signs(f"{value:.{digits}f}")
