"""The points of the chart of Vocoder quality: each to be heard, and why one of them is far off."""

from __future__ import annotations

from typing import Any

from diffusion.waveform.config import VocoderConfig
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import NO_RUN, RUNS
from ui.shared.texts import table
from ui.sound.networks import VOCODERS
from ui.sound.side_by_side.compute import SideBySideSettings
from ui.sound.vocoder.compute import PROJECTIONS
from ui.sound.vocoder_quality.compute import curves, number
from ui.sound.vocoder_tables import Row
from ui.texts import Texts

TEXTS = Texts("vocoder-quality")


SILENCE = 1
"""Its spectral convergence."""


def hearing_table(network: str) -> str:
    """A row for each curve, with a link for each of its points."""
    rows = (
        (label, " ".join(f"[{row['evaluations']}]({point_link(network, row)})" for row in points))
        for label, points in curves(network).items()
    )
    return f"{TEXTS['hear']}\n\n{table(TEXTS['hear_head'].split(' | '), rows)}"


def point_link(network: str, row: Row) -> str:
    """The address of Side by side with the run of a point, and no other one."""
    (mel,) = (name for name, each in PROJECTIONS.items() if each == row["projection"])
    first: dict[str, Any] = {
        "network_1": network,
        "sampler_1": row["sampler"],
        "steps_1": row["num_inference_steps"],
        "eta_1": row["eta"],
        "schedule_1": row["noise_schedule"],
        "mel_1": mel,
    }
    others: dict[str, Any] = {f"sampler_{run}": NO_RUN for run in RUNS[1:]}
    return SideBySideSettings(**first, **others).to_link()


def heun_sentence(network: str) -> str:
    """How Heun's method fares in few steps and why, from its schedule and the measured errors."""
    found = curves(network)
    few, more = sorted(found["heun"], key=lambda row: row["evaluations"])[:2]
    euler = min(found["ddim"], key=lambda row: row["evaluations"])
    few_steps, more_steps = few["num_inference_steps"], more["num_inference_steps"]
    if few["convergence"] > SILENCE:
        verdict = TEXTS.say("heun.fails", steps=few_steps, silence=SILENCE)
    else:
        verdict = TEXTS.say("heun.works", steps=few_steps, silence=SILENCE)
    return TEXTS.say(
        "heun.sentence",
        few=few["evaluations"],
        few_is=_convergence(few),
        more=more["evaluations"],
        more_is=_convergence(more),
        euler_is=_convergence(euler),
        euler=euler["evaluations"],
        factor=change_factor(network, few_steps),
        few_steps=few_steps,
        factor_of_more=change_factor(network, more_steps),
        more_steps=more_steps,
        verdict=verdict,
    )


def change_factor(network: str, steps: int) -> float:
    """What Heun's steps multiply the change of x̂_0 by, at most; the last one is Euler's."""
    plan = VocoderConfig("heun", steps)
    sigmas = plan.schedule(checkpoint(VOCODERS[network]), None).sigmas
    return float((sigmas[1:] / sigmas[:-1]).max() - 1) / 2


def _convergence(row: Row) -> str:
    return number(row["convergence"], "convergence")
