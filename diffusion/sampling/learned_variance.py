"""Sampling of a reverse process whose mean and variance are learned."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from diffusion.process.denoising import levels_like, original_of_posterior_mean
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.variational import ReverseNetwork
from diffusion.random import Generators, randn
from diffusion.sampling.solvers import State


@torch.no_grad()
def learned_reverse(
    network: ReverseNetwork,
    schedule: NoiseSchedule,
    shape: tuple[int, ...],
    generator: Generators = None,
    initial: Tensor | None = None,
) -> Iterator[State]:
    """Ancestral sampling with the learned variance, x_{t-1} = μ_θ + σ_θ z; none at the end.

    The x̂_0 of a state is the one whose posterior mean is μ_θ (Ho et al. 2020, eq. 7).

    Args:
        network: the reverse step.
        schedule: the one that it was trained for, all T steps of it.
        shape: of the batch, (B, D).
        generator: one torch.Generator, or one for each sample.
        initial: the noise to start from, like `shape`; drawn if None.

    Yields:
        T + 1 states, from N(0, I) to the samples.
    """
    weight = next(network.parameters(), None) if isinstance(network, nn.Module) else None
    like = torch.empty(0) if weight is None else weight
    x = randn(shape, generator, like) if initial is None else initial.to(like.device)
    levels = [*reversed(schedule.alphas_cumprod.tolist()), 1.0]
    for index, (level, following) in zip(
        range(len(schedule), 0, -1), pairwise(levels), strict=True
    ):
        mean, log_var = network(x, levels_like(x, level))
        yield State(index, level**0.5, x, original_of_posterior_mean(mean, x, level, following))
        x = mean
        if index > 1:
            x = x + torch.exp(0.5 * log_var) * randn(shape, generator, like=x)
    yield State(0, 1.0, x, x)
