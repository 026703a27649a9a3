"""Each mistake spoils sounds as it is said to, and pyo's files as it is imitated."""

import numpy as np
import pytest
import torch

from synth import Sound, mistakes, render
from synth.rendering import pyo_renderer


@pytest.fixture(scope="module")
def waveforms():
    generator = torch.Generator().manual_seed(0)
    sounds = [Sound.random(generator, "notebook") for _ in range(64)]
    return render(sounds, 0.3, normalize=False)


def test_pyo_wraps_its_16_bit_files_around(monkeypatch):
    sound = Sound(110, 12, 0, 440, 1)
    loud = pyo_renderer.render_pyo([sound], 4_410, 22_050)
    assert np.abs(loud).max() > 2
    monkeypatch.setattr(pyo_renderer, "_FLOAT_32", 0)  # the tutorial's sampletype
    written = pyo_renderer.render_pyo([sound], 4_410, 22_050)
    # Half a unit may round the other way, and then wrap the other way.
    same = np.isclose(written, mistakes.sixteen_bits(loud), rtol=0, atol=1.1 / 32_768)
    assert same.mean() > 0.999


def test_about_half_of_the_notebooks_sounds_wrap_around(waveforms):
    outside = mistakes.file_as_it_comes(waveforms).fraction_outside()
    assert 0.3 < (outside > 0).mean() < 0.75  # 52 % of many; three standard errors of 64
    assert mistakes.file_in_range(waveforms).fraction_outside().max() == 0


def test_a_file_in_range_has_only_its_rounding(waveforms):
    wrong, right = mistakes.file_as_it_comes(waveforms), mistakes.file_in_range(waveforms)
    # Uniform rounding: 20 log10(32767 √12 · rms) is 101 dB at an rms of 1, so 74 at 5 %.
    assert right.signal_to_distortion().min() > 70
    spoiled = wrong.fraction_outside() > 0.01
    assert wrong.signal_to_distortion()[spoiled].max() < 20


def test_dividing_by_max_cuts_what_is_below(waveforms):
    wrong, right = mistakes.divided_by_max(waveforms), mistakes.divided_by_peak(waveforms)
    assert wrong.samples.max() == pytest.approx(1)
    assert wrong.samples.min() < -1.2
    assert wrong.kept.min() == -1
    assert np.array_equal(right.samples, right.kept)
    assert right.signal_to_distortion() == pytest.approx(120)
    assert 0.25 < (wrong.fraction_outside() > 0).mean() < 0.7  # 47 % of many


def test_distortion_by_hand():
    samples = np.array([[0.5, -2.0, 1.0, 0.5]])
    kept = mistakes.Kept(samples, samples.clip(-1, 1))
    assert kept.fraction_outside() == pytest.approx(0.25)
    assert kept.signal_to_distortion() == pytest.approx(10 * np.log10(5.5))


def test_the_notebooks_frames_are_shorter_than_a_period():
    waveforms = np.zeros((2, 22_050))
    assert mistakes.frames_of_11_ms(waveforms).shape == (2, 250)
    assert 250 < 22_050 / 82.4
    assert mistakes.frames_of_a_second(waveforms).shape == (2, 22_050)


def test_even_partials_ignore_the_inharmonicity():
    sound = Sound(100, 5, 0.001, 440, 1)
    (wrong,), (right,) = mistakes.even_partials([sound]), mistakes.stretched_partials([sound])
    assert wrong.partial_frequencies(22_050) == pytest.approx([100, 200, 400, 600, 800])
    assert right.partial_frequencies(22_050)[-1] > 505
