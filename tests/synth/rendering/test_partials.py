"""Levels and frequencies of partials as they are meant, against those of the rendered sound."""

import numpy as np
import pytest

from synth import Sound, render
from synth.rendering.partials import filter_gain, partial_decibels, stretch_in_cents

RATE = 22_050
CHORD = Sound(
    f0=311.7,
    num_harmonics=9,
    inharmonicity=0.0007,
    filter_frequency=1200,
    filter_q=2.5,
    spectral_slope=-5,
    odd_even_balance=0.4,
    second_interval=3.5,
    second_level=0.6,
)


def test_levels_behind_the_filter_are_those_of_the_rendered_sound():
    levels = partial_decibels(CHORD, RATE)
    wave = render(CHORD, 2.0, RATE, normalize=False)[0, RATE:].astype(np.float64)
    turns = 2 * np.pi * np.outer(np.arange(RATE) / RATE, levels.frequencies)
    waves = np.hstack([np.sin(turns), np.cos(turns)])
    parts = np.linalg.lstsq(waves, wave, rcond=None)[0].reshape(2, -1)
    np.testing.assert_allclose(20 * np.log10(np.hypot(*parts)), levels.after, atol=0.1)
    assert levels.first_note == 9
    assert len(levels.frequencies) == 18
    quieter = levels.before[9:] - levels.before[:9]
    np.testing.assert_allclose(quieter, 20 * np.log10(0.6), atol=1e-9)


def test_what_does_not_sound_has_no_level():
    odd = Sound(3000, 9, 0, 1200, 2.5, odd_even_balance=1)
    levels = partial_decibels(odd, RATE)
    np.testing.assert_allclose(levels.frequencies, [3000, 9000])
    assert levels.first_note == 2
    even = Sound(3000, 1, 0, 1200, 2.5, odd_even_balance=-1)
    assert partial_decibels(even, RATE).frequencies.size == 0


def test_the_filter_passes_its_centre_and_halves_the_power_at_the_band_edges():
    sound = Sound(100, 1, 0, 500, 10)
    edges = 500 * (np.sqrt(1 + 1 / 400) + np.array([-1, 1]) / 20)
    assert filter_gain(sound, np.array([500.0]), RATE) == pytest.approx(0, abs=1e-4)
    np.testing.assert_allclose(filter_gain(sound, edges, RATE), -3.01, atol=0.02)


def test_stretch_is_that_of_a_stiff_string():
    k = np.arange(1, 41)
    cents = stretch_in_cents(Sound(100, 40, 0.0004, 500, 1), RATE)
    np.testing.assert_allclose(cents, 600 * np.log2((1 + 0.0004 * k**2) / 1.0004), atol=1e-9)
    assert not stretch_in_cents(Sound(100, 40, 0, 500, 1), RATE).any()
    notebook = Sound(100, 4, 0.01, 500, 1, series="notebook")
    assert not stretch_in_cents(notebook, RATE).any()


def test_a_sample_rate_too_low_for_the_filter_is_refused():
    with pytest.raises(ValueError, match="sample_rate must be in"):
        partial_decibels(CHORD, 2000)
