"""How well a network predicts the noise, by σ: the table that says where to work."""

from __future__ import annotations

import torch
from torch import Tensor

from diffusion.device import device_of
from diffusion.process.denoising import NoisePredictor, add_noise
from diffusion.random import randn

NOISE_SIGMAS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


@torch.no_grad()
def noise_errors(
    network: NoisePredictor, x: Tensor, condition: Tensor | None = None
) -> dict[str, float]:
    """Root mean square error of ε̂ by σ = √(1 - ᾱ)/√ᾱ; 1 would be predicting nothing.

    The residual noise of a sample's last step is σ times this.

    Args:
        network: the noise predictor.
        x: real samples (B, …).
        condition: theirs.
    """
    device = device_of(network)
    x, condition = x.to(device), None if condition is None else condition.to(device)
    generator = torch.Generator().manual_seed(0)
    errors = {}
    for sigma in NOISE_SIGMAS:
        sqrt_alpha_cumprod = torch.full(
            (len(x),), (1 + sigma**2) ** -0.5, dtype=torch.float64, device=device
        )
        noise = randn(x.shape, generator, like=x)
        eps = network(add_noise(x, noise, sqrt_alpha_cumprod**2), sqrt_alpha_cumprod, condition)
        errors[f"error of the noise at σ = {sigma}"] = float((eps - noise).square().mean().sqrt())
    return errors
