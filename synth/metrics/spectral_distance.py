"""Distances between sets of short frames of sound, by their spectra."""

import numpy as np
import torch
from numpy.typing import NDArray

from synth import _checks

Floats = NDArray[np.float64]


def log_spectra(frames: NDArray[np.floating], floor_db: float = 60.0) -> Floats:
    """Magnitude spectra in dB below each frame's loudest bin: neither gain nor phase counts.

        S[f] = max(20 log10(|Y[f]| / max_f |Y[f]|), −floor_db),    Y = rfft(hann · y)

    Args:
        frames: (N, L), L ≥ 2.
        floor_db: Range in dB, in (0, 200]; what is quieter is taken for silence.

    Returns:
        (N, L // 2 + 1), in [−floor_db, 0]. A frame of zeros is at the floor everywhere.

    Raises:
        ValueError: If a shape or value is out of range, or a sample is not finite.
    """
    frames = _finite_matrix("frames", frames)
    floor_db = _checks.number("floor_db", floor_db, 0, 200, exclude_low=True)
    length = _checks.whole("the length of the frames", frames.shape[1], 2, 10**7)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    magnitudes = np.abs(np.fft.rfft(window * frames))
    loudest = magnitudes.max(axis=1, keepdims=True)
    relative = magnitudes / np.where(loudest > 0, loudest, 1)
    result: Floats = 20 * np.log10(np.maximum(relative, 10 ** (-floor_db / 20)))
    return result


def sliced_wasserstein(
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    num_projections: int = 256,
    *,
    generator: torch.Generator,
) -> float:
    """Sliced Wasserstein-2 distance between two equally large sets of points.

        SW2² = E_u[mean_i (⟨u, a⟩_(i) − ⟨u, b⟩_(i))²],    u uniform on the unit sphere,

    where (i) is the i-th smallest. Source: Bonneel et al. 2015.

    Args:
        a: (N, D).
        b: (N, D).
        num_projections: Number of directions u, 1 to 100,000.
        generator: Draws the directions, on the CPU.

    Returns:
        The distance, in the unit of the points.

    Raises:
        ValueError: If the shapes differ, or a value is not finite or out of range.
    """
    a, b = _finite_matrix("a", a), _finite_matrix("b", b)
    if a.shape != b.shape:
        raise ValueError(f"a and b must have one shape, got {a.shape} and {b.shape}")
    num_projections = _checks.whole("num_projections", num_projections, 1, 100_000)
    shape = (a.shape[1], num_projections)
    directions = torch.randn(shape, generator=generator, dtype=torch.float64).numpy()
    directions /= np.linalg.norm(directions, axis=0)
    difference = np.sort(a @ directions, axis=0) - np.sort(b @ directions, axis=0)
    return float(np.sqrt(np.mean(difference**2)))


def spectral_distance_ratio(
    generated: NDArray[np.floating],
    real: NDArray[np.floating],
    *,
    generator: torch.Generator,
    num_draws: int = 4,
) -> float:
    """How much farther generated frames are from real ones than real ones from each other.

        ratio = mean SW2(S(generated), S(real₁)) / mean SW2(S(real₁), S(real₂)),    S log spectra,

    means over draws of two disjoint sets from the real frames: about 1 is that of real frames.

    Args:
        generated: (N, L).
        real: (M, L), M ≥ 2 N: the pool that the real sets are drawn from.
        generator: Draws the sets and the projections, on the CPU.
        num_draws: Number of draws, 1 to 1,000.

    Returns:
        The ratio, no unit.

    Raises:
        ValueError: If a shape or value is out of range, or all real frames are alike.
    """
    spectra, pool = log_spectra(generated), log_spectra(real)
    count = len(spectra)
    if len(pool) < 2 * count or pool.shape[1] != spectra.shape[1]:
        raise ValueError(
            f"real must have shape (at least {2 * count}, {np.shape(generated)[1]}), twice as many "
            f"frames as generated and as long, got {np.shape(real)}"
        )
    num_draws = _checks.whole("num_draws", num_draws, 1, 1000)
    distance, floor = 0.0, 0.0
    for _ in range(num_draws):
        order = torch.randperm(len(pool), generator=generator).numpy()
        first, second = pool[order[:count]], pool[order[count : 2 * count]]
        distance += sliced_wasserstein(spectra, first, generator=generator)
        floor += sliced_wasserstein(second, first, generator=generator)
    if floor == 0:
        raise ValueError(
            "real must hold different sounds, got frames with one and the same spectrum"
        )
    return distance / floor


def _finite_matrix(name: str, values: NDArray[np.floating]) -> Floats:
    matrix: Floats = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2 or matrix.size == 0 or not np.isfinite(matrix).all():
        raise ValueError(
            f"{name} must be a finite array of shape (N, L), N and L at least 1, "
            f"got shape {matrix.shape} with {np.count_nonzero(~np.isfinite(matrix))} "
            "values that are not finite"
        )
    return matrix
