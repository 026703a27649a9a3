from dataclasses import replace

import numpy as np
import pytest
import torch

from synth import Sound, render
from synth.metrics.partial_errors import (
    detuning,
    noise_between_partials,
    noise_between_peaks,
    partial_errors,
)

RATE = 22_050
NOTE = Sound(196, 5, 0.0, 500, 0.7, spectral_slope=-6)
PARTIALS = NOTE.sines(RATE)[0]


def render_raw(sounds: list[Sound]) -> np.ndarray:
    return render(sounds, 1.0, normalize=False)


@pytest.mark.parametrize("cents", [0, 3.3, -40, 95])
def test_detuning_is_read_to_a_fraction_of_a_cent(cents: float) -> None:
    sharp = replace(NOTE, f0=NOTE.f0 * 2 ** (cents / 1200))
    assert detuning(render_raw([sharp]), [PARTIALS])[0] == pytest.approx(cents, abs=0.2)


def test_wide_sounds_are_in_tune_with_themselves() -> None:
    generator = torch.Generator().manual_seed(0)
    sounds = [Sound.random(generator, "wide") for _ in range(40)]
    waveforms, partials = render_raw(sounds), [s.sines(RATE)[0] for s in sounds]
    # Low notes with a second one close by overlap, and pull each other.
    assert np.median(np.abs(detuning(waveforms, partials))) < 0.1
    assert np.abs(detuning(waveforms, partials)).max() < 3
    for errors in partial_errors(waveforms, waveforms, partials):
        assert np.nanmax(np.abs(errors)) == 0


def test_each_partials_level_is_compared() -> None:
    changed = replace(NOTE, amplitudes=(1, 0.5, 1, 0.1, 1))
    errors = partial_errors(render_raw([changed]), render_raw([NOTE]), [PARTIALS])
    assert errors[0] == pytest.approx([0, -6.02, 0, -20, 0], abs=0.1)
    doubled = partial_errors(2 * render_raw([NOTE]), render_raw([NOTE]), [PARTIALS])
    assert doubled[0] == pytest.approx([6.02] * 5, abs=0.01)


def test_levels_are_found_where_a_detuned_sound_has_them() -> None:
    sharp = replace(NOTE, f0=NOTE.f0 * 2 ** (60 / 1200), filter_q=0.5)
    errors = partial_errors(
        render_raw([sharp]), render_raw([replace(NOTE, filter_q=0.5)]), [PARTIALS]
    )
    assert np.abs(errors[0]).max() < 0.5  # the filter stays where it is


def test_inaudible_partials_have_no_error() -> None:
    faint = replace(NOTE, amplitudes=(1, 1, 1, 1e-4, 1))
    errors = partial_errors(render_raw([NOTE]), render_raw([faint]), [PARTIALS])
    assert np.isnan(errors[0]).tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("decibels", [-20, -40, -60])
def test_noise_between_partials_is_the_noise_that_was_added(decibels: float) -> None:
    note = render_raw([NOTE])
    noise = np.random.default_rng(0).standard_normal(note.shape)
    noise *= 10 ** (decibels / 20) * np.linalg.norm(note) / np.linalg.norm(noise)
    share = 1 - 5 * 2 * 5 * RATE / 8192 / (RATE / 2)  # of the spectrum, off the five partials
    expected = decibels + 10 * np.log10(share)
    measured = noise_between_partials(note + noise, note, [PARTIALS])
    assert measured[0] == pytest.approx(expected, abs=0.7)


def test_a_steady_note_has_nothing_between_its_partials_and_a_sudden_one_has() -> None:
    steady = render_raw([NOTE])
    assert noise_between_partials(steady, steady, [PARTIALS])[0] < -70
    sudden = np.where(np.arange(22_050) < 11_025, steady, 0)
    assert noise_between_partials(sudden, sudden, [PARTIALS])[0] > -50


def test_a_wrong_note_is_all_between() -> None:
    note = render_raw([NOTE])
    other = render_raw([replace(NOTE, f0=260.0, num_harmonics=1)])
    ratio = np.linalg.norm(other) ** 2 / np.linalg.norm(note) ** 2
    measured = noise_between_partials(other, note, [PARTIALS])
    assert measured[0] == pytest.approx(10 * np.log10(ratio), abs=0.3)


SOUND = np.random.default_rng(0).standard_normal((1, 8_192))


@pytest.mark.parametrize(
    ("sound", "frequencies", "message"),
    [
        (SOUND[:, 1:], [PARTIALS], "T >= 8192"),
        (SOUND * 0, [PARTIALS], "not silent"),
        (SOUND, [], "frequencies must be 1 arrays"),
        (SOUND, [np.array([])], "at least one frequency"),
        (SOUND, [np.array([11_026.0])], r"frequencies must be in \(0, 11025\]"),
        (SOUND, [np.array([0.0])], "frequencies must be in"),
    ],
)
def test_bad_arguments_are_refused(
    sound: np.ndarray, frequencies: list[np.ndarray], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        noise_between_partials(sound, sound, frequencies)
    with pytest.raises(ValueError, match=message):
        partial_errors(sound, sound, frequencies)


def test_partials_without_a_gap_are_refused() -> None:
    with pytest.raises(ValueError, match="room between them"):
        noise_between_partials(SOUND, SOUND, [np.arange(10.0, 11_025, 15)])


def test_a_clean_note_has_nothing_beside_its_own_peaks_wherever_they_are() -> None:
    note = render_raw([NOTE])
    assert noise_between_peaks(note, note, [5])[0] < -70
    # 60 cents sharp, all energy is in the wrong place, but there is no hiss.
    displaced = render_raw([replace(NOTE, f0=NOTE.f0 * 2 ** (60 / 1200), filter_q=0.5)])
    wide = render_raw([replace(NOTE, filter_q=0.5)])
    assert noise_between_partials(displaced, wide, [PARTIALS])[0] > -6
    assert noise_between_peaks(displaced, wide, [5])[0] < -60


@pytest.mark.parametrize("decibels", [0, -20, -40, -60])
def test_hiss_is_beside_the_peaks_too(decibels: float) -> None:
    displaced = render_raw([replace(NOTE, f0=1.03 * NOTE.f0)])
    noise = np.random.default_rng(0).standard_normal(displaced.shape)
    noise *= 10 ** (decibels / 20) * np.linalg.norm(displaced) / np.linalg.norm(noise)
    off_peaks = 1 - 5 * 2 * 5 * RATE / 8192 / (RATE / 2)  # of the spectrum
    measured = noise_between_peaks(displaced + noise, displaced, [5])
    assert measured[0] == pytest.approx(decibels + 10 * np.log10(off_peaks), abs=0.7)


def test_each_missing_peak_counts_as_noise() -> None:
    note = render_raw([NOTE])
    # The five partials of NOTE fall off slowly: without the weakest two, some is left.
    rest = noise_between_peaks(note, note, [3])[0]
    power = np.sort(np.abs(np.fft.rfft(note[0])[np.round(PARTIALS).astype(int)]) ** 2)
    assert rest == pytest.approx(10 * np.log10(power[:2].sum() / power.sum()), abs=1)


@pytest.mark.parametrize("counts", [[], [0], [1, 2], [1.5]])
def test_numbers_of_peaks_that_do_not_fit_are_refused(counts: list[float]) -> None:
    with pytest.raises(ValueError, match="counts must be"):
        noise_between_peaks(SOUND, SOUND, counts)  # type: ignore[arg-type]
