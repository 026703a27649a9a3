"""Thousands of random sounds a second, drawn and rendered as tensors on any device.

The wide prior of `synth.priors` and the closed form of `synth.rendering.vectorized_renderer`, for
a training that needs fresh sounds faster than one `Sound` after the other can be made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from synth.priors import MAX_RANDOM_INHARMONICITY, WIDE_F0_HZ
from synth.rendering.vectorized_renderer import sum_exponentials

SAMPLE_RATE = 22_050
PARTIALS = 40
_TOP_HZ, _FILTER_TOP_HZ = 10_000.0, 8_000.0


@dataclass(frozen=True)
class RandomBatch:
    """N sounds of the wide prior, one number of each (N,), float64; see `Sound` for the meanings.

    Attributes:
        amplitudes: as drawn, (N, 40).
        second_interval: semitones; 0 where there is no second note.
    """

    f0: Tensor
    num_harmonics: Tensor
    inharmonicity: Tensor
    filter_frequency: Tensor
    filter_q: Tensor
    spectral_slope: Tensor
    odd_even_balance: Tensor
    amplitudes: Tensor
    attack: Tensor
    decay: Tensor
    sustain: Tensor
    release: Tensor
    second_interval: Tensor
    second_level: Tensor

    @classmethod
    def draw(
        cls, count: int, generator: torch.Generator, second_notes: float = 0.25
    ) -> RandomBatch:
        """`count` sounds on the generator's device, each as `Sound.random(…, "wide")` draws it.

        `second_notes` is the fraction of sounds with two notes, a quarter in that prior.
        """

        def rand(*shape: int) -> Tensor:
            return torch.rand(
                shape or (count,), generator=generator, device=generator.device, dtype=torch.float64
            )

        def log_uniform(low: float | Tensor, high: float | Tensor) -> Tensor:
            return low * (high / low) ** rand()

        def one_in(number: int) -> Tensor:
            return rand() < 1 / number

        f0 = log_uniform(*WIDE_F0_HZ)
        most = (_TOP_HZ / f0).floor().clamp(max=PARTIALS)
        harmonics = 2 + (rand() * (most - 1)).floor()
        second = rand() < second_notes
        drawn = 0.03 ** (1 - rand(count, PARTIALS))
        zero = torch.zeros_like(f0)
        interval = (1 + (12 * rand()).floor()) * torch.where(one_in(2), 1.0, -1.0)
        return cls(
            f0=f0,
            num_harmonics=harmonics,
            inharmonicity=torch.where(one_in(2), log_uniform(1e-5, MAX_RANDOM_INHARMONICITY), zero),
            filter_frequency=log_uniform(f0, (f0 * harmonics).clamp(max=_FILTER_TOP_HZ)),
            filter_q=log_uniform(0.5, 8),
            spectral_slope=-12 * rand(),
            odd_even_balance=torch.where(one_in(2), 1.8 * rand() - 0.8, zero),
            amplitudes=torch.where(one_in(4)[:, None], drawn, 1.0),
            attack=log_uniform(0.002, 0.2),
            decay=log_uniform(0.02, 0.5),
            sustain=0.1 + 0.9 * rand(),
            release=log_uniform(0.02, 0.3),
            second_interval=torch.where(second, interval, zero),
            second_level=torch.where(second, 0.2 + 0.8 * rand(), zero),
        )

    def sines(self) -> tuple[Tensor, Tensor]:
        """Frequencies in Hz and amplitudes before the filter, (N, 80): first note, then second.

        The amplitude of what does not sound is 0.
        """
        ranks = torch.arange(1, PARTIALS + 1, dtype=torch.float64, device=self.f0.device)
        b = self.inharmonicity[:, None]
        first = self.f0[:, None] * ranks * ((1 + b * ranks**2) / (1 + b)).sqrt()
        sign = torch.where(ranks % 2 == 1, 1.0, -1.0)
        slope = 10 ** (self.spectral_slope[:, None] * ranks.log2() / 20)
        balance = (1 + sign * self.odd_even_balance[:, None]).clamp(max=1)
        levels = self.amplitudes * slope * balance * (ranks <= self.num_harmonics[:, None])
        ratio = 2 ** (self.second_interval[:, None] / 12)
        frequencies = torch.cat([first, ratio * first], dim=1)
        amplitudes = torch.cat([levels, self.second_level[:, None] * levels], dim=1)
        return frequencies, amplitudes * (frequencies < SAMPLE_RATE / 2)

    def envelope(self, num_samples: int) -> Tensor:
        """`synth.rendering.envelope` at n = 0 … num_samples − 1, (N, num_samples), float32."""
        attack, decay, release = (
            (SAMPLE_RATE * seconds)[:, None].float()
            for seconds in (self.attack, self.decay, self.release)
        )
        sustain = self.sustain[:, None].float()
        n = torch.arange(num_samples, dtype=torch.float32, device=self.f0.device)
        falling = torch.maximum(sustain, 1 - (1 - sustain) * (n - attack) / decay)
        return torch.minimum(n / attack, falling) * ((num_samples - n) / release).clamp(max=1)

    def render(self, num_samples: int) -> tuple[Tensor, Tensor, Tensor]:
        """The sounds at a peak of 1.

        Returns:
            Waveforms (N, num_samples), float32; the amplitudes of the sines in them, (N, 80), and
            the envelopes (N, num_samples), so that but for the filter's own ringing a sound is
            e(t) Σ a_j sin(2π f_j t + φ_j).
        """
        frequencies, levels = self.sines()
        omega = 2 * math.pi / SAMPLE_RATE * frequencies
        gain, pole = _bandpass(self.filter_frequency[:, None], self.filter_q[:, None])
        z = torch.exp(1j * omega)
        steady = levels * gain * (z**2 - 1) / (z**2 - 2 * pole.real * z + pole.abs() ** 2)
        excitation = levels * omega.sin() / (pole**2 - 2 * pole * omega.cos() + 1)
        ringing = gain * (pole**2 - 1) / (2j * pole.imag) * excitation.sum(1, keepdim=True)
        waveforms = sum_exponentials(
            torch.cat([1j * omega, pole.log()], dim=1),
            torch.cat([steady, 2j * ringing], dim=1),
            num_samples,
        )
        envelope = self.envelope(num_samples)
        waveforms = waveforms * envelope
        peaks = waveforms.abs().amax(dim=1, keepdim=True).clamp(min=1e-30)
        return waveforms / peaks, (steady.abs() / peaks).float(), envelope


def _bandpass(frequency: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    """`synth.rendering.biquad.bandpass` without its rounding to 32 bits."""
    omega = 2 * math.pi * frequency / SAMPLE_RATE
    alpha = omega.sin() / (2 * q)
    squared = (1 - alpha**2 - omega.cos() ** 2).clamp(min=0)
    imaginary = torch.maximum(squared, 1e-4 * omega.sin() ** 2).sqrt()
    return alpha / (1 + alpha), torch.complex(omega.cos(), imaginary) / (1 + alpha)
