"""What the partials of a note may be, if its sines went through one of some band-pass filters.

Sines of equal amplitude go through one of M band-pass filters from rest (R. Bristow-Johnson's
audio EQ cookbook). With its centre ω_m and its quality Q_m, the partials at the frequencies ω_k of
a comb and the onset are

    c_k = −i g H(ω_k),  k ≤ n,
    H = 1/(1 + i v),    v = Q_m (r − 1/r),    r = tan(ω_k/2)/tan(ω_m/2),

    2 g Re(A p^t),      A = a (p² − 1)/(p − p̄) · Σ_k sin ω_k / ((p − e^{iω_k})(p − e^{−iω_k})),

p being the filter's pole and A the residue there; see `synth.rendering.vectorized_renderer`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from diffusion.networks.note_combs import ONSET_SAMPLES, PARTIALS, SAMPLE_RATE, angular

FREQUENCIES_HZ = (60.0, 2_000.0)
QUALITIES = (0.6, 16.0)
"""Between them an untrained mixture has its filters."""

LEAST_QUALITY = 0.51  # at ½ a filter no longer rings, and has a real pole


class ResonanceMixture(nn.Module):
    """The posterior of a note's partials in noise, given their frequencies.

    The sum over filters and numbers of partials n is done exactly. The gain g, by which a sound
    has its peak, is Gaussian: Σ_k |c_k| = factor · n^power, with a relative standard deviation.
    The filters, and how likely each of them and each n is, can be learned: all are parameters, and
    the last thing that `forward` returns is differentiable.

    Args:
        frequency: centres of the M filters, Hz, (M,).
        q: their qualities, (M,).
    """

    rms: Tensor
    peak: Tensor

    def __init__(self, frequency: Tensor, q: Tensor) -> None:
        super().__init__()
        self.log_frequency = nn.Parameter(frequency.double().log().float())
        self.log_q = nn.Parameter(q.double().log().float())
        self.filter_logits = nn.Parameter(torch.zeros(len(q)))
        self.count_logits = nn.Parameter(torch.zeros(PARTIALS))
        self.register_buffer("rms", torch.ones(PARTIALS))
        self.register_buffer("peak", torch.ones(3))

    @classmethod
    def random(cls, count: int) -> ResonanceMixture:
        """Untrained: `count` filters, log-uniform in centre and quality."""

        def log_uniform(low: float, high: float) -> Tensor:
            return low * (high / low) ** torch.rand(count)

        return cls(log_uniform(*FREQUENCIES_HZ), log_uniform(*QUALITIES))

    def centres(self) -> Tensor:
        """ω_m, radians a sample, (M,), float64."""
        return 2 * math.pi / SAMPLE_RATE * self.log_frequency.double().exp()

    def qualities(self) -> Tensor:
        """Q_m, (M,), float64."""
        return self.log_q.double().exp().clamp(min=LEAST_QUALITY)

    def ringing(self) -> Tensor:
        """Re p^t and then Im p^t of each filter, (2 M, ONSET_SAMPLES)."""
        log_p, block = self._poles()[1].log()[:, None], math.isqrt(ONSET_SAMPLES)
        time = torch.arange(block, device=log_p.device)
        starts, within = (
            each.exp().to(torch.complex64) for each in (log_p * block * time, log_p * time)
        )
        powers = (starts[:, :, None] * within[:, None]).flatten(1)
        return torch.cat([powers.real, powers.imag])

    def _poles(self) -> tuple[Tensor, Tensor]:
        """The factor a and the pole p of each filter, (M,), float64."""
        omega = self.centres()
        alpha = omega.sin() / (2 * self.qualities())
        imaginary = (1 - alpha**2 - omega.cos() ** 2).sqrt()
        return alpha / (1 + alpha), torch.complex(omega.cos(), imaginary) / (1 + alpha)

    def detuning(self, omega: Tensor) -> Tensor:
        """v, (N, M, 20), of the partials' ω, (N, 20): H = 1/(1 + i v)."""
        along = (omega / 2).tan()[:, None]
        q, centre = self.qualities()[:, None], (self.centres() / 2).tan()[:, None]
        return (q / centre).float() * along.float() - (q * centre).float() / along.float()

    def excitation(self, omega: Tensor) -> Tensor:
        """What each partial adds to 2A at g = 1, complex, (N, M, 20)."""
        a, p = (each[:, None] for each in self._poles())
        omega = omega[:, None]
        residue = (a * (p**2 - 1) / (1j * p.imag)).to(torch.complex64)
        real, sine = (p.real - omega.cos()).float(), omega.sin()
        above = torch.complex(real, (p.imag - sine).float())
        below = torch.complex(real, (p.imag + sine).float())
        return residue * sine.float() / (above * below)

    def gains(self, u: Tensor, noise: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """E[g | û] and ln p(û, member) − ln p(û | noise), each (N, M, 20) for n = 1 … 20."""
        s = noise[:, None, None]
        power = 1 / (1 + v.square())  # |H|², and −i H = −(v + i) |H|²
        along = -(power * (v * u.real[:, None] + u.imag[:, None])).cumsum(dim=2)
        energy, total = power.cumsum(dim=2), power.sqrt().cumsum(dim=2)
        factor, exponent, deviation = self.peak
        # A priori g is peak/total ± deviation · peak/total.
        peak = factor * torch.arange(1, PARTIALS + 1, device=u.device) ** exponent
        prior_precision = total.square() / (deviation * peak) ** 2
        precision = energy / s**2 + prior_precision
        weighted = along / s**2 + total / (deviation**2 * peak)
        gain = weighted / precision
        ratio = (precision / prior_precision).log()
        prior = self.filter_logits.log_softmax(0)[:, None] + self.count_logits.log_softmax(0)
        return gain, (weighted * gain - ratio) / 2 + (prior - 1 / (2 * deviation**2))

    def forward(
        self, u: Tensor, noise: Tensor, f0: Tensor, inharmonicity: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """E[c | û] (N, 20), E[g | û, m and k sounds] p(m and k sound | û), and the log-evidence.

        Args:
            u: û = c + s (z₁ + i z₂), complex, (N, 20).
            noise: s, (N,).
            f0: Hz, (N,).
            inharmonicity: B, (N,).

        Returns:
            The second is of each filter m and partial k, (N, M, 20), for `onset`. The last is the
            log-ratio ln p(û | comb) − ln p(û | noise), (N,).
        """
        v = self.detuning(angular(f0, inharmonicity))
        gain, evidence = self.gains(u, noise, v)
        weights = evidence.flatten(1).softmax(dim=1).reshape(evidence.shape) * gain
        # Partial k sounds in all members of at least k partials.
        of_partial = weights.flip(2).cumsum(dim=2).flip(2)
        power = of_partial / (1 + v.square())
        c = -torch.complex((power * v).sum(dim=1), power.sum(dim=1))
        return c, of_partial, evidence.flatten(1).logsumexp(dim=1)

    def onset(self, of_partial: Tensor, f0: Tensor, inharmonicity: Tensor) -> Tensor:
        """E[onset | û], (N, 2 M), in terms of `ringing`, of what `forward` returned."""
        a = (of_partial * self.excitation(angular(f0, inharmonicity))).sum(dim=2)
        return torch.cat([a.real, -a.imag], dim=1)

    def log_evidence(self, u: Tensor, noise: Tensor, f0: Tensor, inharmonicity: Tensor) -> Tensor:
        """The log-ratio ln p(û | comb) − ln p(û | noise) alone, (N,), as `forward` has it."""
        v = self.detuning(angular(f0, inharmonicity))
        return self.gains(u, noise, v)[1].flatten(1).logsumexp(dim=1)


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
