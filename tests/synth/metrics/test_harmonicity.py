import numpy as np
import pytest
import torch

from synth import Sound, harmonics_to_noise, midi_to_hz, render

RATE = 22_050
STEADY = slice(4_410, 4_410 + 2_048)
TIME = np.arange(2_048) / RATE


def test_random_sounds_are_steady_notes():
    draw = torch.Generator().manual_seed(5)
    sounds = [Sound.random(draw) for _ in range(12)]
    assert harmonics_to_noise(render(sounds)[:, STEADY], RATE).min() > 55


@pytest.mark.parametrize("frequency", [82.41, 110.3, 211.7, 440.3])
def test_a_sine_between_two_bins_of_the_fft_reaches_the_cap(frequency):
    sine = np.sin(2 * np.pi * frequency * TIME + 0.3)
    assert harmonics_to_noise(sine[None], RATE)[0] == pytest.approx(60, abs=1e-3)


def test_amplitudes_and_phases_are_free():
    rng = np.random.default_rng(0)
    phases, amplitudes = rng.uniform(0, 2 * np.pi, 12), rng.uniform(0.1, 1, 12)
    waves = np.sin(2 * np.pi * 187.3 * np.arange(1, 13)[:, None] * TIME + phases[:, None])
    assert harmonics_to_noise((amplitudes @ waves)[None], RATE)[0] > 55


def test_added_noise_is_read_off_whatever_the_gain():
    sound = render([Sound(midi_to_hz(50), 6, 3e-4, 400, 2)])[:, STEADY].astype(float)
    noise = np.random.default_rng(1).normal(size=sound.shape)
    noise *= np.linalg.norm(sound) / np.linalg.norm(noise)
    for decibels in (0, 10, 20):
        noisy = 0.01 * (sound + 10 ** (-decibels / 20) * noise)
        assert harmonics_to_noise(noisy, RATE)[0] == pytest.approx(decibels, abs=0.5)


def test_a_chord_a_glide_and_noise_are_no_steady_notes():
    chord = np.sin(2 * np.pi * 146.83 * TIME) + np.sin(2 * np.pi * 207.65 * TIME)
    glide = np.sin(2 * np.pi * np.cumsum(np.linspace(120, 180, len(TIME))) / RATE)
    noise = np.random.default_rng(2).normal(size=len(TIME))
    chord_ratio, glide_ratio, noise_ratio = harmonics_to_noise(
        np.stack([chord, glide, noise]), RATE
    )
    assert chord_ratio < 6
    assert glide_ratio < 6
    assert -18 < noise_ratio < -12


@pytest.mark.parametrize(
    "frames",
    [np.ones((1, 1_000)), np.zeros((1, 2_048)), np.full((1, 2_048), np.nan), np.ones(2_048)],
)
def test_frames_that_hold_no_sound_are_refused(frames):
    with pytest.raises(ValueError, match="frames must"):
        harmonics_to_noise(frames, RATE)
