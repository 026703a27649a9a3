"""An unconditional noise predictor for waveforms of any length."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.networks.lapped_transform import LappedTransform

EMBEDDING = 64
FEATURES = 6  # that the layers see of each bin
CONTEXT = 4  # numbers that the context has for each bin
TIME_KERNEL, FREQUENCY_KERNEL = 3, 5


class WaveformNet(nn.Module):
    """Predicts the noise in waveforms: a Wiener filter that adapts, in a lapped transform.

    A synthetic sound is silent between its partials, and what one hears of a weak denoiser is the
    hiss there. In the bins X of an orthonormal lapped transform the noise is still white, and
    partials are a few large bins, so each bin gets a gain of its own,

        ε̂ = g X/σ + √g D,   g = sigmoid(ln(σ²/v) + G),

    where v is the mean power of the bin over the data. With G = D = 0 this is the Wiener filter,
    the best linear one. The layers give G, which raises or lowers the local signal-to-noise ratio,
    and D. They see X and its quadrature Y, each also as asinh(·/σ): noise at unit size, and the
    logarithm of what stands above it. `context` recognises the pitch from all bins; `local`
    compares each bin with its neighbours, by one rule at every frequency. Both are convolutions
    over time: any multiple of the block size will do.

    Args:
        block_size: samples in a block of the transform.
        width: channels of the context's layers.
        blocks: number of the context's residual blocks.
        channels: of the local layers.
    """

    bin_power: Tensor

    def __init__(
        self, block_size: int = 512, width: int = 384, blocks: int = 4, channels: int = 24
    ) -> None:
        super().__init__()
        self.transform = LappedTransform(block_size)
        self.register_buffer("bin_power", torch.ones(block_size))
        self.embed = nn.Sequential(
            nn.Linear(1, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, EMBEDDING), nn.SiLU()
        )
        self.context = Context(block_size, width, blocks)
        self.enter = _local_convolution(FEATURES + CONTEXT, channels)
        self.local = nn.ModuleList(LocalBlock(channels) for _ in range(2))
        self.leave = nn.Conv2d(channels, 2, 1)
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
        pair = torch.stack([bins, self.transform.quadrature(x_t)], dim=1)
        in_noise = pair / (1 - level**2).sqrt().to(x_t)[:, None]  # the noise has unit size
        whitened = pair * ((sigma**2 + self.bin_power).rsqrt() / level).to(x_t)[:, None]
        log_power = torch.log1p(in_noise.square().sum(dim=1, keepdim=True))
        prior = (2 * sigma.log() - self.bin_power.double().log()).to(x_t).expand_as(bins)
        embedding = self.embed((sigma.log()[:, :, 0] / 4).to(x_t))
        features = [whitened, torch.asinh(in_noise) / 3, log_power / 6, prior[:, None] / 8]
        gain_shift, extra = self._layers(torch.cat(features, dim=1), embedding)
        log_gain = F.logsigmoid(prior + gain_shift)  # its root has a gradient at g = 0 too
        eps = log_gain.exp() * in_noise[:, 0] + (log_gain / 2).exp() * extra
        return self.transform.inverse(eps)

    def _layers(self, features: Tensor, embedding: Tensor) -> tuple[Tensor, Tensor]:
        """G and D, each (B, K, bins), from features (B, FEATURES, K, bins)."""
        context = self.context(features, embedding)
        hidden = self.enter(torch.cat([features, context], dim=1))
        for block in self.local:
            hidden = block(hidden, embedding)
        gain_shift, extra = self.leave(F.silu(hidden)).unbind(dim=1)
        return gain_shift, extra


class Context(nn.Module):
    """What all bins together tell: a residual network along time, with the bins as channels."""

    def __init__(self, bins: int, width: int, blocks: int) -> None:
        super().__init__()
        self.embed = nn.Linear(EMBEDDING, width)
        self.enter = nn.Conv1d(FEATURES * bins, width, 1)
        self.blocks = nn.ModuleList(ContextBlock(width) for _ in range(blocks))
        self.norm = nn.GroupNorm(1, width)
        self.leave = nn.Conv1d(width, CONTEXT * bins, 1)

    def forward(self, features: Tensor, embedding: Tensor) -> Tensor:
        """Features (B, FEATURES, K, bins) and embedding (B, E) to (B, CONTEXT, K, bins)."""
        hidden = self.enter(features.transpose(2, 3).flatten(1, 2))
        shift = self.embed(embedding)[:, :, None]
        for block in self.blocks:
            hidden = block(hidden, shift)
        out: Tensor = self.leave(F.silu(self.norm(hidden)))
        return out.reshape(len(out), CONTEXT, -1, out.shape[-1]).transpose(2, 3)


class ContextBlock(nn.Module):
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


class LocalBlock(nn.Module):
    """h + conv(silu(h + W e)) over neighbouring blocks and bins."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.embed = nn.Linear(EMBEDDING, channels)
        self.convolution = _local_convolution(channels, channels)

    def forward(self, hidden: Tensor, embedding: Tensor) -> Tensor:
        """Hidden (B, channels, K, bins) and embedding (B, E) to hidden."""
        shifted = hidden + self.embed(embedding)[:, :, None, None]
        out: Tensor = self.convolution(F.silu(shifted))
        return hidden + out


def _local_convolution(inputs: int, outputs: int) -> nn.Conv2d:
    kernel = TIME_KERNEL, FREQUENCY_KERNEL
    return nn.Conv2d(inputs, outputs, kernel, padding=(TIME_KERNEL // 2, FREQUENCY_KERNEL // 2))
