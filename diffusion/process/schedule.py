"""Noise schedules: how fast the forward process destroys the data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import index
from typing import Literal, SupportsIndex, get_args

import torch
from torch import Tensor

from diffusion.process.denoising import add_noise, posterior_variance
from diffusion.process.named_schedules import BetaSchedule, betas_by_name

TimestepSpacing = Literal["leading", "trailing"]

NOISE_SNR = 1e-2
"""A schedule whose last signal-to-noise ratio is above this does not end in noise."""


def is_noise(alpha_cumprod: float) -> bool:
    """Whether x_t at this ᾱ is close to N(0, I): the signal-to-noise ratio is at most 0.01."""
    return alpha_cumprod <= NOISE_SNR * (1 - alpha_cumprod)


def shortfall(alpha_cumprod: float) -> str:
    """A sentence that says how much of the signal is left at the last ᾱ of a schedule."""
    snr = alpha_cumprod / (1 - alpha_cumprod)
    return (
        f"This schedule does not reach noise: √ᾱ_T = {alpha_cumprod**0.5:.3f} of the "
        f"signal is left (SNR {snr:.3g}), so starting from N(0, I) is wrong."
    )


@dataclass(frozen=True, eq=False)
class NoiseSchedule:
    """The variances β_t of the forward process and all that follows from them, in float64.

    q(x_t | x_{t-1}) = N(√(1-β_t) x_{t-1}, β_t I), for t = 0 … T-1 (Ho et al. 2020, eq. 2; the paper
    counts from 1). With α_t = 1 - β_t and ᾱ_t = ∏ α_s, eq. 4: q(x_t | x_0) = N(√ᾱ_t x_0, (1-ᾱ_t)
    I).

    Attributes:
        betas: β_t, float64 of shape (T,), each in (0, 1).

    Raises:
        ValueError: if `betas` is empty, not one-dimensional, or has a value outside (0, 1).
    """

    betas: Tensor

    def __post_init__(self) -> None:
        betas = torch.as_tensor(self.betas, dtype=torch.float64)
        if betas.ndim != 1 or len(betas) == 0:
            raise ValueError(f"betas must have one dimension and a value, got shape {betas.shape}")
        if not bool(((betas > 0) & (betas < 1)).all()):
            raise ValueError(
                f"betas must lie in (0, 1), got [{float(betas.min())}, {float(betas.max())}]"
            )
        object.__setattr__(self, "betas", betas)

    @classmethod
    def from_name(
        cls,
        beta_schedule: BetaSchedule = "linear",
        num_train_timesteps: int = 1000,
        beta_start: float = 1e-4,
        beta_end: float = 0.02,
    ) -> NoiseSchedule:
        """Build a schedule by the name that diffusers gives it.

        - "linear": β from start to end in equal steps (Ho et al. 2020, section 4).
        - "scaled_linear": √β in equal steps (the tutorial calls it "quad").
        - "sigmoid": β = start + (end - start) · sigmoid(u), u from -6 to 6.
        - "squaredcos_cap_v2": ᾱ_t ∝ cos²((t/T + 0.008)/1.008 · π/2), β ≤ 0.999
          (Nichol & Dhariwal 2021, eq. 17); `beta_start` and `beta_end` play no part.

        Raises:
            ValueError: for an unknown name, T outside [1, 10000], or a β range that is not
                0 < beta_start ≤ beta_end < 1.
        """
        if beta_schedule not in get_args(BetaSchedule):
            raise ValueError(
                f"beta_schedule must be one of {get_args(BetaSchedule)}, got {beta_schedule!r}"
            )
        if not 1 <= num_train_timesteps <= 10_000:
            raise ValueError(
                f"num_train_timesteps must be in [1, 10000], got {num_train_timesteps}"
            )
        if not 0 < beta_start <= beta_end < 1:
            raise ValueError(
                f"need 0 < beta_start <= beta_end < 1, got beta_start={beta_start}, "
                f"beta_end={beta_end}"
            )
        return cls(betas_by_name(beta_schedule, num_train_timesteps, beta_start, beta_end))

    @classmethod
    def from_sigmas(cls, sigmas: Tensor) -> NoiseSchedule:
        """Build a schedule that visits given σ, in the order of the forward process.

        ᾱ = 1/(1 + σ²), and β_t = 1 - ᾱ_t/ᾱ_{t-1}.

        Args:
            sigmas: σ_t, rising, > 0, shape (T,).

        Raises:
            ValueError: if they do not rise from above 0, or are not finite.
        """
        sigmas = torch.as_tensor(sigmas, dtype=torch.float64)
        if sigmas.ndim != 1 or len(sigmas) == 0:
            raise ValueError(f"sigmas must have one dimension and a value, got {sigmas.shape}")
        alphas_cumprod = 1 / (1 + sigmas**2)
        falls = bool((alphas_cumprod.diff() < 0).all()) and float(alphas_cumprod[0]) < 1
        if not falls or not bool((sigmas > 0).all()) or float(alphas_cumprod[-1]) == 0:
            raise ValueError(f"sigmas must rise from above 0 and be finite, got {sigmas.tolist()}")
        previous = torch.cat([torch.ones(1, dtype=torch.float64), alphas_cumprod[:-1]])
        return cls(1 - alphas_cumprod / previous)

    def __len__(self) -> int:
        return len(self.betas)

    def on(self, device: torch.device) -> NoiseSchedule:
        """The same schedule with its tables on a device; copied once, as a GPU waits for a copy."""
        if device not in self._copies:
            self._copies[device] = NoiseSchedule(self.betas.to(device))
        return self._copies[device]

    @cached_property
    def _copies(self) -> dict[torch.device, NoiseSchedule]:
        return {self.betas.device: self}

    @cached_property
    def alphas(self) -> Tensor:
        """α_t = 1 - β_t, shape (T,)."""
        return 1 - self.betas

    @cached_property
    def alphas_cumprod(self) -> Tensor:
        """ᾱ_t = α_0 · … · α_t, shape (T,)."""
        return self.alphas.cumprod(0)

    @cached_property
    def alphas_cumprod_prev(self) -> Tensor:
        """ᾱ_{t-1}, with ᾱ_{-1} = 1 (the data), shape (T,)."""
        return torch.cat([torch.ones_like(self.betas[:1]), self.alphas_cumprod[:-1]])

    @cached_property
    def noise_levels(self) -> Tensor:
        """√ᾱ_t in (0, 1): what the networks are conditioned on (WaveGrad), shape (T,)."""
        return self.alphas_cumprod.sqrt()

    @cached_property
    def snr(self) -> Tensor:
        """The signal-to-noise ratio ᾱ_t / (1 - ᾱ_t), shape (T,)."""
        return self.alphas_cumprod / (1 - self.alphas_cumprod)

    @cached_property
    def sigmas(self) -> Tensor:
        """σ_t = √((1 - ᾱ_t) / ᾱ_t): the noise beside unscaled data (Karras et al. 2022)."""
        return self.snr.rsqrt()

    @cached_property
    def posterior_variance(self) -> Tensor:
        """β̃_t = (1 - ᾱ_{t-1}) / (1 - ᾱ_t) · β_t (Ho et al. 2020, eq. 7), zero at t = 0."""
        return posterior_variance(self.alphas_cumprod, self.alphas_cumprod_prev)

    @cached_property
    def posterior_variance_clipped(self) -> Tensor:
        """β̃_t with β̃_1 for the zero at t = 0: a decoder of variance 0 would have no density.

        Ho et al. 2020 and Nichol & Dhariwal 2021 clip it so in their code; shape (T,). A schedule
        of one step has no β̃_1, and takes β_0.
        """
        if len(self) == 1:
            return self.betas
        return torch.cat([self.posterior_variance[1:2], self.posterior_variance[1:]])

    @property
    def terminal_snr(self) -> float:
        """The signal-to-noise ratio that is left at the last step; zero would be pure noise."""
        return float(self.snr[-1])

    @property
    def reaches_noise(self) -> bool:
        """Whether sampling may start from N(0, I): the terminal SNR is at most 0.01."""
        return is_noise(float(self.alphas_cumprod[-1]))

    @property
    def shortfall(self) -> str | None:
        """A sentence that says that the schedule does not reach noise, or None if it does."""
        return None if self.reaches_noise else shortfall(float(self.alphas_cumprod[-1]))

    def q_sample(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Draw x_t given x_0: √ᾱ_t x_0 + √(1 - ᾱ_t) ε (Ho et al. 2020, eq. 4).

        Args:
            original_samples: x_0, shape (B, …).
            noise: ε ~ N(0, I), shaped like `original_samples`.
            timesteps: t, integers in [0, T), shape (B,).
        """
        alphas_cumprod = self.on(timesteps.device).alphas_cumprod[timesteps]
        return add_noise(original_samples, noise, alphas_cumprod)

    def timesteps(
        self, num_inference_steps: SupportsIndex, spacing: TimestepSpacing = "trailing"
    ) -> Tensor:
        """The steps that a sampler visits, noisiest first (Lin et al. 2023, table 2).

        "trailing" takes every (T / N)-th step from T - 1 down, and so starts where the noise is.
        "leading", diffusers' default, takes every (T // N)-th from 0 up: its first step is not the
        noisiest, though sampling starts from pure noise there too.

        Raises:
            ValueError: if `num_inference_steps` is not an integer in [1, T], or for an unknown
                spacing.
        """
        total = len(self)
        try:
            count = index(num_inference_steps)
        except TypeError:
            count = 0
        if not 1 <= count <= total:
            raise ValueError(
                f"num_inference_steps must be an integer in [1, {total}], got {num_inference_steps}"
            )
        if spacing == "leading":
            steps = torch.arange(count) * (total // count)
            return steps.flip(0)
        if spacing == "trailing":
            steps = torch.arange(count, dtype=torch.float64)
            return (total - steps * total / count).round().long() - 1
        raise ValueError(
            f"timestep spacing must be one of {get_args(TimestepSpacing)}, got {spacing!r}"
        )

    def nearest_timesteps(self, noise_level: Tensor) -> Tensor:
        """The steps t whose √ᾱ_t are nearest to `noise_level`, integers of its shape (B,)."""
        sqrt_alphas_cumprod = self.on(noise_level.device).noise_levels  # falling
        halfway = (sqrt_alphas_cumprod[1:] + sqrt_alphas_cumprod[:-1]) / 2
        return torch.searchsorted(-halfway, -noise_level.to(halfway))

    def inference_alphas_cumprod(
        self, num_inference_steps: int, spacing: TimestepSpacing = "trailing"
    ) -> Tensor:
        """ᾱ at each visited step, noisiest first, and 1 (the data) at the end; shape (N + 1,)."""
        visited = self.alphas_cumprod[self.timesteps(num_inference_steps, spacing)]
        return torch.cat([visited, torch.ones(1, dtype=torch.float64)])
