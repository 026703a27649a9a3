"""Loudness as ITU-R BS.1770 defines it, and sounds made equally loud."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from synth import _checks
from synth.features.mel import SAMPLE_RATE

Floats = NDArray[np.float64]

TARGET = -20.0
"""LKFS: what most sounds reach before their peaks reach full scale."""

_BLOCK, _HOP = 0.4, 0.1  # seconds
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0  # LKFS, LU
_TAIL = 0.25  # seconds, after which the filters have died away


def k_weighting(frequencies: Floats, sample_rate: float) -> NDArray[np.complex128]:
    """The response of the two K-weighting filters of BS.1770-4, a high shelf and a high-pass.

    The standard gives coefficients at 48 kHz; their analogue prototypes, by which they hold at
    every rate through the bilinear transform, are those of De Man 2018 and libebur128.

    Args:
        frequencies: In Hz, any shape.
        sample_rate: In Hz.
    """
    delay = np.exp(-2j * np.pi * frequencies / sample_rate)
    k, q = np.tan(np.pi * 1681.974450955533 / sample_rate), 0.7071752369554196
    gain = 10 ** (3.999843853973347 / 20)
    middle = gain**0.4996667741545416
    shelf = [gain + middle * k / q + k**2, 2 * (k**2 - gain), gain - middle * k / q + k**2]
    response = np.polyval(shelf[::-1], delay) / np.polyval(_poles(k, q)[::-1], delay)
    k, q = np.tan(np.pi * 38.13547087602444 / sample_rate), 0.5003270373238773
    poles = _poles(k, q)
    high_pass = poles[0] * (1 - delay) ** 2 / np.polyval(poles[::-1], delay)
    weighted: NDArray[np.complex128] = response * high_pass
    return weighted


def _poles(k: float, q: float) -> list[float]:
    return [1 + k / q + k**2, 2 * (k**2 - 1), 1 - k / q + k**2]


def loudness(sounds: NDArray[np.floating], sample_rate: float = SAMPLE_RATE) -> Floats:
    """The integrated loudness of each sound, −0.691 + 10 log10 of the K-weighted mean square.

    Of sounds of 400 ms or more the mean is gated: over blocks of 400 ms, every 100 ms, that are
    above −70 LKFS and less than 10 LU below the mean of those. Shorter sounds have the plain mean.
    The gate at −70 LKFS is applied at a peak of 1, so that a gain changes the loudness by itself.

    Args:
        sounds: (N, samples), finite.
        sample_rate: In Hz, 8,000 to 192,000.

    Returns:
        (N,) in LKFS, −inf for silence.

    Raises:
        ValueError: If `sounds` is not a matrix of finite numbers, or the rate out of range.

    Source: ITU-R BS.1770-4, annex 1.
    """
    sample_rate = _checks.number("sample_rate", sample_rate, 8_000, 192_000)
    sounds = _matrix(sounds)
    peaks = np.abs(sounds).max(axis=1, initial=0)
    result = np.full(len(sounds), -np.inf)
    heard = np.flatnonzero(peaks)
    power = np.square(_filtered(sounds[heard] / peaks[heard, None], sample_rate))
    result[heard] = [_gated(each, sample_rate) for each in power] + 20 * np.log10(peaks[heard])
    return result


def _filtered(sounds: Floats, sample_rate: float) -> Floats:
    samples = sounds.shape[1]
    length = scipy.fft.next_fast_len(samples + round(_TAIL * sample_rate), real=True)
    spectra = scipy.fft.rfft(sounds, length) * _weights(length, sample_rate)
    filtered: Floats = scipy.fft.irfft(spectra, length)[:, :samples]
    return filtered


@lru_cache(maxsize=32)
def _weights(length: int, sample_rate: float) -> NDArray[np.complex128]:
    weights = k_weighting(scipy.fft.rfftfreq(length, 1 / sample_rate), sample_rate)
    weights.flags.writeable = False
    return weights


def _gated(power: Floats, sample_rate: float) -> float:
    block, hop = round(_BLOCK * sample_rate), round(_HOP * sample_rate)
    if len(power) < block:
        return _lkfs(power.mean())
    sums = np.concatenate([[0], np.cumsum(power)])
    means = (sums[block:] - sums[:-block])[::hop] / block
    means = means[means > 10 ** ((_ABSOLUTE_GATE + 0.691) / 10)]
    if not len(means):
        return _lkfs(power.mean())
    return _lkfs(means[means > means.mean() * 10 ** (_RELATIVE_GATE / 10)].mean())


def _lkfs(mean_square: float) -> float:
    return float(-0.691 + 10 * np.log10(mean_square))


def match_loudness(sounds: NDArray[np.floating], target: float = TARGET) -> NDArray[np.float32]:
    """Scale all sounds to one loudness (BS.1770), so that noise and notes are equally loud.

    Where a peak would leave [-1, 1], all are quieter by as much; silence stays.

    Args:
        sounds: (N, samples) at 22,050 Hz.
        target: In LKFS, in [-70, 0]; see `match_together` for sounds of several arrays.

    Returns:
        float32 (N, samples), within [-1, 1].

    Raises:
        ValueError: If `sounds` is not a matrix of finite numbers, or `target` out of range.
    """
    return match_together([sounds], target)[0][0]


def match_together(
    groups: Iterable[NDArray[np.floating]], target: float = TARGET
) -> tuple[list[NDArray[np.float32]], float]:
    """`match_loudness` of the sounds of several arrays, all in one loudness.

    Args:
        groups: Each (N, samples) at 22,050 Hz.
        target: In LKFS, in [-70, 0].

    Returns:
        The arrays, float32, within [-1, 1]; and the loudness: the target, or the highest at which
        no sound exceeds a peak of 1.

    Raises:
        ValueError: If a group is not a matrix of finite numbers, or `target` out of range.
    """
    target = _checks.number("target", target, -70, 0)
    arrays = [_matrix(sounds) for sounds in groups]
    measured = [loudness(sounds) for sounds in arrays]
    for sounds, loud in zip(arrays, measured, strict=True):
        heard = np.isfinite(loud)
        room = loud[heard] - 20 * np.log10(np.abs(sounds[heard]).max(axis=1, initial=0))
        target = min(target, float(room.min(initial=target)))
    matched = []
    for sounds, loud in zip(arrays, measured, strict=True):
        gains = 10 ** ((target - np.where(np.isfinite(loud), loud, np.inf)) / 20)  # 0 of silence
        matched.append(np.clip(sounds * gains[:, None], -1, 1).astype(np.float32))
    return matched, target


def match_residuals(
    residuals: NDArray[np.floating], original: NDArray[np.floating], target: float = TARGET
) -> NDArray[np.float32]:
    """Scale residuals by the gain that gives the original the target loudness.

    So one hears how loud that is which a copy lacks or adds. Where the peak of a residual would
    leave [-1, 1], that residual is quieter.

    Args:
        residuals: (N, samples) at 22,050 Hz, the original minus its copies.
        original: (1, samples), not silent.
        target: In LKFS, in [-70, 0].

    Returns:
        float32 (N, samples), within [-1, 1].

    Raises:
        ValueError: If an array is not a matrix of finite numbers, or `target` out of range.
    """
    target = _checks.number("target", target, -70, 0)
    residuals = _matrix(residuals)
    gain = 10 ** ((target - loudness(original)[0]) / 20)
    peaks = np.abs(residuals).max(axis=1, keepdims=True, initial=1e-12)
    matched: NDArray[np.float32] = (residuals * np.minimum(gain, 1 / peaks)).astype(np.float32)
    return matched.clip(-1, 1)


def common_gain(groups: Iterable[NDArray[np.floating]], target: float = TARGET) -> float:
    """One gain for all sounds of all groups, whose differences in loudness are to be heard.

    The loudest sound gets the target loudness, unless a peak would leave [-1, 1].

    Args:
        groups: Each (N, samples) at 22,050 Hz.
        target: In LKFS, in [-70, 0].

    Returns:
        The gain, no unit; 1 if all is silent.

    Raises:
        ValueError: If a group is not a matrix of finite numbers, or `target` out of range.
    """
    target = _checks.number("target", target, -70, 0)
    groups = [_matrix(sounds) for sounds in groups]
    peak = max((float(np.abs(sounds).max(initial=0)) for sounds in groups), default=0.0)
    if not peak:
        return 1.0
    loudest = max(float(loudness(sounds).max(initial=-np.inf)) for sounds in groups)
    return float(min(10 ** ((target - loudest) / 20), 1 / peak))


def _matrix(sounds: NDArray[np.floating]) -> Floats:
    checked: Floats = np.asarray(sounds, dtype=np.float64)
    if checked.ndim != 2 or not np.isfinite(checked).all():
        raise ValueError(f"sounds must be a finite (N, samples) array, got shape {checked.shape}")
    return checked
