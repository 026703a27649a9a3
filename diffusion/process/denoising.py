"""The algebra of x_t, x_0 and ε, at any ᾱ (Ho et al. 2020)."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

Alpha = TypeVar("Alpha", float, Tensor)
"""One ᾱ, or a tensor of them."""


class Moments(NamedTuple):
    """The mean (D,) and the covariance (D, D) of the data, float64."""

    mean: Tensor
    covariance: Tensor


class NoisePredictor(Protocol):
    """What every network and oracle is: an estimate of E[ε | x_t]."""

    def __call__(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε like `x_t` (B, …), from x_t and its √ᾱ, float64 (B,)."""
        ...


def add_noise(original_samples: Tensor, noise: Tensor, alpha_cumprod: Tensor | float) -> Tensor:
    """Draw x_t = √ᾱ x_0 + √(1 - ᾱ) ε at any ᾱ, one for each sample (Ho et al. 2020, eq. 4).

    Args:
        original_samples: x_0, shape (B, …).
        noise: ε ~ N(0, I), shaped like `original_samples`.
        alpha_cumprod: ᾱ in [0, 1], shape (B,), or one number for all.

    Raises:
        ValueError: if an ᾱ lies outside [0, 1]; on a GPU nothing is checked.
    """
    if not isinstance(alpha_cumprod, Tensor):
        alpha_cumprod = torch.tensor([alpha_cumprod], dtype=torch.float64)
    # A GPU would have to finish its work before the answer is known.
    on_cpu = alpha_cumprod.device.type == "cpu"
    if on_cpu and not bool(((alpha_cumprod >= 0) & (alpha_cumprod <= 1)).all()):
        raise ValueError(f"alpha_cumprod must be in [0, 1], got {alpha_cumprod.tolist()}")
    signal = like_samples(alpha_cumprod.sqrt(), original_samples)
    return signal * original_samples + like_samples((1 - alpha_cumprod).sqrt(), noise) * noise


def refuse_condition(condition: Tensor | None) -> None:
    """Raise a ValueError where a condition is given to a predictor that would not read it."""
    if condition is not None:
        raise ValueError(f"this predictor takes no condition, got {tuple(condition.shape)}")


def like_samples(values: Tensor, samples: Tensor) -> Tensor:
    """Shape one number per sample, (B,), so that it multiplies samples (B, …)."""
    return values.to(samples).reshape(-1, *[1] * (samples.ndim - 1))


def predict_original_sample(x_t: Tensor, eps: Tensor, alpha_cumprod: Alpha) -> Tensor:
    """x̂_0 = (x_t - √(1 - ᾱ) ε) / √ᾱ (eq. 15), with one ᾱ or a tensor that broadcasts."""
    original: Tensor = (x_t - (1 - alpha_cumprod) ** 0.5 * eps) / alpha_cumprod**0.5
    return original


def predict_noise(x_t: Tensor, original_sample: Tensor, alpha_cumprod: float) -> Tensor:
    """ε = (x_t - √ᾱ x_0) / √(1 - ᾱ): the inverse of `predict_original_sample`, for ᾱ < 1."""
    return (x_t - math.sqrt(alpha_cumprod) * original_sample) / math.sqrt(1 - alpha_cumprod)


def posterior_mean(
    original_sample: Tensor,
    x_t: Tensor,
    alpha_cumprod: Alpha,
    alpha_cumprod_prev: Alpha,
) -> Tensor:
    """The mean of q(x_{t-1} | x_t, x_0), between any two ᾱ_{t-1} > ᾱ_t (eq. 7).

    μ̃ = √ᾱ_{t-1} β / (1 - ᾱ_t) x_0 + √α (1 - ᾱ_{t-1}) / (1 - ᾱ_t) x_t,  α = ᾱ_t / ᾱ_{t-1} = 1 - β.
    Both ᾱ are numbers, or tensors that broadcast to the samples.
    """
    from_data, from_noisy = _posterior_weights(alpha_cumprod, alpha_cumprod_prev)
    mean: Tensor = from_data * original_sample + from_noisy * x_t
    return mean


def original_of_posterior_mean(
    mean: Tensor, x_t: Tensor, alpha_cumprod: float, alpha_cumprod_prev: float
) -> Tensor:
    """The x_0 whose posterior mean is `mean`: the inverse of `posterior_mean`."""
    from_data, from_noisy = _posterior_weights(alpha_cumprod, alpha_cumprod_prev)
    return (mean - from_noisy * x_t) / from_data


def posterior_variance(alpha_cumprod: Alpha, alpha_cumprod_prev: Alpha) -> Alpha:
    """The variance of q(x_{t-1} | x_t, x_0): β̃ = (1 - ᾱ_{t-1}) / (1 - ᾱ_t) β (eq. 7)."""
    beta = 1 - alpha_cumprod / alpha_cumprod_prev
    return (1 - alpha_cumprod_prev) / (1 - alpha_cumprod) * beta


def sqrt_alpha_cumprod_like(x: Tensor, alpha_cumprod: float) -> Tensor:
    """√ᾱ for each of the B samples `x`, float64 (B,), expanded: it is in memory once."""
    one = torch.full((1,), alpha_cumprod**0.5, dtype=torch.float64, device=x.device)
    return one.expand(len(x))


def once_if_shared(noise_level: Tensor) -> Tensor:
    """√ᾱ (B,), or (1,) of an expanded one, which all samples have.

    What a network computes of √ᾱ alone is then one row for the whole batch.
    """
    return noise_level[:1] if noise_level.stride() == (0,) else noise_level


def _posterior_weights(alpha_cumprod: Alpha, alpha_cumprod_prev: Alpha) -> tuple[Alpha, Alpha]:
    """What x_0 and x_t count for in μ̃."""
    alpha = alpha_cumprod / alpha_cumprod_prev
    from_data = alpha_cumprod_prev**0.5 * (1 - alpha) / (1 - alpha_cumprod)
    from_noisy = alpha**0.5 * (1 - alpha_cumprod_prev) / (1 - alpha_cumprod)
    return from_data, from_noisy
