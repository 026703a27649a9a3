"""How a sound begins is measured right where the answer is known."""

import numpy as np
import pytest

from synth import attack_error, pre_echo, render
from synth.sound import Sound

ONSET = 2_205
MS_20 = 441


@pytest.fixture(scope="module")
def delayed():
    waves = render([Sound(220.0, 5, 0.0, 400.0, 2.0), Sound(587.0, 3, 0.0, 900.0, 3.0)], 0.2)
    return np.pad(waves, ((0, 0), (ONSET, 0)))


def test_a_click_before_the_onset_is_the_pre_echo(delayed):
    energy = np.square(delayed[:, ONSET : ONSET + 1_100]).sum(axis=1)
    clicked = delayed.copy()
    clicked[:, ONSET - MS_20] = np.sqrt(energy * 10 ** np.array([-3.0, -1.2]))
    np.testing.assert_allclose(pre_echo(clicked, ONSET), [-30, -12], atol=1e-4)


def test_neither_loudness_nor_what_comes_after_50_ms_counts(delayed):
    noisy = delayed + 0.01 * np.random.default_rng(0).standard_normal(delayed.shape)
    expected = pre_echo(noisy, ONSET)
    np.testing.assert_allclose(pre_echo(0.1 * noisy, ONSET), expected)
    noisy[:, ONSET + 1_100 :] *= 100
    np.testing.assert_allclose(pre_echo(noisy, ONSET), expected)


def test_an_exact_copy_has_no_pre_echo_and_no_error_of_its_attack(delayed):
    assert pre_echo(delayed, ONSET).tolist() == [-100, -100]
    sounds = delayed[:, ONSET:]
    assert attack_error(sounds, sounds).tolist() == [0, 0]


def test_an_attack_at_half_its_amplitude_is_off_by_6_db(delayed):
    sounds = delayed[:, ONSET:]
    np.testing.assert_allclose(attack_error(0.5 * sounds, sounds), 20 * np.log10(2), rtol=1e-4)


@pytest.mark.parametrize("onset", [0, -1, 10**6, 2.5])
def test_an_onset_outside_of_the_sound_is_refused(delayed, onset):
    with pytest.raises(ValueError, match="onset must"):
        pre_echo(delayed, onset)


def test_silence_after_the_onset_is_refused(delayed):
    with pytest.raises(ValueError, match="silent in the 50 ms"):
        pre_echo(0 * delayed, ONSET)
