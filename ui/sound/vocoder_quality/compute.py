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
from ui.texts import Texts

TEXTS = Texts("vocoder-quality")


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
"""The value of a measure above which a sampler has failed, and digits say nothing."""

DECIBELS = ("partial", "noise")
"""The measures that are logarithms already."""

LEVELS, ONCE = BETWEEN

CHANGES: tuple[tuple[str, str, VocoderConfig], ...] = (
    ("published", WAVEGRAD, AS_PUBLISHED),
    ("lapped", LAPPED, AS_PUBLISHED),
    ("karras", LAPPED, LEVELS),
    ("searched", LAPPED, CONDITIONED_ONLY),
    ("once", LAPPED, ONCE),
    ("every_step", LAPPED, SIX),
    ("harmonic", HARMONIC, SIX),
)
"""From WaveGrad to what the page opens on: one change after the other, all in six steps.

The first of each is the key of its text."""

REFERENCES = {
    "griffin_lim": GRIFFIN_LIM,
    "untrained": UNTRAINED,
}
"""What needs no training, by the key of its text."""


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
        return TEXTS["curves.published"]
    if row["projection"] == "none":
        return TEXTS.say("curves.conditioned", sampler=row["sampler"])
    return str(row["sampler"])


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
        facts[TEXTS.say("facts.best", budget=budget)] = TEXTS.say(
            "facts.best_is",
            value=number(best[key], key),
            label=label,
            evaluations=best["evaluations"],
            seconds=best["seconds"],
        )
    for key_of_text, name in REFERENCES.items():
        if row := row_of(network, name):
            facts[TEXTS[f"references.{key_of_text}"]] = TEXTS.say(
                "facts.reference_is",
                value=number(row[key], key),
                seconds=row["seconds"],
                evaluations=row["evaluations"],
            )
    if key == "noise" and (real := row_of(network, ORIGINAL)):
        facts[TEXTS["facts.originals"]] = number(real[key], key)
    beyond = [
        TEXTS.say(
            "facts.beyond_is",
            label=label,
            evaluations=row["evaluations"],
            value=number(row[key], key),
        )
        for row, label in plans
        if row[key] > highest(network, key)
    ]
    if beyond:
        facts[TEXTS["facts.beyond"]] = ", ".join(beyond)
    return facts


def changes_table() -> str:
    """What each change from WaveGrad to the default is worth, one after the other."""
    keys = ("log_mel", "convergence", "noise")
    rows = []
    for name, network, plan in CHANGES:
        row = row_of_plan(network, plan)
        rows.append(
            (
                TEXTS[f"change.{name}"],
                *(number(row[key], key) for key in keys),
                f"{row['seconds']:.2f}",
            )
        )
    return table(TEXTS["changes_head"].split(" | "), rows)


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
        texts[network] = TEXTS.say(
            "field",
            samples=samples,
            milliseconds=1000 * samples / SAMPLE_RATE,
            hertz=SAMPLE_RATE / samples,
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
        return TEXTS.say("more_than", most=ABSURD)
    digits = {"cents": 1, "partial": 1, "noise": 0}.get(key, 3)
    return minus_signs(f"{value:.{digits}f}")
