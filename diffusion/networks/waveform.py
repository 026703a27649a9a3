"""A noise predictor for waveforms of any length, with or without their mel spectrogram."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.networks.band_powers import LEAST_POWER, MEL_SCALE, band_powers, fit_mixing
from diffusion.networks.lapped_transform import LappedTransform

EMBEDDING = 64
LOCAL_FEATURES = 6  # that the local layers see of each bin
CONTEXT_FEATURES = 3  # that the context sees of each bin
CONTEXT = 2  # numbers that the context has for each bin
FREQUENCY_KERNEL = 9


class WaveformNet(nn.Module):
    """Predicts the noise in waveforms: a Wiener filter that adapts, in a lapped transform.

    A synthetic sound is silent between its partials, and what one hears of a weak denoiser is the
    hiss there. In the bins X of an orthonormal lapped transform the noise is still white, and
    partials are a few large bins, so each bin gets a gain of its own,

        ε̂ = g X/σ + √g D,   g = sigmoid(ln(σ²/v) + G),

    where v is the power of the bin to be expected: its mean over the data or, with a condition, a
    sum of the powers in the bands of the mel spectrogram, sharpened by a learned linear layer. With
    G = D = 0 this is the Wiener filter, the best linear one. At √ᾱ = 1 there is no noise, and ε̂ =
    0. The layers give G, which raises or lowers the local signal-to-noise ratio, and D. They see X
    and its quadrature Y, each also as asinh(·/σ): noise at unit size, and the logarithm of what
    stands above it. `context` recognises the pitch from the low bins together; `local` compares
    each bin with its neighbours, by one rule at every frequency. Both are convolutions over time:
    any multiple of the block size will do.

    The longer a block, the finer the bins, and the less noise hides under a steady partial.

    Args:
        block_size: samples in a block of the transform, and bins.
        local_bins: the lowest bins, that the layers treat; above, where next to nothing sounds,
            the Wiener filter is left alone.
        context_bins: the lowest of these, that the context sees.
        width: channels of the context's layers.
        blocks: number of the context's residual blocks.
        channels: of the local layers.
        time_kernel: blocks that a layer sees together, odd; 1 where a frame is a single block.
        n_mels: bands of the log-mel spectrogram that is the condition; 0: there is none.
        hop: samples in a frame of the mel; a divisor of the block size.

    Raises:
        ValueError: if not context_bins ≤ local_bins ≤ block_size, or the hop does not fit.
    """

    bin_power: Tensor

    def __init__(
        self,
        block_size: int = 4096,
        local_bins: int = 2048,
        context_bins: int = 1024,
        width: int = 192,
        blocks: int = 4,
        channels: int = 16,
        time_kernel: int = 3,
        n_mels: int = 0,
        hop: int = 300,
    ) -> None:
        super().__init__()
        if not 0 < context_bins <= local_bins <= block_size:
            raise ValueError(
                "context_bins <= local_bins <= block_size must hold, got "
                f"{context_bins}, {local_bins}, {block_size}"
            )
        if n_mels and block_size % hop:
            raise ValueError(f"block_size must be a multiple of the hop {hop}, got {block_size}")
        self.local_bins, self.context_bins = local_bins, context_bins
        self.n_mels, self.hop, self.mel_features = n_mels, hop, n_mels * (block_size // hop)
        self.transform = LappedTransform(block_size)
        shape = (self.mel_features + 1, block_size) if n_mels else (block_size,)
        self.register_buffer("bin_power", torch.ones(shape))
        self.sharpen = nn.Linear(self.mel_features, block_size) if n_mels else None
        self.embed = nn.Sequential(
            nn.Linear(1, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, EMBEDDING), nn.SiLU()
        )
        self.context = Context(context_bins, width, blocks, time_kernel, self.mel_features)
        self.enter = _local_convolution(LOCAL_FEATURES + CONTEXT, channels, time_kernel)
        self.local = nn.ModuleList(LocalBlock(channels, time_kernel) for _ in range(2))
        self.leave = nn.Conv2d(channels, 2, 1)
        for layer in (self.leave, self.sharpen):  # start as the Wiener filter
            for parameter in () if layer is None else layer.parameters():
                nn.init.zeros_(parameter)

    @torch.no_grad()
    def fit_power(self, waveforms: Tensor, condition: Tensor | None = None) -> None:
        """Set v from data (N, T): the mean power, or how a mel's powers add up to it."""
        power = self.transform(waveforms).square()
        stacked = self._stack(waveforms, condition)
        if stacked is None:
            self.bin_power.copy_(power.mean(dim=(0, 1)).clamp(min=LEAST_POWER))
            return
        power = (power + self.transform.quadrature(waveforms).square()) / 2
        mels = band_powers(stacked).flatten(0, 1)
        self.bin_power.copy_(fit_mixing(mels, power.flatten(0, 1)))

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε, (B, T), from x_t (B, T), √ᾱ in (0, 1], (B,), and a mel (B, n_mels, T/hop).

        Raises:
            ValueError: if T is not a multiple of the block size, or the condition does not fit.
        """
        level = noise_level.double()[:, None, None]  # in float32, 1 - ᾱ would lose its digits
        noiseless = level == 1
        level = level.masked_fill(noiseless, 0.5)  # any, for ln σ has no limit
        noise = (1 - level**2).sqrt()
        log_sigma = (noise / level).log()
        bins = self.transform(x_t)
        mels = self._stack(x_t, condition)
        log_power = self._log_power(mels)
        # ln(σ²/v): how far the noise stands above the data, before one has looked at either
        prior = (2 * log_sigma).to(x_t) - log_power.expand_as(bins)
        pair = torch.stack([bins, self.transform.quadrature(x_t)], dim=1)[..., : self.local_bins]
        in_noise = pair / noise.to(x_t)[:, None]  # the noise has unit size
        low_prior = prior[:, None, :, : self.local_bins]
        embedding = self.embed((log_sigma[:, :, 0] / 4).to(x_t))
        gain_shift, extra = self._layers(in_noise, low_prior, embedding, mels)
        log_gain = F.logsigmoid(prior + self._widen(gain_shift, prior))
        # The root of the gain has a gradient at g = 0 too.
        shift = (log_gain / 2).exp() * self._widen(extra, prior)
        eps = log_gain.exp() * bins / noise.to(x_t) + shift
        return self.transform.inverse(eps.masked_fill(noiseless, 0))

    def check_condition(self, x_t: Tensor, condition: Tensor | None) -> None:
        """Refuse a condition that does not fit.

        Raises:
            ValueError: if it does not.
        """
        expected = (len(x_t), self.n_mels, x_t.shape[1] // self.hop) if self.n_mels else None
        if (None if condition is None else tuple(condition.shape)) != expected:
            shape = None if condition is None else tuple(condition.shape)
            raise ValueError(f"condition must have the shape {expected}, got {shape}")

    def _stack(self, x_t: Tensor, condition: Tensor | None) -> Tensor | None:
        """The mel frames of each block side by side, (B, K, features)."""
        self.check_condition(x_t, condition)
        if condition is None:
            return None
        per_block = self.transform.size // self.hop
        frames = MEL_SCALE * condition.reshape(len(x_t), self.n_mels, -1, per_block)
        return frames.transpose(1, 2).flatten(2)

    def _log_power(self, mels: Tensor | None) -> Tensor:
        """Logarithm of v: the bands' powers add up, and what lies between them is learned."""
        if mels is None or self.sharpen is None:
            return self.bin_power.log()
        # Powers of silence are 10⁻¹⁰, which is 0 in fp16: this product alone is never in 16 bits.
        with torch.autocast(mels.device.type, enabled=False):
            log_power = (band_powers(mels) @ self.bin_power).log()
        sharpened: Tensor = log_power + self.sharpen(mels)
        return sharpened

    def _layers(
        self, in_noise: Tensor, prior: Tensor, embedding: Tensor, mels: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """G and D, each (B, K, bins), from X/σ and Y/σ (B, 2, K, bins) and ln σ²/v (B, 1, …)."""
        power = torch.log1p(in_noise.square().sum(dim=1, keepdim=True)) / 6
        squeezed = torch.asinh(in_noise) / 3
        whitened = in_noise * torch.sigmoid(prior).sqrt()  # data and noise together at unit size
        seen = torch.cat([squeezed, power], dim=1)[..., : self.context_bins]
        context = self._widen(self.context(seen, embedding, mels), prior)
        features = torch.cat([whitened, squeezed, power, prior / 8, context], dim=1)
        # With the channels innermost a convolution on a CPU takes two thirds of the time.
        hidden = self.enter(features.contiguous(memory_format=torch.channels_last))
        for block in self.local:
            hidden = block(hidden, embedding)
        gain_shift, extra = self.leave(F.silu(hidden)).unbind(dim=1)
        return gain_shift, extra

    @staticmethod
    def _widen(values: Tensor, like: Tensor) -> Tensor:
        """The values with zeros in the bins above, as many as `like` has."""
        return F.pad(values, (0, like.shape[-1] - values.shape[-1]))


class Context(nn.Module):
    """What the low bins show together: a residual network along time, with the bins as channels."""

    def __init__(
        self, bins: int, width: int, blocks: int, time_kernel: int, mel_features: int
    ) -> None:
        super().__init__()
        self.embed = nn.Linear(EMBEDDING, width)
        self.enter_mel = nn.Linear(mel_features, width) if mel_features else None
        self.enter = nn.Conv1d(CONTEXT_FEATURES * bins, width, 1)
        self.blocks = nn.ModuleList(ContextBlock(width, time_kernel) for _ in range(blocks))
        self.norm = nn.GroupNorm(1, width)
        self.leave = nn.Conv1d(width, CONTEXT * bins, 1)

    def forward(self, features: Tensor, embedding: Tensor, mels: Tensor | None) -> Tensor:
        """Features (B, 3, K, bins), embedding (B, E), mels (B, K, …) to context (B, 2, K, bins)."""
        hidden = self.enter(features.transpose(2, 3).flatten(1, 2))
        if self.enter_mel is not None:
            hidden = hidden + self.enter_mel(mels).transpose(1, 2)
        shift = self.embed(embedding)[:, :, None]
        for block in self.blocks:
            hidden = block(hidden, shift)
        out: Tensor = self.leave(F.silu(self.norm(hidden)))
        return out.reshape(len(out), CONTEXT, -1, out.shape[-1]).transpose(2, 3)


class ContextBlock(nn.Module):
    """h + conv₁(silu(conv(silu(norm(h) + e)))), with e the embedding of the noise level."""

    def __init__(self, width: int, time_kernel: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width)
        self.first = nn.Conv1d(width, width, time_kernel, padding=time_kernel // 2)
        self.second = nn.Conv1d(width, width, 1)
        nn.init.zeros_(self.second.weight)

    def forward(self, hidden: Tensor, embedding: Tensor) -> Tensor:
        """Hidden (B, width, K) and embedding (B, width, 1) to hidden."""
        out: Tensor = self.second(F.silu(self.first(F.silu(self.norm(hidden) + embedding))))
        return hidden + out


class LocalBlock(nn.Module):
    """h + conv(silu(h + W e)) over neighbouring blocks and bins."""

    def __init__(self, channels: int, time_kernel: int) -> None:
        super().__init__()
        self.embed = nn.Linear(EMBEDDING, channels)
        self.convolution = _local_convolution(channels, channels, time_kernel)

    def forward(self, hidden: Tensor, embedding: Tensor) -> Tensor:
        """Hidden (B, channels, K, bins) and embedding (B, E) to hidden."""
        shifted = hidden + self.embed(embedding)[:, :, None, None]
        out: Tensor = self.convolution(F.silu(shifted))
        return hidden + out


def _local_convolution(inputs: int, outputs: int, time_kernel: int) -> nn.Conv2d:
    kernel = time_kernel, FREQUENCY_KERNEL
    return nn.Conv2d(inputs, outputs, kernel, padding=(time_kernel // 2, FREQUENCY_KERNEL // 2))
