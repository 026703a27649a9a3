"""The measured tables that ship with the vocoders, and what sections read off them."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from diffusion.evaluation.sample_quality import load_table
from diffusion.waveform.config import VocoderConfig
from diffusion.waveform.vocoder_quality import SIX
from ui.sound.networks import VOCODERS

CONDITIONED_ONLY = replace(SIX, projection="none")

Row = dict[str, Any]
"""One row of a measured table: a plan, its evaluations, its errors and its seconds."""


@lru_cache(maxsize=len(VOCODERS))
def measured(network: str) -> dict[str, Any]:
    """The table that ships with a network, by what the page calls it.

    Raises:
        ValueError: if there is none.
    """
    return load_table(VOCODERS[network])


def row_of(network: str, name: str) -> Row | None:
    """The one of the originals, of Griffin-Lim or of the untrained network, unless it diverged."""
    return next((row for row in measured(network)["rows"] if row["sampler"] == name), None)


def row_of_plan(network: str, plan: VocoderConfig) -> Row:
    """What was measured of a plan.

    Raises:
        ValueError: if nothing was.
    """
    options = asdict(plan).items()
    for row in measured(network)["rows"]:
        if options <= row.items():
            found: Row = row
            return found
    raise ValueError(f"{VOCODERS[network]} was not measured with {plan}")


def projection_times() -> dict[str, float]:
    """The fraction of the time of six steps that the projection at each step takes."""
    fractions = {}
    for network in VOCODERS:
        projected, conditioned = (
            row_of_plan(network, plan)["seconds"] for plan in (SIX, CONDITIONED_ONLY)
        )
        fractions[network] = 1 - conditioned / projected
    return fractions
