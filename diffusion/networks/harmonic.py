"""A noise predictor for notes: their partials are read off the mel, and only phases are unknown."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from diffusion.networks.comb import PARTIALS, Reading
from diffusion.networks.comb_reader import SILENCE, CombReader
from diffusion.networks.sharpening import sharpened
from diffusion.networks.sines import fitted
from diffusion.networks.sounding_frames import frame_energies
from diffusion.networks.waveform import WaveformNet

SAMPLE_RATE = 22_050
SAME_HZ = 0.5  # partials that are nearer to each other are one
FAINTEST = 7.0  # nepers below a sound's loudest partial, from which on there is none


class HarmonicNet(nn.Module):
    """Predicts the noise in notes, whose partials their mel spectrogram tells.

    A `CombReader` reads f0, inharmonicity, a second note, the amplitudes and the envelope off the
    mel, and the envelope is `sharpened` by the energies of its frames. Then a sound is known but
    for its phases: x̂_0 is `sines.fitted`, a shrinkage of what of x_t lies along these sines, and
    ε̂ = (x_t − √ᾱ x̂_0)/√(1 − ᾱ). Nothing sounds between them.

    The reader's score says whether such a note explains the mel. If it is below `trust`, as for
    speech, the noise is predicted by a `WaveformNet` that was trained before.

    Args:
        n_mels: bands of the log-mel spectrogram that is the condition.
        block_size: of the `WaveformNet`, in samples; a length is a multiple of it.
        other: the other options of the `WaveformNet`.
        reader: options of the `CombReader`; by default its own.
        trust: logit of the score from which the comb is used.
    """

    def __init__(
        self,
        n_mels: int,
        block_size: int,
        other: dict[str, Any],
        reader: dict[str, Any] | None = None,
        trust: float = 0.0,
    ) -> None:
        super().__init__()
        self.trust = trust
        self.reader = CombReader(n_mels=n_mels, highest=SAMPLE_RATE / 2, **(reader or {}))
        self.other = WaveformNet(n_mels=n_mels, block_size=block_size, **other)
        self._last: tuple[Tensor, Reading, Tensor] | None = None

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε, (B, T), from x_t (B, T), √ᾱ in (0, 1), (B,), and the mel (B, n_mels, T/hop).

        Raises:
            ValueError: if T is not a multiple of the block size, or the condition does not fit.
        """
        self.other.check_condition(x_t, condition)
        assert condition is not None
        reading, log_envelope = self.read(condition)
        notes = reading.score > self.trust
        eps = torch.empty_like(x_t)
        if not bool(notes.all()):
            eps[~notes] = self.other(x_t[~notes], noise_level[~notes], condition[~notes])
        for row in notes.nonzero()[:, 0].tolist():  # each has partials of its own number
            one = slice(row, row + 1)
            level = noise_level[one].double()
            alpha, noise = level.to(x_t)[:, None], (1 - level**2).sqrt().to(x_t)[:, None]
            omega, amplitude = self.sines(reading, condition, row)
            original = fitted(
                x_t[one] / alpha, (noise / alpha)[:, 0], omega, amplitude, log_envelope[one].exp()
            )
            eps[one] = (x_t[one] - alpha * original) / noise
        return eps

    def read(self, condition: Tensor) -> tuple[Reading, Tensor]:
        """What the reader finds, and ln of the envelope, sharpened.

        Of one and the same mel, step after step, it is kept.
        """
        last = self._last
        if last is not None and last[0] is condition:
            return last[1], last[2]
        reading, read = self.reader(condition)
        log_envelope = sharpened(read.exp(), frame_energies(condition)).log().clamp(min=SILENCE)
        if not torch.is_grad_enabled():
            self._last = condition, reading, log_envelope
        return reading, log_envelope

    def sines(self, reading: Reading, condition: Tensor, row: int) -> tuple[Tensor, Tensor]:
        """ω and amplitude of the partials of one sound that are heard, each (1, J)."""
        frequencies = reading.comb.frequencies()[row]
        sounding = reading.comb.sounding(self.reader.highest)[row]
        loudest = condition[row].max()
        amplitudes = torch.where(sounding, (reading.amplitudes[row] + loudest).exp(), 0.0)
        amplitudes = _merged(frequencies, amplitudes)
        heard = amplitudes > math.exp(-FAINTEST) * amplitudes.max()
        return 2 * math.pi / SAMPLE_RATE * frequencies[heard][None], amplitudes[heard][None]


def _merged(frequencies: Tensor, amplitudes: Tensor) -> Tensor:
    """The amplitudes, those of a second note's partials that lie on the first's added to these.

    In power, as their phases are unknown. Two sines of one frequency cannot be told apart.
    """
    first, second = frequencies[:PARTIALS], frequencies[PARTIALS:]
    distance, nearest = (second[:, None] - first).abs().min(dim=1)
    power = amplitudes.square()
    onto = torch.where(distance < SAME_HZ, power[PARTIALS:], 0.0)
    merged = power[:PARTIALS].index_add(0, nearest, onto)
    return torch.cat([merged, power[PARTIALS:] - onto]).sqrt()
