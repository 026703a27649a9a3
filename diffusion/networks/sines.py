"""Sines with one envelope: what noise leaves known of their amplitudes and phases.

    x(t) = e(t) Re Σ_j c_j exp(iω_j t),    y = x + σ ε

Inner products with y go through blocks, exp(iω(t + B b)) = exp(iωt) exp(iωBb), so that they are
small matrix products; those of the sines with each other are values of the spectrum of e².
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

ROUGHNESS = 0.1  # standard deviation of a partial's amplitude, relative to the expected one
LOUDEST = 4.0  # times the expected amplitude; where sines nearly coincide, ĉ may be anything
_PADDING = 8  # of the envelope's spectrum, so that it may be read off at its nearest line


def fitted(y: Tensor, sigma: Tensor, omega: Tensor, amplitude: Tensor, envelope: Tensor) -> Tensor:
    """Estimate of x from y, when ω, the expected |c| and e are known and the phases are not.

    With G_jk = Σ_t e² exp(−i(ω_j − ω_k)t) and u_j = Σ_t y e exp(−iω_j t), the linear estimate is
    (G + 4σ² diag(1/a²)) c = 2u. Its shrinkage is undone, ĉ = c (a² G_jj + 4σ²)/(a² G_jj), and in
    its place comes that of a phase drawn uniformly and a radius near a: with τ² = 4σ²/G_jj,

        r = (2|ĉ|/τ² + 1/(s²a)) / (2/τ² + 1/(s²a²)),    |c| = r I_1(κ)/I_0(κ),    κ = 2r|ĉ|/τ²,

    s = 0.1 and r ≤ 4a (the mean direction of a von Mises distribution; Mardia & Jupp 2000,
    section 3.5.4).

    Args:
        y: (B, T), T a multiple of the envelope's length.
        sigma: σ, (B,).
        omega: ω, radians a sample, (B, J).
        amplitude: a, expected |c|, (B, J); 0 where there is no partial.
        envelope: e, (B, K), a value for every T / K samples.

    Returns:
        (B, T).
    """
    block = y.shape[1] // envelope.shape[1]
    fine = F.interpolate(envelope[:, None], size=y.shape[1], mode="linear")[:, 0]
    within, starts = turns(omega, block, envelope.shape[1])
    products = inner(y * fine, within, starts)
    gram = _gram(omega, envelope, block)
    energy = gram.diagonal(dim1=1, dim2=2).real.clamp(min=1e-9)
    a = amplitude.clamp(min=1e-7)
    noise = 4 * sigma[:, None] ** 2
    linear = torch.linalg.solve(gram + torch.diag_embed(noise / a**2 + 1e-6 * energy), 2 * products)
    estimate = linear * (a**2 * energy + noise) / (a**2 * energy)
    variance = (noise / energy).clamp(min=1e-12)
    radius = estimate.abs()
    expected = (2 * radius / variance + 1 / (ROUGHNESS**2 * a)) / (
        2 / variance + 1 / (ROUGHNESS * a) ** 2
    )
    expected = expected.minimum(LOUDEST * a)
    kappa = 2 * expected * radius / variance
    length = expected * torch.special.i1e(kappa) / torch.special.i0e(kappa)
    c = torch.where(amplitude > 0, length * torch.sgn(estimate), 0.0)
    return fine * sum_of(c, within, starts)


def turns(omega: Tensor, block: int, count: int) -> tuple[Tensor, Tensor]:
    """exp(iωt) for t in a block, (B, J, block), and at the blocks' starts, (B, J, count)."""
    angles = omega.double()[..., None]
    device = omega.device
    within = angles * torch.arange(block, device=device)
    starts = angles * block * torch.arange(count, device=device)
    return _unit(within), _unit(starts)


def _unit(angles: Tensor) -> Tensor:
    """exp(i angle), in 32 bits once the whole turns are taken away."""
    turn = 2 * torch.pi
    small = torch.remainder(angles, turn).float()
    return torch.polar(torch.ones_like(small), small)


def inner(y: Tensor, within: Tensor, starts: Tensor) -> Tensor:
    """Σ_t y exp(−iω_j t), (B, J)."""
    blocks = y.reshape(len(y), starts.shape[2], within.shape[2]).to(within.dtype)
    per_block = within.conj() @ blocks.mT  # (B, J, count)
    return (per_block * starts.conj()).sum(dim=2)


def sum_of(c: Tensor, within: Tensor, starts: Tensor) -> Tensor:
    """Re Σ_j c_j exp(iω_j t), (B, T)."""
    return ((c[..., None] * starts).mT @ within).real.flatten(1)


def _gram(omega: Tensor, envelope: Tensor, block: int) -> Tensor:
    """Σ_t e² exp(−i(ω_j − ω_k)t), (B, J, J); 0 where the difference is beyond the envelope's."""
    size = _PADDING * envelope.shape[1]
    spectrum = torch.fft.fft(block * envelope.square(), size)
    difference = omega[:, :, None] - omega[:, None]
    line = (difference * block * size / (2 * torch.pi)).round().long()
    beyond = line.abs() > size // 2
    values = spectrum.gather(1, (line % size).flatten(1)).reshape(line.shape)
    # A value of the envelope stands in the middle of its samples.
    centred = values * torch.exp(-0.5j * (block - 1) * difference)
    return torch.where(beyond, 0.0, centred)
