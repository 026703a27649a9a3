"""Quality of the vocoder: what its section reads off the measured table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from diffusion.quality import load_table
from diffusion.vocoder_quality import EVALUATIONS, GRIFFIN_LIM, ORIGINAL
from ui.settings import Settings, choice

MODEL = "vocoder-wavegrad"
MEASURES = {
    "log-mel distance (nepers)": "log_mel",
    "spectral convergence": "convergence",
    "multi-resolution STFT": "stft",
    "pitch error (cents)": "cents",
    "worst partial (dB)": "partial",
    "noise between partials (dB)": "noise",
}

Row = dict[str, Any]
"""One row of the measured table: a plan, its evaluations, its errors and its seconds."""


@dataclass(frozen=True)
class SoundQualitySettings(Settings):
    """The control of Quality: what the chart shows."""

    tab: ClassVar[str] = "sound-quality"
    measure: str = choice("log-mel distance (nepers)", "measure", tuple(MEASURES))


@lru_cache(maxsize=1)
def measured() -> dict[str, Any]:
    """The table that ships with the network.

    Raises:
        ValueError: if there is none.
    """
    return load_table(MODEL)


def rows_of(sampler: str) -> list[Row]:
    """The rows of a sampler, or the one of Griffin-Lim or of the originals."""
    return [row for row in measured()["rows"] if row["sampler"] == sampler]


def samplers() -> list[str]:
    """Those of the table, in its order."""
    names = dict.fromkeys(row["sampler"] for row in measured()["rows"])
    return [name for name in names if name not in (ORIGINAL, GRIFFIN_LIM)]


def sound_quality_facts(settings: SoundQualitySettings) -> dict[str, str]:
    """The best of the table at each budget of evaluations, and what to compare it with."""
    key = MEASURES[settings.measure]
    networks = [row for sampler in samplers() for row in rows_of(sampler)]
    facts = {}
    for budget in EVALUATIONS:
        best = min((r for r in networks if r["evaluations"] <= budget), key=lambda row: row[key])
        facts[f"best within {budget} evaluations"] = (
            f"**{number(best[key], key)}** ({best['sampler']}, {best['evaluations']}): "
            f"{best['seconds']:.2f} s a second of sound"
        )
    (bar,), (real,) = rows_of(GRIFFIN_LIM), rows_of(ORIGINAL)
    facts["Griffin-Lim, no network"] = (
        f"{number(bar[key], key)}: {bar['seconds']:.2f} s a second of sound"
    )
    if key == "noise":
        facts["the originals"] = number(real[key], key)
    return facts


def number(value: float, key: str) -> str:
    """A value of a measure, in as many digits as it deserves."""
    digits = {"cents": 1, "partial": 1, "noise": 0}.get(key, 3)
    return f"{value:.{digits}f}".replace("-", "−")
