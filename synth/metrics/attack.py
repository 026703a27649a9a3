"""How a vocoder's sound begins: its attack, and what is heard before it."""

import numpy as np
from numpy.typing import NDArray

from synth import _checks

ATTACK = 1_100
"""Samples of the attack, 50 ms at 22,050 Hz."""

MIN_PRE_ECHO = -100.0
"""dB; less is taken for it, exact silence too."""

_PIECE = 110  # 5 ms

Floats = NDArray[np.float64]


def attack_error(generated: NDArray[np.floating], reference: NDArray[np.floating]) -> Floats:
    """Mean |error| in dB of the level in pieces of 5 ms of the first 50 ms, 40 dB deep.

    Args:
        generated: (N, T), T ≥ 1,100, at 22,050 Hz.
        reference: (N, T), not silent in its first 50 ms.

    Returns:
        (N,), dB.
    """

    def levels(waves: NDArray[np.floating]) -> Floats:
        pieces = waves[:, :ATTACK].astype(np.float64).reshape(len(waves), -1, _PIECE)
        result: Floats = np.sqrt(np.square(pieces).mean(axis=2))
        return result

    expected = levels(reference)
    floor = 0.01 * expected.max(axis=1, keepdims=True)
    ratio = np.maximum(levels(generated), floor) / np.maximum(expected, floor)
    errors: Floats = np.abs(20 * np.log10(ratio)).mean(axis=1)
    return errors


def pre_echo(generated: NDArray[np.floating], onset: int) -> Floats:
    """The energy before a sound's onset, relative to that of the first 50 ms after it, in dB.

        10 log₁₀ (Σ_{t < onset} x_t² / Σ_{onset ≤ t < onset + 1,100} x_t²)

    The original has to be silent before its onset: whatever is there was added.

    Args:
        generated: (N, T), at 22,050 Hz, not silent in the 50 ms.
        onset: the sample at which the originals begin, 1 to T − 1,100.

    Returns:
        (N,), dB, at least −100.

    Raises:
        ValueError: if the onset is out of range, or a sound is silent after it.
    """
    onset = _checks.whole("onset", onset, 1, generated.shape[1] - ATTACK)
    squares = np.square(generated.astype(np.float64))
    after = squares[:, onset : onset + ATTACK].sum(axis=1)
    if not after.all():
        raise ValueError("a sound is silent in the 50 ms after its onset")
    ratio = squares[:, :onset].sum(axis=1) / after
    decibels: Floats = 10 * np.log10(np.maximum(ratio, 10 ** (MIN_PRE_ECHO / 10)))
    return decibels
