"""The expected power of the bins of a spectrum, from the powers of the mel's bands."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

MEL_SCALE = 0.25  # nepers to about unit size
LEAST_POWER = 1e-9  # of a bin: no power is 0, for it is divided by
MIXING_STEPS = 60


def band_powers(mels: Tensor) -> Tensor:
    """Powers of the bands and a constant, (…, features + 1), from scaled log-mels (…, features)."""
    return F.pad((2 / MEL_SCALE * mels).exp(), (0, 1), value=1.0)


def fit_mixing(mels: Tensor, power: Tensor) -> Tensor:
    """A ≥ 0, (F, bins), so that v = m A is the power of the bins, from (M, F) and (M, bins).

    It maximises the likelihood of Gaussian bins of variance v, that is, it minimises the mean of
    ln v + p/v (the Itakura-Saito divergence), by multiplicative updates (Févotte et al. 2009,
    section 4.1). The power of a tone is proportional to that of its band at any loudness, so that
    the loud partials are expected in full.
    """
    power = power + LEAST_POWER
    mixing = (power.mean() / mels.sum(dim=1).mean()).expand(mels.shape[1], power.shape[1]).clone()
    mixing[-1] = LEAST_POWER
    for _ in range(MIXING_STEPS):
        expected = mels @ mixing
        mixing *= ((mels.T @ (power / expected.square())) / (mels.T @ expected.reciprocal())).sqrt()
    return mixing
