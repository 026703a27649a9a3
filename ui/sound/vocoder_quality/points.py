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

SILENCE = 1
"""Its spectral convergence."""

HEAR = """
**Hear a point.** Each number of evaluations opens *Side by side* with its settings: the sound made
again beside the original, with its residual.
"""


def hearing_table(network: str) -> str:
    """A row for each curve, with a link for each of its points."""
    rows = (
        (label, " ".join(f"[{row['evaluations']}]({point_link(network, row)})" for row in points))
        for label, points in curves(network).items()
    )
    return f"{HEAR}\n{table(['curve', 'evaluations'], rows)}"


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
    verdict = (
        f"fails in {few_steps} steps: silence, with {SILENCE}, would be nearer to the originals"
        if few["convergence"] > SILENCE
        else f"does not fail in {few_steps} steps: silence would have {SILENCE}"
    )
    return (
        f"With {few['evaluations']} evaluations Heun's method has a spectral convergence of "
        f"{_convergence(few)}, with {more['evaluations']} of {_convergence(more)}; DDIM, which is "
        f"Euler's method, has {_convergence(euler)} with {euler['evaluations']}. To Euler's step "
        r"from $\sigma$ to $\sigma'$ Heun's method adds the change of $\hat x_0$ over the step, "
        r"times $(\sigma / \sigma' - 1) / 2$: at most "
        f"{change_factor(network, few_steps):.0f} in {few_steps} steps, "
        f"{change_factor(network, more_steps):.0f} in {more_steps}. "
        f"With this network, it {verdict}."
    )


def change_factor(network: str, steps: int) -> float:
    """What Heun's steps multiply the change of x̂_0 by, at most; the last one is Euler's."""
    plan = VocoderConfig("heun", steps)
    sigmas = plan.schedule(checkpoint(VOCODERS[network]), None).sigmas
    return float((sigmas[1:] / sigmas[:-1]).max() - 1) / 2


def _convergence(row: Row) -> str:
    return number(row["convergence"], "convergence")
