"""The networks, and the one function that builds them from a configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from diffusion.networks.harmonic import HarmonicNet
from diffusion.networks.note import NotePredictor
from diffusion.networks.residual_mlp import ResidualMLP
from diffusion.networks.reverse_mlp import ReverseMLP
from diffusion.networks.simple_wavegrad import SimpleWaveGrad
from diffusion.networks.softplus_mlp import (
    ConditionalSoftplusMLP,
    SoftplusMLP,
    SoftplusReverseMLP,
)
from diffusion.networks.waveform import WaveformNet
from diffusion.networks.wavegrad import WaveGrad, WaveGradConfig
from diffusion.process.schedule import NoiseSchedule

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "ConditionalSoftplusMLP": ConditionalSoftplusMLP,
    "HarmonicNet": HarmonicNet,
    "NotePredictor": NotePredictor.untrained,
    "ResidualMLP": ResidualMLP,
    "ReverseMLP": ReverseMLP,
    "SimpleWaveGrad": SimpleWaveGrad,
    "SoftplusMLP": SoftplusMLP,
    "SoftplusReverseMLP": SoftplusReverseMLP,
    "WaveformNet": WaveformNet,
    "WaveGrad": lambda **sizes: WaveGrad(WaveGradConfig(**sizes)),
}

ONE_SCHEDULE = ("ConditionalSoftplusMLP", "ReverseMLP", "SoftplusReverseMLP")
"""The kinds that know the steps of one schedule only."""

__all__ = [
    "ConditionalSoftplusMLP",
    "HarmonicNet",
    "NotePredictor",
    "ResidualMLP",
    "ReverseMLP",
    "SimpleWaveGrad",
    "SoftplusMLP",
    "SoftplusReverseMLP",
    "WaveGrad",
    "WaveGradConfig",
    "WaveformNet",
    "build_network",
]


def build_network(config: dict[str, Any], schedule: NoiseSchedule) -> nn.Module:
    """Build a network from {"kind": one of NETWORKS, option: value, …}.

    Args:
        config: the kind and its options.
        schedule: is given to the kinds of `ONE_SCHEDULE`.

    Raises:
        ValueError: for an unknown kind.
        TypeError: for an unknown option.
    """
    options = dict(config)
    kind = options.pop("kind", None)
    if kind not in NETWORKS:
        raise ValueError(f"network kind must be one of {sorted(NETWORKS)}, got {kind!r}")
    if kind in ONE_SCHEDULE:
        options["schedule"] = schedule
    return NETWORKS[kind](**options)
