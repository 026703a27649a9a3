import numpy as np
import pytest

from synth import common_gain, loudness, match_loudness, match_residuals, match_together

RATE = 22_050
RNG = np.random.default_rng(0)


def sine(frequency: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_loudness_is_that_of_pyloudnorm(rate):
    import pyloudnorm  # with what it imports it takes a second

    decay = np.exp(-3 * np.arange(2 * rate) / rate)
    noise = 0.2 * RNG.normal(size=2 * rate)
    late = np.concatenate([np.zeros(rate), noise[:rate]])
    sounds = [sine(82.4, 2, rate), sine(440, 2, rate) * decay, sine(3_000, 2, rate), noise, late]
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    expected = [meter.integrated_loudness(sound) for sound in sounds]
    np.testing.assert_allclose(loudness(np.stack(sounds), rate), expected, atol=0.1)


def test_a_sine_of_997_hz_has_the_loudness_that_the_standard_states():
    assert loudness(sine(997, 3, 48_000)[None], 48_000)[0] == pytest.approx(-3.01, abs=0.02)


def test_short_sounds_have_the_loudness_of_long_ones():
    short, long = loudness(sine(440, 0.3)[None]), loudness(sine(440, 2)[None])
    np.testing.assert_allclose(short, long, atol=0.3)


def test_noise_and_low_notes_become_equally_loud():
    noise = RNG.normal(size=RATE)
    matched = match_loudness(np.stack([noise, 0.01 * sine(82.4)]))
    np.testing.assert_allclose(loudness(matched), -20, atol=1e-3)
    low_to_noise = np.sqrt(np.square(matched).mean(axis=1))
    assert 20 * np.log10(low_to_noise[1] / low_to_noise[0]) > 3  # of one RMS, noise is louder
    assert np.corrcoef(matched[0], noise)[0, 1] == pytest.approx(1)


def test_a_peak_at_full_scale_makes_all_quieter_alike():
    click = np.zeros(RATE)
    click[::5_000] = 1e-3
    matched = match_loudness(np.stack([np.zeros(RATE), click, sine(440)]))
    assert not matched[0].any()
    assert np.abs(matched).max() == pytest.approx(1)
    assert matched[1].max() == pytest.approx(1)
    assert loudness(matched)[1] == pytest.approx(loudness(matched)[2], abs=1e-3)
    assert loudness(matched)[1] < -25
    together, common = match_together([sine(440)[None], click[None]])
    assert common == pytest.approx(loudness(matched)[1])
    np.testing.assert_array_equal(np.concatenate(together), matched[[2, 1]])


def test_one_gain_keeps_differences_of_loudness():
    loud, quiet = sine(440)[None], 0.1 * sine(440)[None]
    gain = common_gain([quiet, loud])
    assert loudness(gain * loud)[0] == pytest.approx(-20)
    assert common_gain([np.zeros((1, 9))]) == 1
    assert common_gain([np.eye(1, 9_000)]) == pytest.approx(1)


@pytest.mark.parametrize("bad", [np.zeros(5), np.full((1, 5), np.nan)])
def test_bad_sounds_are_refused(bad):
    for function in (match_loudness, loudness):
        with pytest.raises(ValueError, match="finite"):
            function(bad)
    with pytest.raises(ValueError, match="target"):
        match_loudness(np.zeros((1, 5)), target=1)


def test_a_residual_is_as_loud_as_it_is_beside_the_original():
    original = 0.3 * sine(440)[None]
    copies = np.concatenate([0.9 * original, original, -9 * original])
    tenth, nothing, loud = match_residuals(original - copies, original, -20)
    assert loudness(tenth[None])[0] == pytest.approx(-40, abs=1e-3)  # a tenth of the amplitude
    assert not nothing.any()
    assert np.abs(loud).max() == pytest.approx(1)  # ten times would leave [-1, 1]
