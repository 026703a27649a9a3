import numpy as np
import pytest

from synth import match_loudness, pooled_spectra


def test_noise_and_notes_become_equally_loud():
    rng = np.random.default_rng(0)
    note = 0.01 * np.sin(np.arange(4000) * 0.1)
    matched = match_loudness(np.stack([rng.normal(size=4000), note]))
    assert np.sqrt(np.mean(matched**2, axis=1)) == pytest.approx([0.12, 0.12], rel=1e-3)
    assert np.corrcoef(matched[1], note)[0, 1] == pytest.approx(1)


def test_silence_stays_and_peaks_are_kept_within_one():
    click = np.zeros(4000)
    click[7] = 1e-3
    matched = match_loudness(np.stack([np.zeros(4000), click]))
    assert not matched[0].any()
    assert matched[1].max() == pytest.approx(1)


@pytest.mark.parametrize("bad", [np.zeros(5), np.full((1, 5), np.nan)])
def test_bad_sounds_are_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        match_loudness(bad)
    with pytest.raises(ValueError, match="rms"):
        match_loudness(np.zeros((1, 5)), rms=0)


def test_spectrum_shows_a_line_where_it_is():
    rate, frequency = 22_050, 1_500.0
    sound = np.sin(2 * np.pi * frequency / rate * np.arange(8192))[None]
    spectra = pooled_spectra(sound, rate, 6_000.0, bins=300)
    assert spectra.shape == (1, 300)
    assert spectra.max() == 0
    assert spectra.argmax() == pytest.approx(300 * frequency / 6_000, abs=1)
    assert np.median(spectra) < -60
