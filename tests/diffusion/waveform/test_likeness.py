"""What is unlike the training data is recognised, and what is like it is let through."""

import numpy as np
import pytest
import torch

import diffusion
from diffusion.waveform.likeness import UNLIKE_BELOW, likeness
from synth import Sound, render

TIME = np.arange(22_050) / 22_050


@pytest.fixture(scope="module")
def checkpoint():
    return diffusion.load("vocoder-harmonic")


def score(checkpoint, waves):
    return likeness(checkpoint, torch.from_numpy(np.atleast_2d(waves).astype(np.float32)))


def test_fresh_sounds_of_the_prior_are_like_the_training_data(checkpoint):
    generator = torch.Generator().manual_seed(11)
    sounds = [Sound.random(generator, "wide") for _ in range(30)]
    unlike = score(checkpoint, render(sounds, 1.0)) < UNLIKE_BELOW
    assert int(unlike.sum()) <= 2  # 1 to 2 % are expected


def glide():
    return np.sin(2 * np.pi * np.cumsum(np.geomspace(200, 900, len(TIME))) / 22_050)


def hiss():
    return 0.1 * np.random.default_rng(0).standard_normal(len(TIME))


def clicks():
    return (np.arange(len(TIME)) % 2_205 < 5).astype(float)


def vibrato():
    """A semitone to either side, six times a second."""
    f0 = 300 * 2 ** (np.sin(2 * np.pi * 6 * TIME) / 12)
    phase = 2 * np.pi * np.cumsum(f0) / 22_050
    return sum(np.sin(k * phase) / k for k in range(1, 12))


@pytest.mark.parametrize("make", [glide, hiss, clicks, vibrato])
def test_what_is_no_steady_note_is_unlike_it(checkpoint, make):
    assert float(score(checkpoint, make())) < UNLIKE_BELOW


def test_loudness_and_company_do_not_matter(checkpoint):
    waves = render([Sound(220, 12, 1e-4, 900, 1), Sound(330, 8, 0, 700, 2)], 1.0)
    together = score(checkpoint, waves)
    assert torch.allclose(together[0], score(checkpoint, 0.2 * waves[0])[0], atol=0.05)
    assert float(together.min()) > 0


def test_a_vocoder_without_a_reader_is_refused():
    other = diffusion.load("vocoder-wavegrad")
    with pytest.raises(ValueError, match="'vocoder-wavegrad' has no reader"):
        score(other, TIME)
