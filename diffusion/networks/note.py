"""A noise predictor for notes: a distribution over their combs, and in each comb an estimate."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.networks.note_combs import (
    BLOCK,
    MAX_INHARMONICITY,
    ONSET_SAMPLES,
    PARTIALS,
    amplitudes,
    angular,
    angular_slope,
    grid,
    grid_amplitudes,
    grid_waves,
    noise_of_amplitudes,
    waves,
)
from diffusion.networks.resonances import ResonanceMixture, fit, independent_evidence
from diffusion.process.denoising import refuse_condition

SURE = 1.0  # σ below which a note's pitch and cell are known
SEEN = ((3.0, 512), (SURE, 128), (0.0, 64))
"""Above such a σ, of how many combs of the grid the posterior is computed."""

KEPT = 32  # combs at most that make up an x̂_0
LEAST = 1e-4  # probability of one of them
LEAST_NOISE = 1e-6  # below it a frame is taken to be clean
REFINEMENTS, REFINEMENTS_WHEN_SURE = 1, 5


class NotePredictor(nn.Module):
    """Predicts the noise in a frame that begins with a note's start.

    x̂_0 = Σ_j π_j x̂_j. What of x_t lies along the partials of each comb j of a grid is weighed as
    if partials were independent. Of the best ones a `ResonanceMixture` gives the posterior mean x̂_j
    and the evidence, whose softmax is π. Then the inharmonicity of the likeliest combs is refined
    by Gauss-Newton steps.

    Args:
        resonances: the filters.
        frame_samples: the fewest samples that a frame may have, ≥ 4,096.

    Raises:
        ValueError: for fewer.
    """

    def __init__(self, resonances: ResonanceMixture, frame_samples: int = ONSET_SAMPLES) -> None:
        super().__init__()
        if frame_samples < ONSET_SAMPLES:
            raise ValueError(f"frame_samples must be >= {ONSET_SAMPLES}, got {frame_samples}")
        self.resonances, self.frame_samples = resonances, frame_samples

    @classmethod
    def untrained(cls, filters: int, frame_samples: int) -> NotePredictor:
        """A predictor with this number of random filters."""
        return cls(ResonanceMixture.random(filters), frame_samples)

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε, (B, T), from x_t (B, T) and √ᾱ in (0, 1), (B,).

        Raises:
            ValueError: if T is no multiple of 128 or below `frame_samples`, or there is a
                condition.
        """
        if x_t.shape[1] % BLOCK or x_t.shape[1] < self.frame_samples:
            raise ValueError(
                f"x_t must have a multiple of {BLOCK} samples, at least {self.frame_samples}, "
                f"got {x_t.shape[1]}"
            )
        refuse_condition(condition)
        level = noise_level.double()[:, None]
        alpha, noise = level.float(), (1 - level**2).sqrt().float()
        y, sigma = x_t.float() / alpha, (noise / alpha)[:, 0]
        original = torch.stack([self._denoised(*each) for each in zip(y, sigma, strict=True)])
        # Without noise x_t says nothing of ε, and E[ε | x_t] = 0.
        eps = (x_t.float() - alpha * original) / noise.clamp(min=LEAST_NOISE)
        return torch.where(noise > LEAST_NOISE, eps, 0.0).to(x_t)

    def _denoised(self, y: Tensor, sigma: Tensor) -> Tensor:
        return self.denoised(y, sigma) if sigma > LEAST_NOISE else y

    def denoised(self, y: Tensor, sigma: Tensor) -> Tensor:
        """E[x_0 | y] of one frame y = x_0 + σ ε, (T,)."""
        f0, b, width = grid(len(y))
        f0, b = f0.to(y.device), b.to(y.device)
        s, rms = noise_of_amplitudes(sigma, len(y)), self.resonances.rms
        u = grid_amplitudes(y)
        evidence, c = independent_evidence(u, s, rms), rms**2 / (rms**2 + s**2) * u
        seen = evidence.topk(next(count for least, count in SEEN if sigma > least)).indices
        noise = s.expand(len(seen))
        c[seen], of_partial, evidence[seen] = self.resonances(u[seen], noise, f0[seen], b[seen])
        ringing = self.resonances.ringing()
        probability = evidence.softmax(dim=0)
        kept = probability.topk(KEPT).indices
        kept = kept[probability[kept] > LEAST]
        if sigma <= SURE:  # the other cells are like these, or wrong
            return self._refined(y, sigma, f0[kept], b[kept], width, ringing)
        mass = probability[kept].sum()
        probability[kept] = 0
        likely = probability[seen] > LEAST
        rows = seen[likely]
        onset = self.resonances.onset(of_partial[likely], f0[rows], b[rows])
        rest = grid_waves(probability[:, None] * c, len(y))
        rest = rest + _lengthened(probability[rows] @ onset @ ringing, len(y))
        return rest + mass * self._refined(y, sigma, f0[kept], b[kept], width, ringing)

    def _refined(
        self, y: Tensor, sigma: Tensor, f0: Tensor, b: Tensor, width: float, ringing: Tensor
    ) -> Tensor:
        """E[x_0 | y, one of these combs], (T,), at inharmonicities refined within a cell."""
        if not len(f0):
            return torch.zeros_like(y)
        first, noise = b, noise_of_amplitudes(sigma, len(y)).expand(len(f0))
        # From the middle: the phases are free.
        time = torch.arange(len(y), device=y.device) - len(y) / 2
        x = y.new_zeros(len(f0), len(y))
        c = x.new_zeros(len(f0), PARTIALS, dtype=torch.complex64)
        steps = REFINEMENTS if sigma > SURE else REFINEMENTS_WHEN_SURE
        for step in range(steps + 1):
            omega = angular(f0, b)
            # What of the rest lies along the partials: onset and other partials are taken away.
            u = c + amplitudes(y - x, omega)
            c, of_partial, evidence = self.resonances(u, noise, f0, b)
            onset = self.resonances.onset(of_partial, f0, b)
            x = _frames(c, omega, onset @ ringing, len(y))
            if step == steps:
                break
            slope = time * waves(1j * angular_slope(f0, b).to(c) * c, omega, len(y))
            prior = 12 * (sigma / width) ** 2
            move = (slope * (y - x)).sum(dim=1) / (slope.square().sum(dim=1) + prior)
            b = torch.maximum(torch.minimum(b + move, first + width), first - width)
            b = b.clamp(0, MAX_INHARMONICITY)
            x = _frames(c, angular(f0, b), onset @ ringing, len(y))
        # The evidence knows of the partials only: in their place comes the whole frame.
        whole = (x @ y - x.square().sum(dim=1) / 2) / sigma**2
        probability: Tensor = (evidence - fit(u, c, noise) + whole).softmax(dim=0)
        return probability @ x


def _frames(c: Tensor, omega: Tensor, onsets: Tensor, num_samples: int) -> Tensor:
    return waves(c, omega, num_samples) + _lengthened(onsets, num_samples)


def _lengthened(onsets: Tensor, num_samples: int) -> Tensor:
    """(…, ONSET_SAMPLES) with silence after it, (…, num_samples)."""
    return F.pad(onsets, (0, num_samples - ONSET_SAMPLES))
