import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from synth import Sound, midi_to_hz

SOUND = Sound(220, 5, 0.0, 500, 2)
PRIORS = ("harmonic", "notebook")


def test_harmonic_partials_are_multiples() -> None:
    np.testing.assert_allclose(SOUND.partial_frequencies(22050), [220, 440, 660, 880, 1100])


def test_notebook_partials_are_the_fundamental_and_even_multiples() -> None:
    sound = Sound(220, 5, 0.05, 500, 2, series="notebook")
    np.testing.assert_allclose(sound.partial_frequencies(22050), [220, 440, 880, 1320, 1760])


def test_inharmonic_partials_follow_the_stiff_string() -> None:
    partials = Sound(100, 4, 0.01, 500, 2).partial_frequencies(22050)
    expected = [100 * k * math.sqrt((1 + 0.01 * k * k) / 1.01) for k in (1, 2, 3, 4)]
    np.testing.assert_allclose(partials, expected, rtol=1e-12)
    assert partials.dtype == np.float64
    assert partials[0] == pytest.approx(100)


def test_partials_at_or_above_nyquist_are_dropped() -> None:
    np.testing.assert_allclose(
        Sound(1000, 40, 0, 500, 2).partial_frequencies(8000), [1e3, 2e3, 3e3]
    )
    assert Sound(4000, 2, 0, 500, 2).partial_frequencies(8000).size == 0


@pytest.mark.parametrize("sample_rate", [0, -1, math.nan, math.inf, "22050", None, True])
def test_bad_sample_rates_are_refused(sample_rate: object) -> None:
    with pytest.raises(ValueError, match="sample_rate"):
        SOUND.partial_frequencies(sample_rate)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", list(Sound.RANGES))
@pytest.mark.parametrize(
    "bad", [math.nan, math.inf, -math.inf, "3", None, True, [1], 1j, "low", "high"]
)
def test_bad_values_are_refused_with_name_and_range(name: str, bad: object) -> None:
    low, high = Sound.RANGES[name]
    value = {"low": low - 1, "high": high + 1}.get(bad, bad) if isinstance(bad, str) else bad
    values = {
        "f0": 220,
        "num_harmonics": 5,
        "inharmonicity": 0,
        "filter_frequency": 9,
        "filter_q": 2,
    }
    values["filter_frequency"] = 500
    with pytest.raises(ValueError, match=name) as caught:
        Sound(**{**values, name: value})
    assert f"{high:g}" in str(caught.value)


def test_values_are_kept_as_plain_numbers() -> None:
    sound = Sound(np.float32(220), 5.0, 0, 500, np.int64(2))  # type: ignore[arg-type]
    assert sound == SOUND
    assert hash(sound) == hash(SOUND)
    assert type(sound.f0) is float
    assert type(sound.num_harmonics) is int
    with pytest.raises(ValueError, match="num_harmonics must be a whole number"):
        Sound(220, 5.5, 0, 500, 2)  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        sound.f0 = 3.0  # type: ignore[misc]


@pytest.mark.parametrize("series", ["odd", None, 1, ["harmonic"]])
def test_unknown_series_are_refused(series: object) -> None:
    with pytest.raises(ValueError, match="harmonic, notebook"):
        Sound(220, 5, 0, 500, 2, series=series)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="harmonic, notebook"):
        Sound.random(torch.Generator(), series)  # type: ignore[arg-type]


@given(
    f0=st.floats(20, 4000),
    num_harmonics=st.integers(1, 40),
    inharmonicity=st.floats(0, 0.1),
    prior=st.sampled_from(PRIORS),
)
def test_partials_rise_from_f0_and_stay_below_nyquist(
    f0, num_harmonics, inharmonicity, prior
) -> None:  # type: ignore[no-untyped-def]
    partials = Sound(f0, num_harmonics, inharmonicity, 500, 2, prior).partial_frequencies(22050)
    assert 1 <= len(partials) <= num_harmonics
    assert partials[0] == pytest.approx(f0)
    assert np.all(np.diff(partials) > 0)
    assert partials[-1] < 11025


@pytest.mark.parametrize("prior", PRIORS)
def test_random_sounds_cover_exactly_the_tutorials_values(prior: str) -> None:
    generator = torch.Generator().manual_seed(0)
    sounds = [Sound.random(generator, prior) for _ in range(2000)]  # type: ignore[arg-type]
    assert {s.f0 for s in sounds} == {midi_to_hz(note) for note in range(40, 60)}
    assert {s.num_harmonics for s in sounds} == set(range(1, 21))
    assert {s.filter_frequency for s in sounds} == {110.25 * i for i in range(1, 11)}
    assert {s.filter_q for s in sounds} == set(range(1, 11))
    stiffness = [s.inharmonicity for s in sounds]
    if prior == "notebook":
        assert set(stiffness) == {i / 1000 for i in range(100)}
    else:
        assert 0 <= min(stiffness) < 1e-5
        assert 0.00099 < max(stiffness) <= 0.001
    assert {s.series for s in sounds} == {prior}


