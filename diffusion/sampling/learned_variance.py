"""Sampling of a reverse process whose mean and variance are learned."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from diffusion.process.denoising import original_of_posterior_mean, sqrt_alpha_cumprod_like
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.variational import ReverseNetwork
from diffusion.random import Generators, randn
from diffusion.sampling.solvers import State


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

    Returns:
        An iterator over T + 1 states, from N(0, I) to the samples.

    Raises:
        ValueError: if `initial` does not have the shape.
    """
    weight = next(network.parameters(), None) if isinstance(network, nn.Module) else None
    like = torch.empty(0) if weight is None else weight
    if initial is not None and initial.shape != torch.Size(shape):
        raise ValueError(f"initial must have the shape {shape}, got {tuple(initial.shape)}")
    x = randn(shape, generator, like) if initial is None else initial
    return _reverse_steps(network, schedule, x if weight is None else x.to(weight), generator)


@torch.no_grad()
def _reverse_steps(
    network: ReverseNetwork, schedule: NoiseSchedule, x: Tensor, generator: Generators
) -> Iterator[State]:
    alphas_cumprod = [*reversed(schedule.alphas_cumprod.tolist()), 1.0]
    for index, (alpha_cumprod, next_alpha_cumprod) in zip(
        range(len(schedule), 0, -1), pairwise(alphas_cumprod), strict=True
    ):
        mean, log_var = network(x, sqrt_alpha_cumprod_like(x, alpha_cumprod))
        original = original_of_posterior_mean(mean, x, alpha_cumprod, next_alpha_cumprod)
        yield State(index, alpha_cumprod**0.5, x, original)
        x = mean
        if index > 1:
            x = x + torch.exp(0.5 * log_var) * randn(x.shape, generator, like=x)
    yield State(0, 1.0, x, x)
