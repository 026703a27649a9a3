import numpy as np
import pytest

from synth import Sound, render
from synth.rendering.envelope import envelopes, has_envelope

PLAIN = (440, 1, 0.0, 440, 1)
RATE = 22050


def envelope(duration: float, **changes: float) -> np.ndarray:
    num_samples = round(duration * RATE)
    return envelopes([Sound(*PLAIN, **changes)], num_samples, RATE)[0].numpy()  # type: ignore[arg-type]


def test_levels_at_the_corners() -> None:
    level = envelope(1, attack=0.1, decay=0.2, sustain=0.4, release=0.5)
    at = [0, 0.06, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75]
    expected = [0, 0.6, 1, 0.7, 0.4, 0.4, 0.4, 0.2]
    assert level[[round(t * RATE) for t in at]] == pytest.approx(expected, abs=1e-4)
    assert level[-1] == pytest.approx(0.4 / (0.5 * RATE), rel=1e-3)  # silent one sample later


def test_steady_parts_are_straight() -> None:
    level = envelope(1, attack=0.1, decay=0.2, sustain=0.4, release=0.5).astype(float)
    for first, last in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 1)):
        bends = np.diff(level[round(first * RATE) + 2 : round(last * RATE) - 2], 2)
        assert np.abs(bends).max() < 1e-6


@pytest.mark.parametrize("duration", [0.05, 0.2, 1.0])
def test_short_sounds_fade_without_a_jump(duration: float) -> None:
    level = envelope(duration, attack=0.1, decay=0.2, sustain=0.4, release=0.5)
    assert level.min() >= 0
    assert level.max() <= 1
    assert np.abs(np.diff(level)).max() < 2 / (0.1 * RATE)
    assert level[-1] < 1e-3


def test_no_time_is_at_once() -> None:
    assert (envelope(0.1)[1:] == 1).all()
    assert envelope(0.1, sustain=0.3)[1:] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"decay": 1.0}, False),
        ({"attack": 0.1}, True),
        ({"sustain": 0.9}, True),
        ({"release": 0.1}, True),
    ],
)
def test_it_is_known_where_there_is_none(changes: dict[str, float], expected: bool) -> None:
    sound = Sound(*PLAIN, **changes)  # type: ignore[arg-type]
    assert has_envelope(sound) is expected
    same = np.array_equal(render(sound, 0.1), render(Sound(*PLAIN), 0.1))  # type: ignore[arg-type]
    assert same is not expected


def test_a_sound_that_is_never_let_in_is_refused() -> None:
    with pytest.raises(ValueError, match="silent"):
        render(Sound(*PLAIN, sustain=0.0), 0.1)  # type: ignore[arg-type]
