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

SILENCE = 1e-6
"""A peak below this is taken for a mistake in the parameters, not for a sound."""


def render(
    sounds: Sound | Sequence[Sound],
    duration: float = 0.5,
    sample_rate: int = 22050,
    renderer: Renderer = "vectorized",
    normalize: bool = True,
) -> NDArray[np.float32]:
    """Render sounds to waveforms, y / max|y| if normalised.

    Args:
        sounds: One sound or N of them.
        duration: Seconds, in (0, 10].
        sample_rate: Whole Hz, in [8000, 96000].
        renderer: "vectorized" (all at once, in closed form) or "pyo" (one by one).
        normalize: Whether each sound is divided by its largest absolute value.

    Returns:
        float32 (N, round(duration · sample_rate)), finite; within [−1, 1] if normalised.

    Raises:
        ValueError: If an argument is out of range, or a sound cannot be heard: its f0 or its
            filter is not below half the sample rate, or its peak is below 1e-6.
    """
    batch = _as_list(sounds)
    duration = _checks.number("duration", duration, 0, 10, exclude_low=True)
    sample_rate = _checks.whole("sample_rate", sample_rate, 8000, 96000)
    _checks.one_of("renderer", renderer, get_args(Renderer))
    num_samples = max(1, round(duration * sample_rate))
    for sound in batch:
        _check_audible(sound, sample_rate)
    if not batch:
        return np.empty((0, num_samples), dtype=np.float32)

    function = render_vectorized if renderer == "vectorized" else render_pyo
    waveforms = function(batch, num_samples, sample_rate)
    peaks = np.maximum(waveforms.max(axis=1), -waveforms.min(axis=1))[:, None]
    if not np.all(peaks > SILENCE):
        index = int(np.argmin(peaks))
        raise ValueError(
            f"sounds[{index}] is silent (peak {peaks[index, 0]:.1e}, must be above {SILENCE:g}) "
            f"in {num_samples} samples: {batch[index]}"
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


def _check_audible(sound: Sound, sample_rate: int) -> None:
    for name in ("f0", "filter_frequency"):
        value = getattr(sound, name)
        if value >= sample_rate / 2:
            raise ValueError(
                f"{name} must be below half the sample rate, {sample_rate / 2:g} Hz, got {value:g}"
            )
