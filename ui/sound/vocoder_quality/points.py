"""The points of the chart of Vocoder quality: each to be heard, and why one of them is far off."""

from __future__ import annotations

from typing import Any

import torch

from diffusion.waveform.config import VocoderConfig
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import NO_RUN, RUNS
from ui.shared.texts import table
from ui.sound.networks import VOCODERS
from ui.sound.side_by_side.compute import SideBySideSettings
from ui.sound.vocoder.compute import PROJECTIONS
from ui.sound.vocoder_quality.compute import curves, number
from ui.sound.vocoder_tables import Row

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
    """Why Heun's method fails in few steps, from its noise schedule and the measured errors."""
    few, more = sorted(curves(network)["heun"], key=lambda row: row["evaluations"])[:2]
    factors = [slope_factor(network, row["num_inference_steps"]) for row in (few, more)]
    return (
        f"With {few['evaluations']} evaluations Heun's method has a spectral convergence of "
        f"{number(few['convergence'], 'convergence')}, with {more['evaluations']} of "
        f"{number(more['convergence'], 'convergence')}. It averages the slopes "
        f"$(x - \\hat x_0) / \\sigma$ at both ends of a step, so that an error of "
        f"$\\hat x_0$ at the end is multiplied by half the ratio of the two σ. In "
        f"{few['num_inference_steps']} steps that is {factors[0]:.0f}, in "
        f"{more['num_inference_steps']} steps {factors[1]:.0f} at most."
    )


def slope_factor(network: str, steps: int) -> float:
    """Half the largest ratio of neighbouring σ in Heun's steps."""
    plan = VocoderConfig("heun", steps)
    alphas_cumprod = plan.schedule(checkpoint(VOCODERS[network]), None).alphas_cumprod
    sigmas = torch.sqrt((1 - alphas_cumprod) / alphas_cumprod)
    return float((sigmas[1:] / sigmas[:-1]).max()) / 2
