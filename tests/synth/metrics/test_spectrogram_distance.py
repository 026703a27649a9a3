import math
from collections.abc import Callable

import librosa
import numpy as np
import pytest
import torch

from synth import Sound, held_out_sounds, render
from synth.features import mel
from synth.features.griffin_lim import griffin_lim
from synth.metrics.spectrogram_distance import (
    f0_error,
    log_mel_distance,
    multi_resolution_stft,
    spectral_convergence,
)

RATE = 22_050
SPECTRAL = (log_mel_distance, spectral_convergence, multi_resolution_stft)
NOISE = np.random.default_rng(0).standard_normal((2, 7_200))
NOTE = Sound(196, 12, 0.0, 800, 0.7, spectral_slope=-6)


@pytest.mark.parametrize("metric", SPECTRAL)
def test_a_sound_is_no_distance_from_itself(metric: Callable[..., np.ndarray]) -> None:
    assert metric(NOISE, NOISE).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (log_mel_distance, math.log(2)),
        (spectral_convergence, 1.0),
        (multi_resolution_stft, 1 + math.log(2)),
    ],
)
def test_twice_as_loud_is_known(metric: Callable[..., np.ndarray], expected: float) -> None:
    # White noise has hardly a cell below the floor.
    assert metric(2 * NOISE, NOISE) == pytest.approx([expected] * 2, rel=1e-3)


def test_silence_is_at_the_floor() -> None:
    levels = mel.log_mel(torch.from_numpy(NOISE)).numpy()
    depth = levels - levels.max(axis=(1, 2), keepdims=True) + 60 * math.log(10) / 20
    expected = np.maximum(depth, 0).mean(axis=(1, 2))
    assert log_mel_distance(0 * NOISE, NOISE) == pytest.approx(expected)
    assert spectral_convergence(0 * NOISE, NOISE) == pytest.approx([1, 1])


def test_noise_below_the_floor_does_not_count_and_above_does() -> None:
    note = render(NOTE, 0.5)
    hiss = np.random.default_rng(1).standard_normal(note.shape)
    quiet, loud = note + 1e-6 * hiss, note + 1e-2 * hiss
    for metric in (log_mel_distance, multi_resolution_stft):
        assert metric(quiet, note)[0] < 0.01
        assert metric(loud, note)[0] > 0.1


def test_sounds_are_compared_one_by_one() -> None:
    mixed = np.stack([NOISE[0], 2 * NOISE[1]])
    for metric in SPECTRAL:
        first, second = metric(mixed, NOISE)
        assert first == 0
        assert second > 0.5


def test_pitch_is_read_in_cents() -> None:
    cents = np.array([0, 50, -200])
    sounds = [Sound(196 * 2 ** (c / 1200), 12, 0.0, 800, 0.7, spectral_slope=-6) for c in cents]
    reference = np.repeat(render(NOTE), 3, axis=0)
    assert f0_error(render(sounds), reference) == pytest.approx(np.abs(cents), abs=10)


def test_a_pitch_that_is_gone_is_infinitely_off_and_noise_has_none() -> None:
    note, silence = render(NOTE), np.zeros((1, 11_025))
    assert f0_error(silence, note)[0] == math.inf
    click = silence.copy()
    click[0, 5_000] = 1
    assert math.isnan(f0_error(note, click)[0])


@pytest.mark.parametrize("metric", [*SPECTRAL, f0_error])
@pytest.mark.parametrize(
    ("generated", "reference", "message"),
    [
        (NOISE, NOISE[:1], "one shape"),
        (NOISE[0], NOISE[0], "one shape"),
        (NOISE[:, :1000], NOISE[:, :1000], "T >= "),
        (NOISE * np.nan, NOISE, "finite"),
        (NOISE, NOISE * 0, "not silent"),
    ],
)
def test_bad_sounds_are_refused(
    metric: Callable[..., np.ndarray], generated: np.ndarray, reference: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        metric(generated, reference)


def test_griffin_lim_is_as_good_as_librosas() -> None:
    waveforms = render(held_out_sounds()[:3], 0.5)
    log_mels = mel.log_mel(torch.from_numpy(waveforms))
    theirs = [
        librosa.griffinlim(
            librosa.util.nnls(mel.filter_bank(), magnitudes),
            n_iter=32, hop_length=mel.HOP, win_length=mel.WINDOW, n_fft=mel.N_FFT,
            center=False, random_state=0,
        )[mel.CONTEXT : mel.CONTEXT + 11_025]
        for magnitudes in log_mels.exp().numpy()
    ]  # fmt: skip
    ours = griffin_lim(log_mels, 11_025)
    # The random phases are others.
    for metric in (log_mel_distance, spectral_convergence):
        expected = metric(np.stack(theirs), waveforms).mean()
        assert metric(ours, waveforms).mean() == pytest.approx(expected, rel=0.1)


def test_griffin_lim_comes_close_to_the_mel_it_is_given() -> None:
    generator = torch.Generator().manual_seed(0)
    waveforms = render([Sound.random(generator, "wide") for _ in range(3)], 0.5)
    made = griffin_lim(mel.log_mel(torch.from_numpy(waveforms)), 11_025)
    assert made.shape == waveforms.shape
    noise = np.random.default_rng(0).standard_normal(waveforms.shape)
    noise *= np.linalg.norm(waveforms, axis=1, keepdims=True) / np.linalg.norm(
        noise, axis=1, keepdims=True
    )
    for metric in SPECTRAL:
        assert (metric(made, waveforms) < 0.6 * metric(noise, waveforms)).all()
    again = griffin_lim(mel.log_mel(torch.from_numpy(waveforms)), 11_025)
    np.testing.assert_array_equal(made, again)


@pytest.mark.parametrize(
    ("shape", "samples"), [((80, 5), 300), ((1, 79, 5), 300), ((1, 80, 5), 1501), ((1, 80, 5), 0)]
)
def test_griffin_lim_refuses_other_shapes(shape: tuple[int, ...], samples: int) -> None:
    with pytest.raises(ValueError, match=r"must be in|must have shape"):
        griffin_lim(torch.zeros(shape), samples)
