"""What a `NotePredictor` learns from: the partials of rendered notes in noise, and their combs."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from diffusion.networks.note import NotePredictor
from diffusion.networks.resonances import fit
from diffusion.training.batches import Objective
from diffusion.waveform.notes import Notes

NOISES = (3e-3, 1.0)
"""Between them ln s is uniform; the partials' amplitudes are mostly between 0.01 and 1."""


def note_objective(notes: Notes, batch_size: int) -> Objective:
    """Maximum likelihood of noisy partials, û = c + s (z₁ + i z₂), given their comb.

        L = E[ln p(û | c) − ln p(û | comb)] ≥ 0,

    the nats by which the network is more surprised by û than one who knows c. By Tweedie's formula
    (Robbins 1956), E[c | û] = û + s² ∇ ln p(û | comb): the mixture that has the likelihood of the
    data at all s is also their denoiser.
    """
    partials, f0, b = notes.partials(), notes.f0, notes.inharmonicity

    def draw(generator: torch.Generator) -> tuple[Tensor, ...]:
        nonlocal partials, f0, b
        device = generator.device
        partials, f0, b = partials.to(device), f0.to(device), b.to(device)  # once
        rows = torch.randint(len(f0), (batch_size,), generator=generator, device=device)
        low, high = NOISES
        uniform = torch.rand(batch_size, generator=generator, device=device)
        s = low * torch.exp(math.log(high / low) * uniform)
        z = torch.randn(batch_size, 2 * partials.shape[1], generator=generator, device=device)
        c = partials[rows]
        u = c + s[:, None] * torch.view_as_complex(z.reshape(*c.shape, 2))
        return c, u, s, f0[rows], b[rows]

    def loss(network: NotePredictor, batch: tuple[Tensor, ...]) -> Tensor:
        c, u, s, f0, b = batch
        return (fit(u, c, s) - network.resonances.log_evidence(u, s, f0, b)).mean()

    return Objective(draw, loss)
