"""Quality of the vocoders: what its section reads off the measured tables, one for each network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

from diffusion.waveform.config import VocoderConfig
from diffusion.waveform.vocoder_quality import (
    AS_PUBLISHED,
    BETWEEN,
    EVALUATIONS,
    GRIFFIN_LIM,
    ORIGINAL,
    SIX,
    UNTRAINED,
)
from ui.shared.settings import Settings, choice
from ui.shared.texts import minus_signs, table
from ui.sound.networks import HARMONIC, LAPPED, VOCODERS, WAVEGRAD, vocoder_choice
from ui.sound.sound_views import SAMPLE_RATE
from ui.sound.vocoder_tables import CONDITIONED_ONLY, Row, measured, row_of, row_of_plan

MEASURES = {
    "log-mel distance (nepers)": "log_mel",
    "spectral convergence": "convergence",
    "multi-resolution STFT": "stft",
    "pitch error (cents)": "cents",
    "largest error of a partial (dB)": "partial",
    "noise between partials (dB)": "noise",
}
OLD_MEASURES = {"worst partial (dB)": "largest error of a partial (dB)"}

ABSURD = 1_000
"""Of a measure: beyond, a sampler has failed, and its digits say nothing."""

DECIBELS = ("partial", "noise")
"""The measures that are logarithms already."""

LEVELS, ONCE = BETWEEN

CHANGES: tuple[tuple[str, str, VocoderConfig], ...] = (
    ("WaveGrad as published", WAVEGRAD, AS_PUBLISHED),
    ("network: lapped transform", LAPPED, AS_PUBLISHED),
    ("noise schedule: Karras grid", LAPPED, LEVELS),
    ("sampler: dpm++2m, searched schedule", LAPPED, CONDITIONED_ONLY),
    ("projection: once, early", LAPPED, ONCE),
    ("projection: at every step", LAPPED, SIX),
    ("network: partials from the mel", HARMONIC, SIX),
)
"""From WaveGrad to what the page opens on: one change after the other, all in six steps."""

REFERENCES = {
    "Griffin-Lim, no network": GRIFFIN_LIM,
    "untrained network, projected onto the mel": UNTRAINED,
}
"""What needs no training."""


@dataclass(frozen=True)
class VocoderQualitySettings(Settings):
    """The controls of Quality: what the chart shows, and of which network."""

    title: ClassVar[str] = "Vocoder quality"
    old_tabs: ClassVar[tuple[str, ...]] = ("sound-quality",)
    measure: str = choice("log-mel distance (nepers)", tuple(MEASURES), old_options=OLD_MEASURES)
    network: str = vocoder_choice()


def curves(network: str) -> dict[str, list[Row]]:
    """The rows of each sampler, by what to call it; in the order of the table."""
    single = [asdict(plan).items() for plan in BETWEEN]
    found: dict[str, list[Row]] = {}
    for row in measured(network)["rows"]:
        needs_none = row["sampler"] in (ORIGINAL, GRIFFIN_LIM, UNTRAINED)
        if not needs_none and not any(plan <= row.items() for plan in single):
            found.setdefault(_label(row), []).append(row)
    return found


def _label(row: Row) -> str:
    if row["noise_schedule"] == "published":
        return "as published: ddpm, conditioned only"
    return f"{row['sampler']}{', conditioned only' * (row['projection'] == 'none')}"


def sound_quality_facts(settings: VocoderQualitySettings) -> dict[str, str]:
    """The best of the table at each budget of evaluations, and what to compare it with."""
    key, network = MEASURES[settings.measure], settings.network
    plans = [(row, label) for label, rows in curves(network).items() for row in rows]
    most = max(row["evaluations"] for row, _ in plans)
    facts = {}
    for budget in (each for each in EVALUATIONS if each <= most):
        best, label = min(
            (each for each in plans if each[0]["evaluations"] <= budget),
            key=lambda each: each[0][key],
        )
        facts[f"best within {budget} evaluations"] = (
            f"**{number(best[key], key)}** ({label}, {best['evaluations']} evaluations, "
            f"{best['seconds']:.2f} s a second of sound)"
        )
    for title, name in REFERENCES.items():
        if row := row_of(network, name):
            facts[title] = (
                f"{number(row[key], key)} ({row['seconds']:.2f} s a second of sound, "
                f"{row['evaluations']} evaluations)"
            )
    if key == "noise" and (real := row_of(network, ORIGINAL)):
        facts["the originals"] = number(real[key], key)
    beyond = [
        f"{label} in {row['evaluations']} evaluations ({number(row[key], key)})"
        for row, label in plans
        if row[key] > highest(network, key)
    ]
    if beyond:
        facts["beyond the axis of the chart"] = ", ".join(beyond)
    return facts


def changes_table() -> str:
    """What each change from WaveGrad to the default is worth, one after the other."""
    keys = ("log_mel", "convergence", "noise")
    rows = []
    for name, network, plan in CHANGES:
        row = row_of_plan(network, plan)
        rows.append((name, *(number(row[key], key) for key in keys), f"{row['seconds']:.2f}"))
    head = ("six steps", "log-mel (nepers)", "spectral convergence", "noise (dB)", "time (s)")
    return table(head, rows)


def noise_errors() -> dict[str, dict[float, float]]:
    """The error of the predicted noise by σ, of each network."""
    return {
        network: {float(sigma): error for sigma, error in measured(network)["noise_errors"].items()}
        for network in VOCODERS
    }


def field_texts(sigma: float = 1.0) -> dict[str, str]:
    """How far each network looks, and the distance of partials that can be told apart there."""
    texts = {}
    for network in VOCODERS:
        samples = measured(network)["fields"][str(sigma)]
        texts[network] = (
            f"{samples:,} samples, {1000 * samples / SAMPLE_RATE:.0f} ms; partials farther apart "
            f"than about {SAMPLE_RATE / samples:.0f} Hz can be told apart"
        )
    return texts


def highest(network: str, key: str) -> float:
    """Where the chart ends: above Griffin-Lim by a factor of two, or by 6 dB."""
    row = row_of(network, GRIFFIN_LIM)
    assert row is not None  # it cannot diverge
    baseline = float(row[key])
    return baseline + 6 if key in DECIBELS else 2 * baseline


def number(value: float, key: str) -> str:
    """A value of a measure, in as many digits as it deserves."""
    if value > ABSURD:
        return f"more than {ABSURD:,}"
    digits = {"cents": 1, "partial": 1, "noise": 0}.get(key, 3)
    return minus_signs(f"{value:.{digits}f}")
