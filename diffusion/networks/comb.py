"""A comb: the partials of up to two notes of one stiff string, as tensors.

    f_k = k f0 √((1 + B k²)/(1 + B)),    k = 1 … 40,

and, where there is a second note m semitones away, 2^(m/12) f_k as well (Fletcher 1962).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

PARTIALS = 40
SLOTS = 2 * PARTIALS
"""Places for partials: those of the first note, then those of the second."""

MAX_INHARMONICITY = 1.1e-3


@dataclass(frozen=True)
class Comb:
    """B combs.

    Attributes:
        log_f0: ln f0 in Hz, (B,).
        inharmonicity: B, (B,).
        interval: m, in semitones; 0: there is no second note; (B,).
    """

    log_f0: Tensor
    inharmonicity: Tensor
    interval: Tensor

    @classmethod
    def joined(cls, combs: Sequence[Comb]) -> Comb:
        """Combs, one after the other."""
        return cls(*(torch.cat([getattr(c, f.name) for c in combs]) for f in fields(cls)))

    def frequencies(self) -> Tensor:
        """f_k in Hz, (B, 80)."""
        ranks = _ranks(self.log_f0)
        b = self.inharmonicity[:, None]
        first = self.log_f0.exp()[:, None] * ranks * ((1 + b * ranks**2) / (1 + b)).sqrt()
        return torch.cat([first, 2 ** (self.interval[:, None] / 12) * first], dim=1)

    def sensitivity(self) -> tuple[Tensor, Tensor]:
        """∂f_k/∂ ln f0 = f_k and ∂f_k/∂B = ½ f_k (k²/(1 + B k²) − 1/(1 + B)), each (B, 80)."""
        frequencies, ranks = self.frequencies(), _ranks(self.log_f0).repeat(2)
        b = self.inharmonicity[:, None]
        return frequencies, frequencies / 2 * (ranks**2 / (1 + b * ranks**2) - 1 / (1 + b))

    def sounding(self, highest: float) -> Tensor:
        """Whether a place has a partial below `highest` Hz, (B, 80)."""
        second = torch.arange(SLOTS, device=self.log_f0.device) >= PARTIALS
        return (self.frequencies() < highest) & (~second | (self.interval[:, None] != 0))

    def moved(self, log_f0: Tensor, inharmonicity: Tensor) -> Comb:
        """The combs with steps (B,) added to ln f0 and B, the latter kept in its range."""
        b = (self.inharmonicity + inharmonicity).clamp(0, MAX_INHARMONICITY)
        return Comb(self.log_f0 + log_f0, b, self.interval)

    def detach(self) -> Comb:
        """Without their gradients."""
        return Comb(self.log_f0.detach(), self.inharmonicity.detach(), self.interval)

    def __getitem__(self, rows: Tensor) -> Comb:
        return Comb(self.log_f0[rows], self.inharmonicity[rows], self.interval[rows])


@dataclass(frozen=True)
class Reading:
    """What one pass finds for each comb.

    Attributes:
        comb: the improved comb.
        amplitudes: ln of each partial's, relative to the loudest cell of the mel, (B, 80).
        score: logit of the comb's being right, (B,).
    """

    comb: Comb
    amplitudes: Tensor
    score: Tensor

    @classmethod
    def joined(cls, readings: Sequence[Reading]) -> Reading:
        """The combs of several passes, one after the other."""
        combs = Comb.joined([reading.comb for reading in readings])
        amplitudes = torch.cat([reading.amplitudes for reading in readings])
        return cls(combs, amplitudes, torch.cat([reading.score for reading in readings]))

    def __getitem__(self, rows: Tensor) -> Reading:
        return Reading(self.comb[rows], self.amplitudes[rows], self.score[rows])


def _ranks(like: Tensor) -> Tensor:
    return torch.arange(1, PARTIALS + 1, dtype=like.dtype, device=like.device)
