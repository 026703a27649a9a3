"""What the players of sounds show: one loudness, and residuals as loud as they are."""

import numpy as np
import pytest

from synth import loudness
from ui.components import SoundPlayer
from ui.sound.sound_views import SAMPLE_RATE, sound_views

SECONDS = np.arange(SAMPLE_RATE) / SAMPLE_RATE
TONE = 0.4 * np.sin(2 * np.pi * 440 * SECONDS)[None]
NOISE = 0.02 * np.random.default_rng(0).normal(size=(3, SAMPLE_RATE))


def test_all_steps_of_all_views_have_the_loudness_that_they_state():
    views = sound_views({"tone": np.repeat(TONE, 3, axis=0), "noise": NOISE})
    for view in views.values():
        assert loudness(np.asarray(view.sounds)) == pytest.approx([view.loudness] * 3, abs=1e-3)
    click = np.zeros((1, SAMPLE_RATE))
    click[0, 100] = 1
    quieter = sound_views({"tone": TONE, "click": click})
    assert quieter["tone"].loudness == quieter["click"].loudness < -20  # its peak allows no more


def test_a_residual_is_the_original_minus_the_copy_on_the_scales_of_the_original():
    copy = 0.9 * TONE
    views = sound_views({"copy": copy, "original": TONE}, original="original")
    assert list(views) == ["copy", "original"]
    assert views["original"].residual is None
    residual = views["copy"].residual
    heard = np.asarray(residual.sounds)[0]
    assert heard == pytest.approx(0.1 * np.asarray(views["original"].sounds)[0], abs=1e-6)
    for name, picture in residual.pictures.items():  # 20 dB below the original
        assert picture.levels.max() == pytest.approx(-20, abs=0.1), name
    assert np.max(residual.spectra) == pytest.approx(-20, abs=0.01)
    payload = SoundPlayer.payload(
        views, [""], sample_rate=SAMPLE_RATE, run="1", alt="", file_name="x"
    )
    assert payload["views"]["original"]["residual"] is None
    encoded = payload["views"]["copy"]
    assert encoded["residual"]["peak"] == encoded["peak"]  # one axis
