"""The decoder term of the bound, for pixels and for points: which means minimise it?"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from diffusion.data import swiss_roll
from diffusion.mistakes.experiments import NUM_POINTS, Trajectory, noised_roll
from diffusion.process.variational import normal_nll

DECODER_STD = 0.1
START_STD = 0.2
DESCENT_STEPS = 60
BIN = 1 / 255
"""Half the distance between two grey values of a picture that is scaled to [-1, 1]."""

Decoder = Callable[[Tensor, Tensor, Tensor], Tensor]
"""-ln p(x), for each coordinate, from x, the mean and the log-variance."""


def pixel_nll(x: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """WRONG for points: -ln of the probability of the bin of a grey value in [-1, 1].

    The bins at both ends are open, so that for x > 0.999 any mean far above x is as good as x.
    The tutorial's `discretized_gaussian_log_likelihood` (Ho et al. 2020, eq. 13).
    """
    inverse_std = torch.exp(-0.5 * log_var)
    above = _normal_cdf(inverse_std * (x - mean + BIN))
    below = _normal_cdf(inverse_std * (x - mean - BIN))
    inside = torch.where(x > 0.999, 1 - below, above - below)
    return -torch.where(x < -0.999, above, inside).clamp(min=1e-12).log()


def fit_means(decoder: Decoder, seed: int) -> Trajectory:
    """Gradient descent on the decoder term over its mean, one for each point of the roll.

    The start is near the points, as x_1 is; the variance is fixed.
    """
    generator = torch.Generator().manual_seed(seed)
    x_0 = swiss_roll.sample(NUM_POINTS, generator)
    mean = x_0 + START_STD * torch.randn(x_0.shape, generator=generator)
    log_var = torch.tensor(2 * math.log(DECODER_STD))
    states = [mean]
    for _ in range(DESCENT_STEPS):
        mean = mean.requires_grad_()
        (slope,) = torch.autograd.grad(decoder(x_0, mean, log_var).sum(), mean)
        mean = (mean - 0.1 * DECODER_STD**2 * slope).detach()
        states.append(mean)
    return Trajectory(torch.stack(states).detach(), noised_roll, swiss_roll.WIDTH)


def decoder_for_pixels(seed: int) -> Trajectory:
    """WRONG."""
    return fit_means(pixel_nll, seed)


def decoder_for_points(seed: int) -> Trajectory:
    """Right."""
    return fit_means(normal_nll, seed)


def _normal_cdf(x: Tensor) -> Tensor:
    """The tutorial's approximation of the standard normal distribution function."""
    return 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
