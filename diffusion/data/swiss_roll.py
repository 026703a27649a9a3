"""The swiss roll in the plane, with its exact density and score under any Gaussian noise.

It is scikit-learn's `make_swiss_roll(noise=0.3)[:, [0, 2]] / 10`, the tutorial's data set:

    x_0 = c(u) + 0.03 ε,   c(u) = (t cos t, t sin t) / 10,   t = 3π/2 (1 + 2u),   u ~ U(0, 1).

It is one of `diffusion.distributions`, under short names: the networks learn this one.
"""

from __future__ import annotations

from diffusion.data import distributions
from diffusion.data.distributions import SWISS_ROLL

WIDTH = SWISS_ROLL.width
"""Standard deviation of the points around the curve."""

curve = SWISS_ROLL.curve
sample = SWISS_ROLL.sample
log_prob = SWISS_ROLL.log_prob
score = SWISS_ROLL.score
distance_to_curve = SWISS_ROLL.distance
moments = SWISS_ROLL.moments


class Oracle(distributions.Oracle):
    """The exact noise predictor of the swiss roll."""

    def __init__(self) -> None:
        super().__init__(SWISS_ROLL)
