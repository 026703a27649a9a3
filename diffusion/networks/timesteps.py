"""Networks of the diffusers library as noise predictors, and noise predictors as its loops call.

A network there is conditioned on the index t of a step, here on √ᾱ. The library itself is not
needed: only the way in which a network is called differs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from diffusion.process.denoising import NoisePredictor, refuse_condition
from diffusion.process.schedule import NoiseSchedule


class FromTimesteps(nn.Module):
    """A network called as model(x_t, t).sample, as a noise predictor at any √ᾱ.

    t is linear in ln σ between the steps of its training, as in Karras et al. 2022, appendix C.3.4;
    beyond the first and the last step it is theirs.

    Args:
        model: predicts ε, such as a `UNet1DModel` or `UNet2DModel`.
        schedule: of its training.
    """

    def __init__(self, model: nn.Module, schedule: NoiseSchedule) -> None:
        super().__init__()
        self.model, self.schedule = model, schedule

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε like x_t, (B, …), from x_t and √ᾱ, (B,).

        Raises:
            ValueError: if there is a condition.
        """
        refuse_condition(condition)
        eps: Tensor = self.model(x_t, self.timesteps(noise_level)).sample
        return eps

    def timesteps(self, noise_level: Tensor) -> Tensor:
        """The t of each √ᾱ, float32 (B,), in [0, T - 1]."""
        near = self.schedule.on(noise_level.device)
        known, level = near.sigmas.log(), noise_level.double()
        log_sigma = ((1 - level**2).sqrt() / level).log()
        above = torch.searchsorted(known, log_sigma).clamp(1, len(near) - 1)
        low, high = known[above - 1], known[above]
        return (above - 1 + ((log_sigma - low) / (high - low)).clamp(0, 1)).float()


class Output(NamedTuple):
    """What diffusers' networks return."""

    sample: Tensor


class ByTimesteps(nn.Module):
    """A noise predictor, called as model(x_t, t).sample: for a loop with diffusers' schedulers.

    Args:
        network: predicts ε at any √ᾱ.
        schedule: whose steps t counts; the scheduler needs its betas as `trained_betas`.
    """

    def __init__(self, network: NoisePredictor, schedule: NoiseSchedule) -> None:
        super().__init__()
        self.network, self.schedule = network, schedule

    def forward(self, sample: Tensor, timestep: Tensor | int) -> Output:
        """Predict ε like the samples, (B, …), at one step for all or at one of each, (B,)."""
        steps = torch.as_tensor(timestep, device=sample.device).expand(len(sample))
        levels = self.schedule.on(sample.device).noise_levels[steps]
        return Output(self.network(sample, levels))


def from_diffusers(model: nn.Module, scheduler: Any) -> tuple[FromTimesteps, NoiseSchedule]:
    """A trained network of diffusers and its schedule, for `diffusion.sample` and `iterate`.

    Args:
        model: such as the `unet` of a `DDPMPipeline`.
        scheduler: that of its pipeline, whose `betas` and `config` are read.

    Raises:
        ValueError: if the network predicts anything else than the noise.
    """
    predicted = scheduler.config.prediction_type
    if predicted != "epsilon":
        raise ValueError(f"the network must predict 'epsilon', the noise, got {predicted!r}")
    schedule = NoiseSchedule(scheduler.betas)
    return FromTimesteps(model, schedule), schedule
