import numpy as np
import pytest

from synth import pooled_mels, pooled_spectra, pooled_spectrograms
from synth.features.mel import to_hz, to_mel


def test_spectrum_shows_a_line_where_it_is():
    rate, frequency = 22_050, 1_500.0
    sound = np.sin(2 * np.pi * frequency / rate * np.arange(8192))[None]
    spectra = pooled_spectra(sound, rate, bins=300)
    assert spectra.shape == (1, 300)
    assert spectra.max() == 0
    assert spectra.argmax() == int(300 * to_mel(frequency) / to_mel(rate / 2))
    assert np.median(spectra) < -60


def test_where_bins_are_narrower_than_lines_a_spectrum_is_drawn_between_them():
    click = np.zeros((1, 250))  # lines are 88 Hz apart
    click[0, 120:123] = 1, 2, 1
    (spectrum,) = pooled_spectra(click, 22_050, bins=512)
    assert np.abs(np.diff(spectrum[10:400])).max() < 1  # a smooth curve, without steps
    assert (np.diff(spectrum[10:200]) != 0).all()


def tones(seconds: float, *frequencies: float) -> np.ndarray:
    time = np.arange(round(22_050 * seconds)) / 22_050
    return np.stack([np.sin(2 * np.pi * frequency * time) for frequency in frequencies])


def spectrograms(sounds):
    return {"lines": pooled_spectrograms(sounds, 2, 80), "mel": pooled_mels(sounds, 80)}


@pytest.mark.parametrize("scale", ["lines", "mel"])
def test_a_tone_is_brightest_in_its_own_row_and_hop(scale):
    sounds = tones(2.5, 200, 1_500, 4_030)
    sounds[:, :27_000] *= 1e-3
    levels, edges, seconds = spectrograms(sounds)[scale]
    assert levels.shape == (3, len(edges) - 1, 62)  # 184 hops, three to a column
    assert seconds == pytest.approx(186 * 300 / 22_050)
    assert levels.max(axis=(1, 2)) == pytest.approx([0, 0, 0])
    for picture, frequency in zip(levels, (200, 1_500, 4_030), strict=True):
        row = picture.max(axis=1).argmax()
        assert edges[row] <= frequency <= edges[row + 1]
        onset = 27_000 / 22_050 / seconds * 62
        assert picture[row, int(onset) + 1 : -1].min() > -3  # the last is half beyond the end
        assert picture[row, : int(onset) - 1].max() == pytest.approx(-60, abs=3)


@pytest.mark.parametrize("lines", [1, 2, 4])
def test_the_rows_of_a_spectrogram_are_even_on_the_mel_scale(lines):
    _, edges, _ = pooled_spectrograms(tones(0.2, 200), lines, 80)
    line = 22_050 / 2_048
    assert (edges[0], edges[-1]) == pytest.approx((-line / 2, 22_050 / 2 + line / 2))
    # Each edge lies between two lines, at the nearest such place.
    even = to_hz(np.arange(len(edges) - 1) * to_mel(lines * line))
    assert np.abs(edges[:-1] + line / 2 - even).max() <= line / 2
    assert np.diff(edges)[:10] == pytest.approx([lines * line] * 10)


@pytest.mark.parametrize("scale", ["lines", "mel"])
def test_silence_is_dark(scale):
    levels, _, _ = spectrograms(np.zeros((1, 3_000)))[scale]
    assert (levels == -80).all()


def test_pictures_refuse_what_they_cannot_show():
    sounds = tones(0.5, 200)
    for wrong, name in (((0, 9), "lines"), ((51, 9), "lines"), ((2, 0), "columns")):
        with pytest.raises(ValueError, match=name):
            pooled_spectrograms(sounds, *wrong)
    with pytest.raises(ValueError, match="1174"):
        pooled_mels(sounds[:, :1_000], 9)


def test_levels_of_a_picture_can_be_those_relative_to_another_sound():
    loud = np.sin(2 * np.pi * 1000 * np.arange(22_050) / 22_050)[None]
    quiet = 0.1 * loud
    assert pooled_spectra(quiet, 22_050, reference=loud).max() == pytest.approx(-20)
    for picture in (
        pooled_spectrograms(quiet, 4, 96, reference=loud),
        pooled_mels(quiet, 96, reference=loud),
    ):
        assert picture.levels.max() == pytest.approx(-20, abs=0.01)
        assert picture.levels.min() == -80
