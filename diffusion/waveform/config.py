"""Plans for sounds: the way from noise to a sound with a given mel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint
from diffusion.process.denoising import add_noise
from diffusion.process.schedule import NoiseSchedule
from diffusion.random import randn
from diffusion.sampling.samplers import Sampler, iterate, num_evaluations
from diffusion.sampling.solvers import Constraint, State
from diffusion.waveform.published_schedules import published_schedule

ScheduleChoice = Literal["searched", "published"]
Projection = Literal["every step", "once, early", "none"]

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class VocoderConfig:
    """A way from noise to a sound with a given mel.

    Attributes:
        sampler: which of `Sampler`.
        num_inference_steps: N.
        eta: η of DDIM.
        noise_schedule: "searched", the checkpoint's inference schedule, or `published_schedule`.
        projection: which x̂_0 are projected onto the mel by `synth.match_mel`: each one, or only
            the first; with "none" the network is conditioned on the mel, and nothing else is.

    Raises:
        ValueError: for an unknown option.
    """

    sampler: Sampler = "ddim"
    num_inference_steps: int = 6
    eta: float = 0.0
    noise_schedule: ScheduleChoice = "searched"
    projection: Projection = "every step"

    def __post_init__(self) -> None:
        if self.sampler not in get_args(Sampler):
            raise ValueError(f"sampler must be one of {get_args(Sampler)}, got {self.sampler!r}")
        options = {"noise_schedule": ScheduleChoice, "projection": Projection}
        for name, allowed in options.items():
            if getattr(self, name) not in get_args(allowed):
                raise ValueError(
                    f"{name} must be one of {get_args(allowed)}, got {getattr(self, name)!r}"
                )

    @property
    def evaluations(self) -> int:
        """How often the network is evaluated (NFE)."""
        return num_evaluations(self.sampler, self.num_inference_steps)

    def schedule(self, checkpoint: Checkpoint, start: float | None = None) -> NoiseSchedule:
        """The noise schedule to visit, from σ = `start` down if it is given.

        Of the published schedule the σ above are left out.
        """
        if self.noise_schedule == "searched":
            return checkpoint.inference_schedule(
                self.num_inference_steps, sigma_max=start, sampler=self.sampler
            )
        published = published_schedule(checkpoint.schedule, self.num_inference_steps)
        if start is None:
            return published
        below = published.sigmas[published.sigmas < start]
        return NoiseSchedule.from_sigmas(torch.cat([below, below.new_tensor([start])]))

    def states(
        self,
        checkpoint: Checkpoint,
        waveforms: Tensor,
        seeds: Sequence[int],
        start: float | None = None,
    ) -> Iterator[State]:
        """Make sounds again from their log-mel spectrograms, step by step.

        Args:
            checkpoint: a vocoder that works in blocks.
            waveforms: whose mels are the condition, (B, T) at 22,050 Hz, T ≥ 1,174.
            seeds: B of them, of each sound's noise: it does not depend on the other sounds.
            start: σ of the noise that the sounds themselves begin in; None is pure noise.

        Yields:
            States (B, blocks · block size); their first T samples are the sounds.
        """
        from synth import log_mel
        from synth.features.mel import whole_blocks

        device = next(checkpoint.network.parameters()).device
        blocks = whole_blocks(waveforms, checkpoint.block_size).to(device)
        log_mels = log_mel(blocks)
        schedule = self.schedule(checkpoint, start)
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        x_t = randn(blocks.shape, generators, like=blocks)
        if start is not None:
            x_t = add_noise(blocks, x_t, schedule.alphas_cumprod[-1:].to(device))
        return iterate(
            checkpoint.network,
            schedule,
            tuple(blocks.shape),
            self.sampler,
            eta=self.eta if self.sampler == "ddim" else None,
            condition=log_mels,
            constrain=self._constraint(log_mels),
            generator=generators,
            initial=x_t,
        )

    def _constraint(self, log_mels: Tensor) -> Constraint | None:
        """What projects x̂_0 onto the mel."""
        from synth import match_mel

        project = partial(match_mel, log_mels=log_mels)
        if self.projection == "once, early":
            return _first_only(project)
        return project if self.projection == "every step" else None

    def sample(self, checkpoint: Checkpoint, waveforms: Array) -> Array:
        """The sounds alone, (B, T); sound i has the noise of seed i."""
        wanted = torch.from_numpy(waveforms)
        *_, last = self.states(checkpoint, wanted, range(len(wanted)))
        made: Array = last.x[:, : wanted.shape[1]].cpu().numpy()
        return made


def _first_only(constrain: Constraint) -> Constraint:
    """A constraint for the first x̂_0 of a sampling, the one predicted from the most noise."""
    used = False

    def once(x_0: Tensor) -> Tensor:
        nonlocal used
        used, first = True, not used
        return constrain(x_0) if first else x_0

    return once
