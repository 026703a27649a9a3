"""What sampling starts from: noise, or noise with the mean and covariance that data has in it."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from diffusion.process.denoising import Moments, NoisePredictor
from diffusion.process.schedule import is_noise, shortfall
from diffusion.random import Generators, randn

HERE = Path(__file__).parent


class NotNoiseWarning(UserWarning):
    """Sampling starts from N(0, I), but the noise schedule leaves some of the signal."""


def warn_unless_noise(alpha_cumprod: float) -> None:
    """Warn, in the name of the first caller outside this folder."""
    if is_noise(alpha_cumprod):
        return
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and Path(frame.f_code.co_filename).parent == HERE:
        frame, level = frame.f_back, level + 1
    warnings.warn(shortfall(alpha_cumprod), NotNoiseWarning, stacklevel=level)


def standard_start(
    network: NoisePredictor,
    shape: tuple[int, ...],
    generator: Generators,
    initial: Tensor | None,
) -> Tensor:
    """The start, of the network's dtype and on its device; an oracle takes any dtype."""
    parameter = next(network.parameters(), None) if isinstance(network, nn.Module) else None
    if initial is None:
        return randn(shape, generator, like=torch.empty(0) if parameter is None else parameter)
    if initial.shape != torch.Size(shape):
        raise ValueError(f"initial must have the shape {shape}, got {tuple(initial.shape)}")
    return initial if parameter is None else initial.to(parameter)


def matched_start(noise: Tensor, alpha_cumprod: float, data_moments: Moments) -> Tensor:
    """√ᾱ m + L z with L Lᵀ = ᾱ C + (1 - ᾱ) I: mean and covariance of x_t."""
    mean, covariance = data_moments
    unit = torch.eye(len(mean), dtype=torch.float64)
    noised = alpha_cumprod * covariance + (1 - alpha_cumprod) * unit
    root = torch.linalg.cholesky(noised.double()).to(noise)
    start: Tensor = alpha_cumprod**0.5 * mean.to(noise) + noise @ root.T
    return start
