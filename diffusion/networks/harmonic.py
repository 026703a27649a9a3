"""A noise predictor that knows what partials are: a comb read off the mel, or else another network."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from diffusion.networks.comb_reader import CombReader, Reading
from diffusion.networks.sines import fitted
from diffusion.networks.waveform import WaveformNet

FAINTEST = 7.0  # nepers below a sound's loudest partial, from which on there is none


class HarmonicNet(nn.Module):
    """Predicts the noise in notes by the partials that their mel spectrogram tells of.

    A `CombReader` reads f0, inharmonicity, a second note, amplitudes and envelope off the mel; then
    the sound is known but for its phases, x̂_0 is `fitted`, and ε̂ = (x_t − √ᾱ x̂_0)/√(1 − ᾱ).
    Nothing sounds between the partials. Of a sound that the reader does not recognise as such a
    note, its score being below `trust`, the noise is predicted by a `WaveformNet`.

    Args:
        reader: options of `CombReader`.
        other: options of `WaveformNet`.
        trust: logit of the score from which a reading is believed.
        sample_rate: Hz.
    """

    def __init__(
        self,
        reader: dict[str, Any],
        other: dict[str, Any],
        trust: float = 0.0,
        sample_rate: int = 22_050,
    ) -> None:
        super().__init__()
        self.trust, self.sample_rate = trust, sample_rate
        self.reader = CombReader(**reader)
        self.other = WaveformNet(**other)
        self._last: tuple[Tensor, Reading, Tensor] | None = None

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor) -> Tensor:
        """Predict ε, (B, T), from x_t (B, T), √ᾱ in (0, 1), (B,), and the mel (B, n_mels, T/hop).

        Raises:
            ValueError: if T is not a multiple of the other network's block size, or the condition
                does not fit.
        """
        reading, log_envelope = self.read(condition)
        eps = torch.empty_like(x_t)
        notes = reading.score > self.trust
        if not bool(notes.all()):
            rest = ~notes
            eps[rest] = self.other(x_t[rest], noise_level[rest], condition[rest])
        for row in notes.nonzero()[:, 0].tolist():
            one = slice(row, row + 1)
            level = noise_level[one].double()
            noise = (1 - level**2).sqrt()
            y = x_t[one] / level.to(x_t)[:, None]
            sines = self.sines(reading, condition, row)
            original = fitted(y, (noise / level).to(x_t), *sines, log_envelope[one].exp())
            eps[one] = (x_t[one] - level.to(x_t)[:, None] * original) / noise.to(x_t)[:, None]
        return eps

    def read(self, condition: Tensor) -> tuple[Reading, Tensor]:
        """What the reader finds; of one and the same mel, step after step, it is kept."""
        last = self._last
        if last is not None and last[0] is condition and not torch.is_grad_enabled():
            return last[1], last[2]
        reading, envelope = self.reader(condition)
        self._last = condition, reading, envelope
        return reading, envelope

    def sines(self, reading: Reading, condition: Tensor, row: int) -> tuple[Tensor, Tensor]:
        """ω and amplitude of the partials of one sound that are heard, each (1, J)."""
        frequencies = reading.comb.frequencies()[row]
        logs = reading.amplitudes[row]
        sounding = reading.comb.sounding(self.reader.highest)[row]
        heard = sounding & (logs > logs[sounding].max() - FAINTEST)
        amplitudes = (logs[heard] + condition[row].max()).exp()
        return 2 * math.pi / self.sample_rate * frequencies[heard][None], amplitudes[None]
