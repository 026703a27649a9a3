"""WaveGrad, the mel-conditioned noise predictor of Chen et al. 2020 (arXiv 2009.00713).

Two streams meet. The noisy waveform is *downsampled* in steps; at each rate a FiLM layer turns
it, with the noise level, into one scale and one shift per channel and sample. The mel
spectrogram is *upsampled* in steps; at each rate those scales and shifts modulate it.

    x_t ── conv ─┬─ down ─┬─ down ─┬─ down ─┬─ down ─┐
    √ᾱ ──────── FiLM     FiLM     FiLM     FiLM     FiLM
                 │        │        │        │        │
    ε̂ ─── conv ─ up ───── up ───── up ───── up ───── up ── conv ── mel

The mathematics and the parameter count are those of the tutorial's network; only the order of
some linear steps differs, to cost less (see `wavegrad_blocks`). Both rates change by linear
interpolation, as in the tutorial: repeating samples (nearest neighbour, the other public choice)
leaves stronger images of the low band in the high one.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from diffusion.networks.wavegrad_blocks import DownsamplingBlock, FiLM, UpsamplingBlock, same_conv


@dataclass(frozen=True)
class WaveGradConfig:
    """Sizes of a WaveGrad network; the defaults are the paper's (15.8 million parameters).

    `dataclasses.asdict` gives plain JSON, and `WaveGradConfig(**json)` reads it back.

    The wide dilations (4, 8) are on the last three upsampling blocks, as in the tutorial and both
    public networks; readers of the paper report them on the first three, so they can be set.

    Attributes:
        n_mels: mel bands of the condition.
        factors: of the upsampling, from mel frames to samples; their product is `hop`.
        upsampling_preconv_channels: channels after the first convolution of the mel.
        upsampling_channels: of each upsampling block, one per factor.
        upsampling_dilations: four per upsampling block.
        downsampling_preconv_channels: channels after the first convolution of the waveform.
        downsampling_channels: of each downsampling block, one fewer than factors; even.
        downsampling_dilations: one or more per downsampling block.
    """

    n_mels: int = 80
    factors: tuple[int, ...] = (5, 5, 3, 2, 2)
    upsampling_preconv_channels: int = 768
    upsampling_channels: tuple[int, ...] = (512, 512, 256, 128, 128)
    upsampling_dilations: tuple[tuple[int, ...], ...] = ((1, 2, 1, 2),) * 2 + ((1, 2, 4, 8),) * 3
    downsampling_preconv_channels: int = 32
    downsampling_channels: tuple[int, ...] = (128, 128, 256, 512)
    downsampling_dilations: tuple[tuple[int, ...], ...] = ((1, 2, 4),) * 4

    def __post_init__(self) -> None:
        for name, value in vars(self).copy().items():
            object.__setattr__(self, name, _positive(name, value))
        blocks = len(self.factors)
        for kind, expected in (("upsampling", blocks), ("downsampling", blocks - 1)):
            for name in (f"{kind}_channels", f"{kind}_dilations"):
                value = getattr(self, name)
                if len(value) != expected:
                    raise ValueError(f"{name} is {value}; {blocks} factors need {expected} entries")
        if any(len(dilations) != 4 for dilations in self.upsampling_dilations):
            raise ValueError(f"upsampling_dilations is {self.upsampling_dilations}; need 4 each")
        signal_channels = (self.downsampling_preconv_channels, *self.downsampling_channels)
        if any(channels % 2 for channels in signal_channels):
            raise ValueError(f"the downsampling channels are {signal_channels}; they must be even")

    @property
    def hop(self) -> int:
        """Samples per mel frame: the product of the factors (300 in the paper)."""
        return math.prod(self.factors)

    @classmethod
    def scaled(cls, divisor: int) -> "WaveGradConfig":
        """Divide all channels of the paper's size by `divisor`: 1, 2, 4, 8 or 16."""
        if divisor not in (1, 2, 4, 8, 16):
            raise ValueError(f"divisor is {divisor}; it must be 1, 2, 4, 8 or 16")
        return cls(
            upsampling_preconv_channels=cls.upsampling_preconv_channels // divisor,
            upsampling_channels=tuple(c // divisor for c in cls.upsampling_channels),
            downsampling_preconv_channels=cls.downsampling_preconv_channels // divisor,
            downsampling_channels=tuple(c // divisor for c in cls.downsampling_channels),
        )


def _positive(name: str, value: Any) -> Any:
    """Return `value`, lists as tuples; raise ValueError unless it is integers of 1 or more."""
    if isinstance(value, list | tuple) and value:
        return tuple(_positive(name, item) for item in value)
    if type(value) is not int or value < 1:
        raise ValueError(f"{name} has {value!r}; it must have integers of at least 1")
    return value


class WaveGrad(nn.Module):
    """ε̂ = network(x_t, √ᾱ, mel): the noise in a waveform, given its mel spectrogram."""

    def __init__(self, config: WaveGradConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or WaveGradConfig()
        down = (c.downsampling_preconv_channels, *c.downsampling_channels)
        up = (c.upsampling_preconv_channels, *c.upsampling_channels)
        down_blocks = zip(pairwise(down), c.factors[:0:-1], c.downsampling_dilations, strict=True)
        up_blocks = zip(pairwise(up), c.factors, c.upsampling_dilations, strict=True)
        self.signal_conv = same_conv(1, down[0], 5)
        self.downsampling = nn.ModuleList(DownsamplingBlock(*s, f, d) for s, f, d in down_blocks)
        self.films = nn.ModuleList(FiLM(*s) for s in zip(down, up[:0:-1], strict=True))
        self.mel_conv = same_conv(c.n_mels, up[0], 3)
        self.upsampling = nn.ModuleList(UpsamplingBlock(*s, f, d) for s, f, d in up_blocks)
        self.output_conv = same_conv(up[-1], 1, 3)

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict the noise ε̂, of the shape of x_t.

        Args:
            x_t: noisy waveform, (B, T).
            noise_level: √ᾱ in (0, 1], (B,).
            condition: mel spectrogram, (B, n_mels, T / hop).
        """
        mel = self._checked(x_t, noise_level, condition)
        h = self.signal_conv(x_t[:, None])
        modulations = [self.films[0](h, noise_level)]
        for down, film in zip(self.downsampling, self.films[1:], strict=True):
            h = down(h)
            modulations.append(film(h, noise_level))
        h = self.mel_conv(mel)
        for up in self.upsampling:
            h = up(h, *modulations.pop())
        eps: Tensor = self.output_conv(h)
        return eps[:, 0]

    def _checked(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None) -> Tensor:
        """Return the condition, or raise ValueError where the shapes do not fit together."""
        n_mels, hop = self.config.n_mels, self.config.hop
        if x_t.ndim != 2 or x_t.shape[1] < hop or x_t.shape[1] % hop:
            raise ValueError(f"x_t is {tuple(x_t.shape)}; need (B, T) with T a multiple of {hop}")
        batch, frames = x_t.shape[0], x_t.shape[1] // hop
        if noise_level.shape != (batch,):
            raise ValueError(f"noise_level is {tuple(noise_level.shape)}; need ({batch},)")
        if condition is None or condition.shape != (batch, n_mels, frames):
            shape = None if condition is None else tuple(condition.shape)
            raise ValueError(f"condition is {shape}; need a mel ({batch}, {n_mels}, {frames})")
        return condition
