"""Plans: who predicts the noise in points, and the way from noise to data that a sampler takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint
from diffusion.data.distributions import SWISS_ROLL, Distribution, Oracle
from diffusion.process.denoising import NoisePredictor
from diffusion.sampling.learned_variance import learned_reverse
from diffusion.sampling.samplers import Sampler, iterate, num_evaluations
from diffusion.sampling.solvers import State, VarianceType

Predictor = Literal["network", "oracle"]
Grid = Literal["trailing", "leading", "karras"]


@dataclass(frozen=True)
class SamplingConfig:
    """A way to sample the swiss roll, or with the exact predictor any distribution in the plane.

    Attributes:
        predictor: the trained network, or the exact `Oracle` of the distribution.
        sampler: which of `Sampler`, or "learned": the reverse process of a variational network,
            which takes all the steps that it was trained for.
        num_inference_steps: N.
        grid: which ᾱ are visited. "trailing" and "leading" are steps of the training schedule,
            from N(0, I).
            "karras" is the checkpoint's inference schedule, from the Gaussian with the moments of
            the noised data.
        rho: ρ of "karras"; None is the checkpoint's.
        eta: η of DDIM; other samplers have none.
        variance_type: of DDPM; other samplers have none.

    Raises:
        ValueError: for an unknown option.
    """

    predictor: Predictor = "network"
    sampler: Sampler | Literal["learned"] = "ddpm"
    num_inference_steps: int = 100
    grid: Grid = "trailing"
    rho: float | None = None
    eta: float = 0.0
    variance_type: VarianceType = "fixed_small"

    def __post_init__(self) -> None:
        if self.predictor not in get_args(Predictor):
            raise ValueError(
                f"predictor must be one of {get_args(Predictor)}, got {self.predictor!r}"
            )
        if self.grid not in get_args(Grid):
            raise ValueError(f"grid must be one of {get_args(Grid)}, got {self.grid!r}")

    @property
    def recipe(self) -> str:
        """The name of the checkpoint that it samples."""
        return "swiss-roll-variational" if self.sampler == "learned" else "swiss-roll-ddpm"

    @property
    def evaluations(self) -> int:
        """The number of evaluations of the predictor (NFE)."""
        if self.sampler == "learned":
            return self.num_inference_steps
        return num_evaluations(self.sampler, self.num_inference_steps)

    def states(
        self,
        checkpoint: Checkpoint,
        noise: Tensor,
        generator: torch.Generator,
        distribution: Distribution = SWISS_ROLL,
    ) -> Iterator[State]:
        """Sample from given noise (B, 2), step by step.

        Args:
            checkpoint: the network, and the schedules of both predictors.
            noise: z ~ N(0, I).
            generator: of the noise that a step adds.
            distribution: of the data; the networks learned the swiss roll.

        Raises:
            ValueError: if the number of steps does not fit the grid, or a network would sample a
                distribution that it did not learn.
        """
        network = self.sampler == "learned" or self.predictor == "network"
        if network and distribution is not SWISS_ROLL:
            raise ValueError("the networks learned the swiss roll only: choose the oracle")
        shape = tuple(noise.shape)
        if self.sampler == "learned":
            return learned_reverse(
                checkpoint.network, checkpoint.schedule, shape, generator, initial=noise
            )
        exact: NoisePredictor = Oracle(distribution)
        karras = self.grid == "karras"
        steps = self.num_inference_steps
        return iterate(
            exact if self.predictor == "oracle" else checkpoint.network,
            checkpoint.inference_schedule(steps, self.rho) if karras else checkpoint.schedule,
            shape,
            self.sampler,
            num_inference_steps=steps,
            eta=self.eta if self.sampler == "ddim" else None,
            variance_type=self.variance_type if self.sampler == "ddpm" else None,
            timestep_spacing="leading" if self.grid == "leading" else "trailing",
            generator=generator,
            initial=noise,
            data_moments=distribution.moments() if karras else None,
        )

    def sample(self, checkpoint: Checkpoint, num_points: int, seed: int) -> Tensor:
        """The points alone, (B, 2), from noise of a seed."""
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(num_points, 2, generator=generator)
        *_, last = self.states(checkpoint, noise, generator)
        return last.x.cpu()
