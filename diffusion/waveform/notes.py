"""Random notes of the tutorial in closed form: their partials, their onsets and their frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from diffusion.networks.note_combs import ONSET_SAMPLES, PARTIALS, fade
from diffusion.networks.resonances import ResonanceMixture
from synth.rendering.render import render
from synth.rendering.vectorized_renderer import damped_exponentials, sum_exponentials
from synth.sound import Sound

SAMPLE_RATE = 22_050
FRAME_SAMPLES = 8_192
_CHUNK = 500


@dataclass(frozen=True)
class Notes:
    """Sounds of the harmonic prior in closed form, Re Σ_j c_j exp(s_j t); see `render`.

    Attributes:
        exponents: s, (N, 21): the partials', then the filter's pole.
        coefficients: c, (N, 21), at a peak of 1.
        f0: Hz, (N,).
        inharmonicity: B, (N,).
    """

    exponents: Tensor
    coefficients: Tensor
    f0: Tensor
    inharmonicity: Tensor

    @classmethod
    def random(cls, count: int, seed: int) -> Notes:
        """`count` notes whose peaks are those of `FRAME_SAMPLES`."""
        generator = torch.Generator().manual_seed(seed)
        sounds = [Sound.random(generator) for _ in range(count)]
        parts = [_closed_form(sounds[i : i + _CHUNK]) for i in range(0, count, _CHUNK)]
        exponents, coefficients = (torch.cat(each) for each in zip(*parts, strict=True))
        f0, b = ([getattr(sound, name) for sound in sounds] for name in ("f0", "inharmonicity"))
        return cls(exponents, coefficients, torch.tensor(f0).double(), torch.tensor(b).double())

    def __getitem__(self, rows: Tensor) -> Notes:
        return Notes(
            self.exponents[rows], self.coefficients[rows], self.f0[rows], self.inharmonicity[rows]
        )

    def partials(self) -> Tensor:
        """C of the partials, complex64, (N, 20)."""
        return self.coefficients[:, :PARTIALS].to(torch.complex64)

    def onsets(self) -> Tensor:
        """The ringing of the filter, (N, ONSET_SAMPLES)."""
        last = slice(PARTIALS, None)
        ringing = 1j * self.coefficients[:, last]
        return sum_exponentials(self.exponents[:, last], ringing, ONSET_SAMPLES)

    def frames(self) -> Tensor:
        """The sounds from their start, faded out at the end, (N, FRAME_SAMPLES)."""
        steady = sum_exponentials(self.exponents, 1j * self.coefficients, FRAME_SAMPLES)
        return fade(FRAME_SAMPLES) * steady


def _closed_form(sounds: list[Sound]) -> tuple[Tensor, Tensor]:
    found = damped_exponentials(sounds, FRAME_SAMPLES, SAMPLE_RATE)
    exponents, amplitudes = (torch.from_numpy(each) for each in found)
    waves = render(sounds, FRAME_SAMPLES / SAMPLE_RATE, SAMPLE_RATE, normalize=False)
    peaks = torch.from_numpy(np.abs(waves).max(axis=1, keepdims=True)).double()
    missing = PARTIALS + 1 - exponents.shape[1]  # the pole stays the last
    exponents = torch.cat([F.pad(exponents[:, :-1], (0, missing)), exponents[:, -1:]], dim=1)
    amplitudes = torch.cat([F.pad(amplitudes[:, :-1], (0, missing)), amplitudes[:, -1:]], dim=1)
    return exponents, -1j * amplitudes / peaks


def fit_sizes(resonances: ResonanceMixture, notes: Notes) -> None:
    """Measure the partials' root mean squares, and fit ln Σ|c_k| = ln factor + power · ln n."""
    partials = notes.partials()
    resonances.rms.copy_(torch.view_as_real(partials).square().mean(dim=(0, 2)).sqrt())
    count = (partials.abs() > 0).sum(dim=1).double()
    columns = torch.stack([torch.ones_like(count), count.log()], dim=1)
    total = partials.abs().sum(dim=1).double().log()[:, None]
    line = torch.linalg.lstsq(columns, total).solution
    deviation = (total - columns @ line).std()
    resonances.peak.copy_(torch.stack([line[0, 0].exp(), line[1, 0], deviation]))
