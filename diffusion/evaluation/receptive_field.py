"""How far a network looks: the stretch of a noisy sound that one sample of its x̂_0 depends on."""

from __future__ import annotations

from statistics import median

import torch
from torch import Tensor

from diffusion.device import device_of
from diffusion.process.denoising import NoisePredictor, add_noise
from diffusion.random import randn

PLACES = 5
"""Samples of a sound at which it is measured."""

FRACTION = 0.9


def effective_field(
    network: NoisePredictor, x: Tensor, condition: Tensor | None, sigma: float
) -> int:
    """The width, in samples, of what a sample of x̂_0 mostly depends on.

    Within so many samples around it lie nine tenths of Σ_u (∂x̂_0[t] / ∂x_t[u])². The receptive
    field itself, beyond which the derivative is 0, is wider (Luo et al. 2016, "Understanding the
    effective receptive field in deep convolutional neural networks").

    Args:
        network: the noise predictor.
        x: real sounds (B, T).
        condition: theirs.
        sigma: σ = √(1 - ᾱ)/√ᾱ of the noise in them, > 0.

    Returns:
        The median over the sounds, at `PLACES` of their samples each.
    """
    device = device_of(network)
    x, condition = x.to(device), None if condition is None else condition.to(device)
    levels = torch.full((len(x),), (1 + sigma**2) ** -0.5, dtype=torch.float64, device=device)
    noise = randn(x.shape, torch.Generator().manual_seed(0), like=x)
    x_t = add_noise(x, noise, levels**2).requires_grad_()
    widths = []
    for place in torch.linspace(0, x.shape[1], PLACES + 2).long()[1:-1].tolist():
        eps = network(x_t, levels, condition)
        original = (x_t - (1 - levels**2).sqrt().to(x)[:, None] * eps) / levels.to(x)[:, None]
        (gradients,) = torch.autograd.grad(original[:, place].sum(), x_t)
        distance = (torch.arange(x.shape[1], device=device) - place).abs()
        for squares in gradients.double().square():
            within = squares.new_zeros(len(squares)).index_add(0, distance, squares).cumsum(0)
            radius = int((within < FRACTION * within[-1]).sum())
            widths.append(int((distance <= radius).sum()))
    return int(median(widths))
