"""What the partials of a note may be, if its sines went through one of some band-pass filters.

Sines of equal amplitude go through one of M band-pass filters from rest (R. Bristow-Johnson's
audio EQ cookbook), so that at the frequencies ω_k of a comb the partials and the onset are

    c_k = −i g H(e^{iω_k}),  k ≤ n,        2 g Re(A p^t),    H(z) = a (z² − 1)/((z − p)(z − p̄)),

p being the filter's pole and A the residue there; see `synth.rendering.vectorized_renderer`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from diffusion.networks.note_combs import ONSET_SAMPLES, PARTIALS, SAMPLE_RATE, angular


class ResonanceMixture(nn.Module):
    """The posterior of a note's partials in noise, given their frequencies.

    The sum over filters and numbers of partials n is done exactly. The gain g, by which a sound
    has its peak, is Gaussian: Σ_k |c_k| = factor · n^power, with a relative standard deviation.

    Args:
        frequency: centres of the M filters, Hz, (M,).
        q: their qualities, (M,).
    """

    frequency: Tensor
    q: Tensor
    rms: Tensor
    peak: Tensor

    def __init__(self, frequency: Tensor, q: Tensor) -> None:
        super().__init__()
        self.register_buffer("frequency", frequency.double())
        self.register_buffer("q", q.double())
        self.register_buffer("rms", torch.ones(PARTIALS))
        self.register_buffer("peak", torch.ones(3))

    def filters(self) -> tuple[Tensor, Tensor]:
        """A and p of each filter, (M, 1), float64."""
        omega = 2 * math.pi / SAMPLE_RATE * self.frequency[:, None]
        alpha = omega.sin() / (2 * self.q[:, None])
        imaginary = (1 - alpha**2 - omega.cos() ** 2).clamp(min=1e-12).sqrt()
        return alpha / (1 + alpha), torch.complex(omega.cos(), imaginary) / (1 + alpha)

    def ringing(self) -> Tensor:
        """Re p^t and then Im p^t of each filter, (2 M, ONSET_SAMPLES)."""
        powers = torch.exp(self.filters()[1].log() * torch.arange(ONSET_SAMPLES))
        return torch.cat([powers.real, powers.imag]).float()

    def members(self, omega: Tensor) -> tuple[Tensor, Tensor]:
        """−i H at the partials, and what each adds to 2A, (N, M, 20), without the gain g."""
        omega, (a, p) = omega[:, None], self.filters()
        z = torch.polar(torch.ones_like(omega), omega)
        response = a * (z**2 - 1) / ((z - p) * (z - p.conj()))
        residue = 2 * a * (p**2 - 1) / (p - p.conj())
        excitation = residue * omega.sin() / (p**2 - 2 * p * omega.cos() + 1)
        return (-1j * response).to(torch.complex64), excitation.to(torch.complex64)

    def gains(self, u: Tensor, noise: Tensor, members: Tensor) -> tuple[Tensor, Tensor]:
        """E[g | û] and ln p(û | member) − ln p(û | noise), each (N, M, 20) for n = 1 … 20."""
        s = noise[:, None, None]
        along = (members.conj() * u[:, None]).real.cumsum(dim=2)
        energy = members.abs().square().cumsum(dim=2)
        factor, power, deviation = self.peak
        ranks = torch.arange(1, PARTIALS + 1)
        expected = factor * ranks**power / members.abs().cumsum(dim=2)
        variance = (deviation * expected) ** 2
        precision = energy / s**2 + 1 / variance
        gain = (along / s**2 + expected / variance) / precision
        evidence = (precision * gain**2 - expected**2 / variance - (precision * variance).log()) / 2
        return gain, evidence

    def forward(
        self, u: Tensor, noise: Tensor, f0: Tensor, inharmonicity: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """E[c | û] (N, 20), E[onset | û] (N, 2 M) in terms of `ringing`, and `log_evidence`, (N,).

        Args:
            u: û = c + s (z₁ + i z₂), complex, (N, 20).
            noise: s, (N,).
            f0: Hz, (N,).
            inharmonicity: B, (N,).
        """
        members, excitation = self.members(angular(f0, inharmonicity))
        gain, evidence = self.gains(u, noise, members)
        weights = evidence.flatten(1).softmax(dim=1).reshape(evidence.shape) * gain
        # Partial k sounds in all members of at least k partials.
        of_partial = weights.flip(2).cumsum(dim=2).flip(2)
        c, a = (of_partial * members).sum(dim=1), (of_partial * excitation).sum(dim=2)
        return c, torch.cat([a.real, -a.imag], dim=1), log_evidence(evidence)


def log_evidence(evidence: Tensor) -> Tensor:
    """The log-ratio ln p(û | comb) − ln p(û | noise), (N,); members are equally likely."""
    return evidence.flatten(1).logsumexp(dim=1) - math.log(evidence[0].numel())


def independent_evidence(u: Tensor, noise: Tensor, rms: Tensor) -> Tensor:
    """The same if the partials were independent, complex Gaussian with their rms r, (N,).

    Σ_k |û_k|²/2 · r²/(s² (r² + s²)) − ln(1 + r²/s²), with one s for all.
    """
    ratio = (rms / noise) ** 2
    gain = ratio / (1 + ratio) / noise**2
    return u.abs().square() @ gain / 2 - ratio.log1p().sum()


def fit(u: Tensor, c: Tensor, noise: Tensor) -> Tensor:
    """The log-ratio ln p(û | c) − ln p(û | 0), (N,)."""
    return ((u * c.conj()).real - c.abs().square() / 2).sum(dim=1) / noise**2
