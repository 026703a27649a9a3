import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from synth import (
    PartialSeries,
    Sound,
    log_spectra,
    nearest_member,
    render,
    sliced_wasserstein,
    spectral_distance_ratio,
)

RNG = np.random.default_rng


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def steady_frames(
    count: int, series: PartialSeries = "harmonic"
) -> tuple[NDArray[np.float32], list[Sound]]:
    draw, rng = generator(7), RNG(7)
    sounds = [Sound.random(draw, series) for _ in range(count)]
    starts = rng.integers(4400, 11025 - 2048, count)
    waveforms = render(sounds)
    frames = [y[s : s + 2048] for y, s in zip(waveforms, starts, strict=True)]
    return np.stack(frames), sounds


def test_log_spectra_of_a_sine_peak_at_its_bin() -> None:
    frame = np.sin(2 * np.pi * 16 * np.arange(256) / 256)
    spectrum = log_spectra(np.stack([frame, 100 * frame, np.zeros(256)]))
    assert spectrum.shape == (3, 129)
    assert spectrum[0].argmax() == 16
    assert spectrum[0].max() == 0
    assert spectrum[0, 15] == pytest.approx(20 * np.log10(0.5), abs=1e-6)  # the Hann window's side
    assert spectrum[0, 64] == -60
    np.testing.assert_allclose(spectrum[1], spectrum[0], atol=1e-9)
    assert (spectrum[2] == -60).all()
    assert log_spectra(frame[None], 20).min() == -20


def test_sliced_wasserstein_of_a_shift_is_its_mean_projection() -> None:
    points = RNG(0).standard_normal((300, 4))
    assert sliced_wasserstein(points, points[::-1], generator=generator()) == 0
    shift = np.array([3.0, 0, 0, 0])
    distance = sliced_wasserstein(points, points + shift, 20_000, generator=generator())
    assert distance == pytest.approx(3 / np.sqrt(4), rel=0.02)  # E⟨u, e⟩² = 1/D


def test_ratio_is_one_for_real_sounds_and_large_for_noise() -> None:
    frames, _ = steady_frames(150)
    real, generated = frames[:100], frames[100:]
    assert spectral_distance_ratio(generated, real, generator=generator()) < 1.3
    noise = RNG(0).standard_normal((50, 2048))
    assert spectral_distance_ratio(noise, real, generator=generator()) > 4


@pytest.mark.parametrize("series", ["harmonic", "notebook"])
def test_real_frames_have_a_nearest_member_close_by(series: PartialSeries) -> None:
    frames, sounds = steady_frames(20, series)
    residuals, fitted = nearest_member(frames, 22050, series)
    assert residuals.max() < 0.005
    for fit, sound in zip(fitted, sounds, strict=True):
        assert fit.f0 == sound.f0
        assert fit.num_harmonics == sound.num_harmonics
    assert {sound.series for sound in fitted} == {series}


@pytest.mark.parametrize("series", ["harmonic", "notebook"])
def test_noise_is_far_from_every_member(series: PartialSeries) -> None:
    noise = RNG(0).standard_normal((4, 2048))
    assert nearest_member(noise, 22050, series)[0].min() > 0.98


def test_residual_measures_added_noise_whatever_the_gain() -> None:
    frames, _ = steady_frames(6)
    noise = RNG(0).standard_normal(frames.shape)
    noise *= np.linalg.norm(frames, axis=1, keepdims=True) / np.linalg.norm(
        noise, axis=1, keepdims=True
    )
    residuals = nearest_member(0.01 * (frames + 0.3 * noise), 22050)[0]
    np.testing.assert_allclose(residuals, 0.3 / np.sqrt(1.09), atol=0.02)


def test_the_wrong_law_fits_worse() -> None:
    frames, sounds = steady_frames(20)
    rich = frames[[s.num_harmonics > 8 and s.filter_q < 6 for s in sounds]]
    assert nearest_member(rich, 22050, "notebook")[0].min() > 0.2


GOOD = np.ones((4, 512))


@pytest.mark.parametrize(
    "call",
    [
        lambda: log_spectra(np.ones(9)),
        lambda: log_spectra(np.full((2, 9), np.nan)),
        lambda: log_spectra(GOOD, 0),
        lambda: sliced_wasserstein(GOOD, GOOD[:2], generator=generator()),
        lambda: sliced_wasserstein(GOOD, GOOD, 0, generator=generator()),
        lambda: spectral_distance_ratio(GOOD, GOOD, generator=generator()),
        lambda: spectral_distance_ratio(GOOD[:2], GOOD, generator=generator()),
        lambda: nearest_member(GOOD[:, :100], 22050),
        lambda: nearest_member(GOOD * np.inf, 22050),
        lambda: nearest_member(GOOD * 0, 22050),
        lambda: nearest_member(GOOD, 1),
        lambda: nearest_member(GOOD, 22050, "odd"),  # type: ignore[arg-type]
        lambda: nearest_member(GOOD, 22050, max_time=0),
    ],
)
def test_bad_arguments_are_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="must"):
        call()


def test_fit_survives_frames_that_are_no_sound_of_the_family():
    # Two unrelated notes at once: the fit's inharmonicity must not run away.
    t = np.arange(2048) / 22_050
    frames = np.stack(
        [np.sin(2 * np.pi * f * t) + np.sin(2 * np.pi * 1.37 * f * t) for f in (90, 130)]
    )
    residuals, sounds = nearest_member(frames, 22_050)
    assert np.isfinite(residuals).all()
    assert all(0 <= sound.inharmonicity <= 0.1 for sound in sounds)
