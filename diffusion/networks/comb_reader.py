"""Reads a comb off a mel spectrogram: which partials a sound has, how strong, and how sure that is.

A mel band is 40 to 350 Hz wide, and a partial must be known to some 2 Hz. But the ratio of two
neighbouring bands tells where between them a partial lies, and a few partials tell all others.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.networks.comb import PARTIALS, SLOTS, Comb, Reading
from diffusion.networks.comb_classes import (
    F0_CLASSES,
    INHARMONICITY_CLASSES,
    INHARMONICITY_TOP,
    inharmonicity_of,
    log_f0_of,
)
from diffusion.networks.comb_layers import Residual, TimeBlock, least_squares, mean_spectra
from diffusion.networks.sounding_frames import sounding_spans

LINES_HZ = 10.0  # between the lines of the bands' response
OCTAVE = 12  # semitones that a second note may be above the first
SUBFRAMES = 6  # values of the envelope in a frame of the mel
SILENCE = -20.0  # ln of an envelope that is none
DEPTH = 10.0  # nepers below the loudest cell, that are still looked at
REACH = 2  # bands on either side of a partial, that are looked at
FEATURES = 4 * (2 * REACH + 1) + 8
PITCHES, INTERVALS = 3, 2  # that are tried of each sound
APART = 5  # classes of f0 between two that are tried


@dataclass(frozen=True)
class Overview:
    """What the whole spectrogram tells at once.

    Attributes:
        spectrum: ln of the mean magnitudes of the bands, and of their root mean square, relative
            to the loudest cell, (B, 2, bands).
        hidden: for the passes that follow, (B, hidden).
        f0, inharmonicity, interval: logits of their classes.
        envelope: ln of the envelope, SUBFRAMES for each frame, (B, SUBFRAMES · K).
    """

    spectrum: Tensor
    hidden: Tensor
    f0: Tensor
    inharmonicity: Tensor
    interval: Tensor
    envelope: Tensor

    def repeated(self, count: int) -> Overview:
        """Each sound `count` times, one after the other."""
        return Overview(
            *(getattr(self, f.name).repeat_interleave(count, dim=0) for f in fields(self))
        )


class CombReader(nn.Module):
    """Finds the comb of a sound in its log-mel spectrogram (B, n_mels, K).

    First all of it: convolutions over time, pooled, give a distribution over f0 in steps of 10
    cents, and over classes of B and of a second note's interval. Then, from one comb, each partial
    looks at the bands around it. A transformer over the partials gives each an offset d_k in Hz
    and a weight w_k, and the step is that of weighted least squares,

        argmin_{δ, β} Σ_k w_k (d_k − δ ∂f_k/∂ln f0 − β ∂f_k/∂B)² + λ_1 δ² + λ_2 β²:

    a step of Gauss and Newton whose residuals are learned. Three of them are made.

    Args:
        n_mels: bands.
        channels: of the convolutions.
        hidden: of the layers over the pooled features.
        width: of the transformer.
        layers: of the transformer.
        highest: Hz, half the sample rate.
    """

    log_response: Tensor
    bands: Tensor

    def __init__(
        self,
        n_mels: int = 80,
        channels: int = 192,
        hidden: int = 384,
        width: int = 96,
        layers: int = 3,
        highest: float = 11_025.0,
    ) -> None:
        super().__init__()
        self.n_mels, self.highest = n_mels, highest
        lines = round(highest / LINES_HZ) + 2
        self.register_buffer("log_response", torch.zeros(lines, n_mels))
        self.register_buffer("bands", torch.zeros(lines, 2 * REACH + 1, dtype=torch.long))
        self.enter = nn.Conv1d(n_mels, channels, 5, padding=2)
        self.blocks = nn.ModuleList(TimeBlock(channels, 2**i) for i in range(4))
        self.attend = nn.Conv1d(channels, 2, 1)
        self.envelope = nn.Conv1d(channels, SUBFRAMES, 1)
        self.gather = nn.Linear(2 * channels + 2 * n_mels, hidden)
        self.mix = nn.ModuleList(Residual(hidden) for _ in range(3))
        self.f0 = nn.Linear(hidden, F0_CLASSES)
        self.rest = nn.Linear(hidden, INHARMONICITY_CLASSES + OCTAVE + 1)
        self.token = nn.Sequential(nn.Linear(FEATURES, width), nn.SiLU(), nn.Linear(width, width))
        self.context = nn.Linear(hidden, width)
        layer = nn.TransformerEncoderLayer(
            width, 4, 2 * width, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.partials = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.each = nn.Linear(width, 3)  # d_k, w_k and the amplitude
        self.all = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 3))

    def overview(self, log_mels: Tensor) -> Overview:
        """What the whole spectrogram tells."""
        relative = log_mels - log_mels.amax(dim=(1, 2), keepdim=True)
        seen = relative.clamp(min=-DEPTH) / 3 + 1
        hidden = self.enter(seen)
        for block in self.blocks:
            hidden = block(hidden)
        attention = self.attend(hidden).softmax(dim=2)
        pooled = torch.einsum("bht,bct->bhc", attention, hidden).flatten(1)
        spectrum = mean_spectra(relative)
        features = self.gather(torch.cat([pooled, spectrum.flatten(1) / 3 + 1], dim=1))
        for layer in self.mix:
            features = layer(features)
        inharmonicity, interval = self.rest(features).split(
            [INHARMONICITY_CLASSES, OCTAVE + 1], dim=1
        )
        level = relative.exp().square().sum(dim=1, keepdim=True).clamp(min=1e-9).log() / 2
        envelope = (level + self.envelope(hidden)).transpose(1, 2).flatten(1)
        return Overview(spectrum, features, self.f0(features), inharmonicity, interval, envelope)

    def look(self, overview: Overview, comb: Comb) -> Reading:
        """One pass over the partials of a comb."""
        sounding = comb.sounding(self.highest)
        features, alone = self._features(overview.spectrum, comb, sounding)
        tokens = self.token(features)
        tokens = tokens + self.context(overview.hidden)[:, None]
        tokens = self.norm(self.partials(tokens, src_key_padding_mask=~sounding))
        weights = sounding.to(tokens)[..., None]
        pooled = self.all((weights * tokens).sum(dim=1) / weights.sum(dim=1))
        offsets, certainty, amplitudes = self.each(tokens).unbind(dim=2)
        step = least_squares(
            comb, 10 * offsets, F.softplus(certainty) * sounding, F.softplus(pooled[:, :2]) + 1e-3
        )
        return Reading(comb.moved(*step), alone + amplitudes, pooled[:, 2])

    def fit_response(self, log_response: Tensor) -> None:
        """Set ln of the bands' magnitudes for a sine of amplitude 1, every 10 Hz, (lines, n_mels).

        And which bands a partial at a line looks at: the strongest and its neighbours.
        """
        self.log_response.copy_(log_response)
        around = torch.arange(-REACH, REACH + 1)
        strongest = log_response.argmax(dim=1)[:, None]
        self.bands.copy_((strongest + around).clamp(0, self.n_mels - 1))

    def forward(self, log_mels: Tensor) -> tuple[Reading, Tensor]:
        """The comb that explains log-mels (B, n_mels, K) best, and ln of the envelope (B, 6 K).

        The likeliest classes give six combs to begin with; after two passes the one with the best
        score goes on to the third. Silence before and after a sound is not looked at.
        """
        found, order = [], []
        for rows, frames in sounding_spans(log_mels):
            reading, envelope = self._read(log_mels[rows, :, frames])
            around = SUBFRAMES * frames.start, SUBFRAMES * (log_mels.shape[2] - frames.stop)
            found.append((reading, F.pad(envelope, around, value=SILENCE)))
            order.append(rows)
        readings, envelopes = zip(*found, strict=True)
        back = torch.cat(order).argsort()
        return Reading.joined(readings)[back], torch.cat(envelopes)[back]

    def _read(self, log_mels: Tensor) -> tuple[Reading, Tensor]:
        overview = self.overview(log_mels)
        starts = self._starts(overview)
        count = len(starts.log_f0) // len(log_mels)
        many = overview.repeated(count)
        reading = self.look(many, self.look(many, starts).comb)
        best = reading.score.reshape(len(log_mels), count).argmax(dim=1)
        rows = best + count * torch.arange(len(log_mels), device=best.device)
        return self.look(overview, reading.comb[rows]), overview.envelope

    def _starts(self, overview: Overview) -> Comb:
        """Three pitches times two intervals, the sounds one after the other, (6 B,)."""
        peaks = F.max_pool1d(overview.f0[:, None], 2 * APART + 1, 1, APART)[:, 0]
        highest = torch.where(overview.f0 == peaks, overview.f0, -torch.inf)
        pitches = highest.topk(PITCHES, dim=1).indices
        intervals = overview.interval.topk(INTERVALS, dim=1).indices
        stiffness = overview.inharmonicity.argmax(dim=1)
        count = PITCHES * INTERVALS
        return Comb(
            log_f0_of(pitches.repeat_interleave(INTERVALS, dim=1).flatten()),
            inharmonicity_of(stiffness).repeat_interleave(count),
            intervals.repeat(1, PITCHES).flatten().float(),
        )

    def _local(self, frequencies: Tensor) -> tuple[Tensor, Tensor]:
        """The bands around each frequency and ln of their magnitudes for a sine of amplitude 1.

        Both (…, 5); between the lines of the response it is interpolated.
        """
        position = (frequencies / LINES_HZ).clamp(0, len(self.log_response) - 1.001)
        bands = self.bands[position.round().long()]
        line = position.long()[..., None]
        low, high = self.log_response[line, bands], self.log_response[line + 1, bands]
        return bands, low + (position[..., None] - line) * (high - low)

    def _features(self, spectrum: Tensor, comb: Comb, sounding: Tensor) -> tuple[Tensor, Tensor]:
        """What each partial sees, (B, 80, FEATURES), and ln of its amplitude if it is alone."""
        frequencies = comb.frequencies()
        bands, response = self._local(frequencies)
        wide = spectrum[:, None].expand(-1, SLOTS, -1, -1)
        mean, root = wide.gather(3, bands[:, :, None].expand(-1, -1, 2, -1)).unbind(dim=2)
        largest, best = response.max(dim=2, keepdim=True)
        alone = (mean.gather(2, best) - largest)[..., 0]
        expected = (response - largest).clamp(min=-DEPTH / 2)
        ranks = torch.arange(1, PARTIALS + 1, device=mean.device).repeat(2)
        ones = torch.ones_like(frequencies)
        numbers = [
            frequencies / self.highest,
            ones * ranks / PARTIALS,
            ones * (comb.log_f0[:, None] - 5),
            ones * (comb.inharmonicity[:, None] / INHARMONICITY_TOP).sqrt(),
            ones * comb.interval[:, None] / OCTAVE,
            ones * (torch.arange(SLOTS, device=mean.device) >= PARTIALS),
            (comb.log_f0.exp()[:, None] / 100).clamp(max=3) * ones,
            ones * (comb.interval[:, None] != 0),
        ]
        local = [mean / 3 + 1, expected, (mean - expected) / 3 + 1, 2 * (root - mean)]
        features = torch.cat([*local, torch.stack(numbers, dim=2)], dim=2)
        return torch.where(sounding[..., None], features, 0.0), alone
