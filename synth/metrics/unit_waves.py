"""Complex exponentials on a grid of samples, without one exponential for each of them."""

import math

import numpy as np
from numpy.typing import NDArray


def unit_waves(omega: NDArray[np.float64], start: float, count: int) -> NDArray[np.complex128]:
    """exp(iω (start + n)) for n = 0 … count − 1, by angle addition in blocks of √count.

    Args:
        omega: (K,), radians per sample.
        start: The first sample's time, in samples.
        count: Number of samples, at least 1.

    Returns:
        (count, K).
    """
    block = math.isqrt(count - 1) + 1
    steps = np.arange(block)[:, None]
    coarse = np.exp(1j * omega * (start + block * steps))
    waves = coarse[:, None] * np.exp(1j * omega * steps)
    result: NDArray[np.complex128] = waves.reshape(-1, len(omega))[:count]
    return result