def test_random_depends_only_on_its_generator() -> None:
    first = Sound.random(torch.Generator().manual_seed(3))
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    assert Sound.random(torch.Generator().manual_seed(3)) == first
    assert Sound.random(torch.Generator().manual_seed(4)) != first
    with pytest.raises(ValueError, match=r"torch\.Generator"):
        Sound.random(3)  # type: ignore[arg-type]


def test_partials_fall_with_the_slope_per_octave() -> None:
    amplitudes = Sound(100, 8, 0, 500, 2, spectral_slope=-6).partial_amplitudes()
    decibels = 20 * np.log10(amplitudes)
    np.testing.assert_allclose(decibels[[0, 1, 3, 7]], [0, -6, -12, -18], atol=1e-12)
    assert decibels[2] == pytest.approx(-6 * math.log2(3))


@pytest.mark.parametrize(
    ("balance", "odd", "even"),
    [(0, 1, 1), (1, 1, 0), (-1, 0, 1), (0.25, 1, 0.75), (-0.25, 0.75, 1)],
)
def test_balance_turns_down_the_even_or_the_odd_partials(
    balance: float, odd: float, even: float
) -> None:
    amplitudes = Sound(100, 5, 0, 500, 2, odd_even_balance=balance).partial_amplitudes()
    np.testing.assert_allclose(amplitudes, [odd, even, odd, even, odd])


def test_notebook_partials_are_even_but_the_first() -> None:
    sound = Sound(100, 4, 0, 500, 2, series="notebook", odd_even_balance=1, spectral_slope=-6)
    np.testing.assert_allclose(sound.partial_amplitudes(), [1, 0, 0, 0])
    steep = Sound(100, 4, 0, 500, 2, series="notebook", spectral_slope=-6)
    assert 20 * np.log10(steep.partial_amplitudes()[2]) == pytest.approx(-12)  # rank 4


def test_drawn_amplitudes_are_multiplied_in() -> None:
    sound = Sound(100, 3, 0, 500, 2, spectral_slope=-6, amplitudes=[1, 0.5, 0])  # type: ignore[arg-type]
    assert sound.amplitudes == (1.0, 0.5, 0.0)
    assert hash(sound)
    np.testing.assert_allclose(sound.partial_amplitudes(), [1, 0.5 * 10**-0.3, 0])
    frequencies, amplitudes = sound.sines(22050)
    np.testing.assert_allclose(frequencies, [100, 200])  # what has no amplitude is no sine
    assert len(amplitudes) == 2


@pytest.mark.parametrize(
    "bad", [(1, 1), (1, 2, 1), (0, 0, 0), (1, -1, 1), (1, math.nan, 1), "111", 3]
)
def test_bad_drawn_amplitudes_are_refused(bad: object) -> None:
    with pytest.raises(ValueError, match=r"amplitudes must be .*\[0, 1\]"):
        Sound(100, 3, 0, 500, 2, amplitudes=bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("interval", [7, -12, 0.5])
def test_the_second_note_is_the_first_transposed(interval: float) -> None:
    sound = Sound(100, 4, 0.001, 500, 2, second_interval=interval, second_level=0.5)
    frequencies, amplitudes = sound.sines(22050)
    np.testing.assert_allclose(frequencies[4:], frequencies[:4] * 2 ** (interval / 12))
    np.testing.assert_allclose(amplitudes, [1] * 4 + [0.5] * 4)
    np.testing.assert_allclose(frequencies[:4], sound.partial_frequencies(22050))


def test_no_second_note_without_a_level_and_none_of_its_partials_beyond_nyquist() -> None:
    alone = Sound(100, 4, 0, 500, 2, second_interval=7)
    assert len(alone.sines(22050)[0]) == 4
    high = Sound(1500, 2, 0, 500, 2, second_interval=12, second_level=1)
    np.testing.assert_allclose(high.sines(8000)[0], [1500, 3000, 3000])
    low = Sound(3000, 2, 0, 500, 2, second_interval=-12, second_level=1)
    np.testing.assert_allclose(low.sines(8000)[0], [3000, 1500, 3000])


def test_midi_note_69_is_440_hz() -> None:
    assert midi_to_hz(69) == 440
    assert midi_to_hz(57) == 220
