"""WRONG ON PURPOSE: the tutorial's mistakes in sampling waveforms, each beside the right way.

Never build on this module. Wrong and right draw the same random numbers and differ in one line;
the network is one that was trained without the mistake.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from diffusion.checkpoints import Checkpoint
from diffusion.evaluation.metrics import relative_error
from diffusion.networks import WaveformNet
from diffusion.process.schedule import NoiseSchedule
from diffusion.random import randn
from diffusion.sampling.samplers import iterate

NUM_SOUNDS = 3
NUM_SAMPLES = 8_192
NUM_STEPS = 50
FEW_STEPS = 12


@dataclass(frozen=True)
class Run:
    """Sounds on their way from noise.

    Attributes:
        states: x_t of a batch, (steps + 1, B, T), on the CPU.
        measures: numbers of the run, by their names.
    """

    states: Tensor
    measures: dict[str, float] = field(default_factory=dict)


def short_schedule(trained: Checkpoint, seed: int) -> Run:
    """WRONG: ᾱ_T = 0.778, yet the start is N(0, I)."""
    schedule = NoiseSchedule.from_name("linear", NUM_STEPS, beta_start=1e-6, beta_end=0.01)
    return Run(_sample(trained.network, schedule, seed), _start(schedule))


def full_schedule(trained: Checkpoint, seed: int) -> Run:
    """Right."""
    schedule = trained.inference_schedule(NUM_STEPS)
    return Run(_sample(trained.network, schedule, seed), _start(schedule))


def with_batch_norm(trained: Checkpoint) -> nn.Module:
    """The network with batch norms that, in evaluation mode, change nothing.

    Behind each local convolution stands y = γ (h - m)/√(v + ε) + β, with m and v the mean and the
    variance that h has there while the network samples, γ = √(v + ε) and β = m.
    """
    network = copy.deepcopy(trained.network)
    assert isinstance(network, WaveformNet)
    owners: list[Any] = [(network, "enter"), *((each, "convolution") for each in network.local)]
    norms = [_watching(getattr(*owner)) for owner in owners]
    _sample(network, trained.inference_schedule(FEW_STEPS), seed=0)
    for (owner, name), (norm, hook) in zip(owners, norms, strict=True):
        hook.remove()
        norm.weight.copy_((norm.running_var + norm.eps).sqrt())
        norm.bias.copy_(norm.running_mean)
        setattr(owner, name, nn.Sequential(getattr(owner, name), norm))
    return network


def _watching(layer: Any) -> tuple[Any, RemovableHandle]:
    """A batch norm that takes the mean of the statistics of all that leaves a layer."""
    norm = nn.BatchNorm2d(layer.out_channels, momentum=None).to(layer.weight.device)

    def watch(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        norm(output)

    return norm.requires_grad_(False), layer.register_forward_hook(watch)


def batch_norm_in_training(trained: Checkpoint, seed: int) -> Run:
    """WRONG: each sound is normalised with the others of its batch, at every √ᾱ anew."""
    network = with_batch_norm(trained).train()
    return _alone_and_together(network, trained.inference_schedule(FEW_STEPS), seed)


def batch_norm_in_evaluation(trained: Checkpoint, seed: int) -> Run:
    """Right."""
    network = with_batch_norm(trained).eval()
    return _alone_and_together(network, trained.inference_schedule(FEW_STEPS), seed)


def _alone_and_together(network: nn.Module, schedule: NoiseSchedule, seed: int) -> Run:
    alone = _sample(copy.deepcopy(network), schedule, seed, num_sounds=1)
    together = _sample(network, schedule, seed)
    change = relative_error(alone[-1], together[-1, :1])
    return Run(together, {"change when sampled alone, relative": change})


def _sample(
    network: nn.Module, schedule: NoiseSchedule, seed: int, num_sounds: int = NUM_SOUNDS
) -> Tensor:
    """DDPM from N(0, I), each sound from a seed of its own.

    The start is given, as N(0, I) is on purpose also where the schedule does not reach noise.
    """
    generators = [torch.Generator().manual_seed(1_000 * seed + i) for i in range(num_sounds)]
    shape = num_sounds, NUM_SAMPLES
    noise = randn(shape, generators, like=torch.empty(0))
    states = iterate(network, schedule, shape, generator=generators, initial=noise)
    return torch.stack([state.x.cpu() for state in states])


def _start(schedule: NoiseSchedule) -> dict[str, float]:
    return {
        "fraction of the signal left at the start, √ᾱ_T": float(schedule.noise_levels[-1]),
        "SNR at the start, ᾱ_T/(1 − ᾱ_T), dB": 10 * math.log10(schedule.terminal_snr),
    }
