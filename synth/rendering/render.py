"""From sounds to waveforms, with either renderer."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from synth import _checks
from synth.rendering.pyo_renderer import render_pyo
from synth.rendering.vectorized_renderer import render_vectorized
from synth.sound import Sound

Renderer = Literal["vectorized", "pyo"]

SMALLEST = float(np.finfo(np.float32).tiny)
"""A peak below this has lost digits in 32 bits, and cannot be normalised."""


def render(
    sounds: Sound | Sequence[Sound],
    duration: float = 0.5,
    sample_rate: int = 22050,
    renderer: Renderer = "vectorized",
    normalize: bool = True,
) -> NDArray[np.float32]:
    """Render sounds to waveforms, y / max|y| if normalised.

    A sound may be as quiet as its filter leaves it, and is normalised all the same. It is silent
    only if no sine is left, if the envelope never opens, or if it has a single sample.

    Args:
        sounds: One sound or N of them.
        duration: Seconds, in (0, 10].
        sample_rate: Whole Hz, in [8000, 96000].
        renderer: "vectorized" (all at once, in closed form) or "pyo" (one by one).
        normalize: Whether each sound is divided by its largest absolute value.

    Returns:
        float32 (N, round(duration · sample_rate)), finite; within [−1, 1] if normalised.

    Raises:
        ValueError: If an argument is out of range, f0 or the filter's frequency is not below
            half the sample rate, or a sound is silent; the sentence says why.
    """
    batch = _as_list(sounds)
    duration = _checks.number("duration", duration, 0, 10, exclude_low=True)
    sample_rate = _checks.whole("sample_rate", sample_rate, 8000, 96000)
    _checks.one_of("renderer", renderer, get_args(Renderer))
    num_samples = max(1, round(duration * sample_rate))
    for index, sound in enumerate(batch):
        _check_frequencies(sound, sample_rate)
        if reason := _why_silent(sound, num_samples, sample_rate):
            raise ValueError(f"sounds[{index}] is silent: {reason}")
    if not batch:
        return np.empty((0, num_samples), dtype=np.float32)

    function = render_vectorized if renderer == "vectorized" else render_pyo
    waveforms = function(batch, num_samples, sample_rate)
    peaks = np.maximum(waveforms.max(axis=1), -waveforms.min(axis=1))[:, None]
    if not np.all(peaks >= SMALLEST):
        index = int(np.argmin(peaks))
        raise ValueError(
            f"sounds[{index}] is too quiet for 32 bits: its peak must be at least {SMALLEST:.1e}, "
            f"got {peaks[index, 0]:.1e}"
        )
    if normalize:
        waveforms /= peaks
    return waveforms


def _as_list(sounds: object) -> list[Sound]:
    if isinstance(sounds, Sound):
        return [sounds]
    if not isinstance(sounds, Sequence) or not all(isinstance(s, Sound) for s in sounds):
        raise ValueError(f"sounds must be a Sound or a sequence of Sounds, got {sounds!r}")
    return list(sounds)


def _check_frequencies(sound: Sound, sample_rate: int) -> None:
    for name in ("f0", "filter_frequency"):
        value = getattr(sound, name)
        if value >= sample_rate / 2:
            raise ValueError(
                f"{name} must be below half the sample rate, {sample_rate / 2:g} Hz, got {value:g}"
            )


def _why_silent(sound: Sound, num_samples: int, sample_rate: int) -> str | None:
    """Why every sample of a sound is 0, in the words of its parameters; none if one is not."""
    if num_samples < 2:
        return "a duration of 1 sample holds only the start of the sines, which is 0"
    if not sound.sines(sample_rate)[0].size:
        drawn = f" and amplitudes = {sound.amplitudes}" if sound.amplitudes else ""
        return (
            f"odd_even_balance = {sound.odd_even_balance:g}{drawn} leave none of the partials "
            f"(num_harmonics = {sound.num_harmonics}) below half the sample rate, "
            f"{sample_rate / 2:g} Hz"
        )
    if sound.sustain == 0 and (sound.attack + sound.decay) * sample_rate <= 1:
        return (
            f"sustain is 0 and attack and decay, {sound.attack:g} and {sound.decay:g} s, end "
            f"within a sample"
        )
    return None
