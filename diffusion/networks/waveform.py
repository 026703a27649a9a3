"""An unconditional noise predictor for waveforms of any length."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.networks.lapped_transform import LappedTransform


class WaveformNet(nn.Module):
    """Predicts the noise in waveforms: a Wiener filter that adapts, in a lapped transform.

    A synthetic sound is silent between its partials, and what one hears of a weak denoiser is the
    hiss there. In the bins X of an orthonormal lapped transform the noise is still white, and
    partials are a few large bins, so each bin gets a gain of its own,

        ε̂ = g X/σ + √g F,   g = sigmoid(ln(σ²/v) + G),

    where v is the mean power of the bin over the data. With G = F = 0 this is the Wiener filter,
    the best linear one; the layers give G, which raises or lowers the local signal-to-noise ratio,
    and F. They see asinh(X/σ), which is the noise at unit size and the logarithm of what stands
    above it, and are convolutions over the blocks: any multiple of the block size will do.

    Args:
        block_size: samples in a block of the transform.
        width: channels of the hidden layers.
        blocks: number of residual blocks.
    """

    bin_power: Tensor

    def __init__(self, block_size: int = 512, width: int = 384, blocks: int = 4) -> None:
        super().__init__()
        self.transform = LappedTransform(block_size)
        self.register_buffer("bin_power", torch.ones(block_size))
        self.embed = nn.Sequential(nn.Linear(1, 64), nn.SiLU(), nn.Linear(64, width))
        self.enter = nn.Conv1d(2 * block_size, width, 1)
        self.blocks = nn.ModuleList(ResidualConv(width) for _ in range(blocks))
        self.norm = nn.GroupNorm(1, width)
        self.leave = nn.Conv1d(width, 2 * block_size, 1)
        for parameter in self.leave.parameters():  # start as the Wiener filter
            nn.init.zeros_(parameter)

    @torch.no_grad()
    def fit_bin_power(self, waveforms: Tensor) -> None:
        """Set v, the mean power of each bin, from data (N, T)."""
        self.bin_power.copy_(self.transform(waveforms).square().mean(dim=(0, 1)).clamp(min=1e-10))

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: None = None) -> Tensor:
        """Predict ε, shape (B, T), from x_t, shape (B, T), and √ᾱ in (0, 1), shape (B,)."""
        level = noise_level.double()[:, None, None]  # in float32, 1 - ᾱ would lose its digits
        sigma = (1 - level**2).sqrt() / level
        bins = self.transform(x_t)
        in_noise = bins / (1 - level**2).sqrt().to(x_t)  # X/σ: the noise has unit size
        scale = (sigma**2 + self.bin_power).rsqrt()
        whitened = bins * (scale / level).to(x_t)
        log_sigma = sigma.log()[:, :, 0].to(x_t)
        gain_shift, extra = self._layers(whitened, in_noise, log_sigma)
        prior = (2 * sigma.log() - self.bin_power.double().log()).to(x_t)
        gain = torch.sigmoid(prior + gain_shift)
        return self.transform.inverse(gain * in_noise + gain.sqrt() * extra)

    def _layers(
        self, whitened: Tensor, in_noise: Tensor, log_sigma: Tensor
    ) -> tuple[Tensor, Tensor]:
        features = torch.cat([whitened, torch.asinh(in_noise)], dim=2).transpose(1, 2)
        hidden = self.enter(features)
        embedding = self.embed(log_sigma / 4)[:, :, None]
        for block in self.blocks:
            hidden = block(hidden, embedding)
        gain_shift, extra = self.leave(F.silu(self.norm(hidden))).transpose(1, 2).chunk(2, dim=2)
        return gain_shift, extra


class ResidualConv(nn.Module):
    """h + conv₁(silu(conv₃(silu(norm(h) + e)))), with e the embedding of the noise level."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width)
        self.first = nn.Conv1d(width, width, 3, padding=1)
        self.second = nn.Conv1d(width, width, 1)
        nn.init.zeros_(self.second.weight)

    def forward(self, hidden: Tensor, embedding: Tensor) -> Tensor:
        """Hidden (B, width, K) and embedding (B, width, 1) to hidden."""
        out: Tensor = self.second(F.silu(self.first(F.silu(self.norm(hidden) + embedding))))
        return hidden + out
