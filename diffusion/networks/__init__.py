"""The networks, and the one function that builds them from a configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from diffusion.networks.harmonic import HarmonicNet
from diffusion.networks.residual_mlp import ResidualMLP
from diffusion.networks.reverse_mlp import ReverseMLP
from diffusion.networks.simple_wavegrad import SimpleWaveGrad
from diffusion.networks.waveform import WaveformNet
from diffusion.networks.wavegrad import WaveGrad, WaveGradConfig
from diffusion.process.schedule import NoiseSchedule

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "HarmonicNet": HarmonicNet,
    "ResidualMLP": ResidualMLP,
    "ReverseMLP": ReverseMLP,
    "SimpleWaveGrad": SimpleWaveGrad,
    "WaveformNet": WaveformNet,
    "WaveGrad": lambda **sizes: WaveGrad(WaveGradConfig(**sizes)),
}

__all__ = [
    "HarmonicNet",
    "ResidualMLP",
    "ReverseMLP",
    "SimpleWaveGrad",
    "WaveGrad",
    "WaveGradConfig",
    "WaveformNet",
    "build_network",
]


def build_network(config: dict[str, Any], schedule: NoiseSchedule) -> nn.Module:
    """Build a network from {"kind": one of NETWORKS, option: value, …}.

    Args:
        config: the kind and its options.
        schedule: is given to the one kind that knows single steps only, `ReverseMLP`.

    Raises:
        ValueError: for an unknown kind.
        TypeError: for an unknown option.
    """
    options = dict(config)
    kind = options.pop("kind", None)
    if kind not in NETWORKS:
        raise ValueError(f"network kind must be one of {sorted(NETWORKS)}, got {kind!r}")
    if kind == "ReverseMLP":
        options["schedule"] = schedule
    return NETWORKS[kind](**options)
