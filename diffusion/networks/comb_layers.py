"""The layers of a `CombReader`, and the two sums that it is made of besides."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.networks.comb import Comb

FINE = 0.01, 1e-4  # steps of ln f0 and B that move partials by some Hz


class TimeBlock(nn.Module):
    """h + conv₁(silu(conv(silu(norm(h))))), dilated along time."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, channels)
        self.first = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.second = nn.Conv1d(channels, channels, 1)

    def forward(self, hidden: Tensor) -> Tensor:
        """Hidden (B, channels, K) to hidden."""
        out: Tensor = self.second(F.silu(self.first(F.silu(self.norm(hidden)))))
        return hidden + out


class Residual(nn.Module):
    """h + W₂ silu(W₁ norm(h))."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.first, self.second = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)

    def forward(self, hidden: Tensor) -> Tensor:
        """Hidden (B, hidden) to hidden."""
        out: Tensor = self.second(F.silu(self.first(self.norm(hidden))))
        return hidden + out


def mean_spectra(relative: Tensor) -> Tensor:
    """Mean and root mean square over time of (B, bands, K), frames counting by their loudness.

    Where they differ, something beats in the band.
    """
    power = relative.exp().square()
    level = power.sum(dim=1, keepdim=True).sqrt()
    total = level.square().sum(dim=2).clamp(min=1e-12)
    mean = (relative.exp() * level).sum(dim=2) / total
    root = (power.sum(dim=2) / total).sqrt()
    loudest = level.amax(dim=2)
    return (torch.stack([mean, root], dim=1) * loudest[:, None]).clamp(min=1e-6).log()


def least_squares(
    comb: Comb, offsets: Tensor, weights: Tensor, ridge: Tensor
) -> tuple[Tensor, Tensor]:
    """The steps of ln f0 and B, each (B,)."""
    pitch, stiffness = (s * fine for s, fine in zip(comb.sensitivity(), FINE, strict=True))
    pp = (weights * pitch**2).sum(dim=1) + ridge[:, 0]
    ss = (weights * stiffness**2).sum(dim=1) + ridge[:, 1]
    ps = (weights * pitch * stiffness).sum(dim=1)
    p, s = ((weights * j * offsets).sum(dim=1) for j in (pitch, stiffness))
    determinant = pp * ss - ps**2
    return (
        FINE[0] * (ss * p - ps * s) / determinant,
        FINE[1] * (pp * s - ps * p) / determinant,
    )
