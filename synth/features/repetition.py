"""A short frame, repeated so that one can hear it."""

import numpy as np
from numpy.typing import NDArray


def repeated(frames: NDArray[np.floating], count: int, overlap: int) -> NDArray[np.float32]:
    """Each frame `count` times, one after the other, each crossfaded into the next.

    The fade is linear, so that where a frame fits its neighbour nothing changes.

    Args:
        frames: (N, L).
        count: ≥ 1.
        overlap: samples of the crossfade, 0 ≤ overlap ≤ L / 2.

    Returns:
        (N, count (L - overlap) + overlap).

    Raises:
        ValueError: for a number out of range.
    """
    length = frames.shape[1]
    if count < 1:
        raise ValueError(f"count must be >= 1, got {count}")
    if not 0 <= overlap <= length // 2:
        raise ValueError(f"overlap must be in [0, {length // 2}], got {overlap}")
    fade = (np.arange(overlap) + 1) / (overlap + 1)
    window = np.ones(length)
    window[:overlap], window[length - overlap :] = fade, fade[::-1]
    hop = length - overlap
    result = np.zeros((len(frames), count * hop + overlap))
    for k in range(count):
        gains = window.copy()
        if k == 0:
            gains[:overlap] = 1
        if k == count - 1:
            gains[length - overlap :] = 1
        result[:, k * hop : k * hop + length] += gains * frames
    return result.astype(np.float32)
