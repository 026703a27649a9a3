"""A sound is brought to a mel: what that does is known where the answer is."""

import numpy as np
import pytest
import torch

from synth import held_out_sounds, log_mel, log_mel_distance, match_mel, render

WAVES = torch.from_numpy(render(held_out_sounds()[:3], 0.5))


def test_a_sound_that_has_the_mel_stays_as_it_is() -> None:
    np.testing.assert_allclose(match_mel(WAVES, log_mel(WAVES)), WAVES, rtol=0, atol=1e-4)


def test_loudness_is_set_right() -> None:
    matched = match_mel(WAVES / 5, log_mel(WAVES))
    assert float((matched - WAVES).norm() / WAVES.norm()) < 0.01


def test_a_filtered_sound_gets_its_bands_back() -> None:
    filtered = torch.fft.irfft(
        torch.fft.rfft(WAVES) * torch.linspace(1, 0.01, WAVES.shape[1] // 2 + 1), WAVES.shape[1]
    )
    matched = match_mel(filtered, log_mel(WAVES))
    before = log_mel_distance(filtered.numpy(), WAVES.numpy())
    after = log_mel_distance(matched.numpy(), WAVES.numpy())
    assert (after < 0.1 * before).all()


def test_nothing_is_put_where_nothing_is() -> None:
    assert not match_mel(torch.zeros_like(WAVES), log_mel(WAVES)).any()


def test_silence_is_reached() -> None:
    silence = torch.zeros_like(WAVES)
    assert float(match_mel(WAVES, log_mel(silence)).abs().max()) < 0.01


def test_each_sound_is_matched_alone_and_in_its_own_type() -> None:
    both = match_mel(WAVES[:2].double(), log_mel(WAVES[1:].double()))
    alone = match_mel(WAVES[1:2].double(), log_mel(WAVES[2:].double()))
    assert both.dtype == torch.float64
    np.testing.assert_allclose(both[1:], alone, rtol=0, atol=1e-12)


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"log_mels must have shape \(3, 80, 37\), got"):
        match_mel(WAVES, log_mel(WAVES)[:, :, 1:])
