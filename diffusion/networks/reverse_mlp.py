"""The reverse step of the variational model: a mean and a variance, both learned."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.networks.residual_mlp import ResidualBlock
from diffusion.process.denoising import once_if_shared
from diffusion.process.schedule import NoiseSchedule


class ReverseMLP(nn.Module):
    """p_θ(x_{t-1} | x_t) = N(μ_θ, Σ_θ) for points, both as corrections to a small step.

    μ_θ = x_t + √β_t F₁(x_t, t) and ln Σ_θ = ln β_t + F₂(x_t, t): a step of the reverse process is
    as long as one of the forward process, so F₁ and F₂ are of unit size. It is trained for the
    steps of one schedule and looks up t from the noise level.

    Args:
        schedule: the schedule.
        features: dimension D of a point.
        width: units in each hidden layer.
        blocks: number of residual blocks.
    """

    def __init__(
        self, schedule: NoiseSchedule, features: int = 2, width: int = 128, blocks: int = 4
    ) -> None:
        super().__init__()
        self.schedule = schedule
        self.embed = nn.Embedding(len(schedule), width)
        self.enter = nn.Linear(features, width)
        self.blocks = nn.ModuleList(ResidualBlock(width) for _ in range(blocks))
        self.leave = nn.Linear(width, 2 * features)

    def forward(self, x_t: Tensor, noise_level: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance, each (B, D), from x_t (B, D) and √ᾱ_t of the schedule, (B,)."""
        timesteps = self.schedule.nearest_timesteps(once_if_shared(noise_level))
        embedding = self.embed(timesteps)
        hidden = self.enter(x_t)
        for block in self.blocks:
            hidden = block(hidden, embedding)
        shift, log_ratio = self.leave(F.silu(hidden)).chunk(2, dim=1)
        betas = self.schedule.on(x_t.device).betas[timesteps, None].to(x_t)
        # e^±8 bounds the variance, so that a bad step early in training cannot overflow.
        return x_t + betas.sqrt() * shift, betas.log() + log_ratio.clamp(-8, 8)
