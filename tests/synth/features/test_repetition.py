"""A frame that is repeated with a crossfade."""

import numpy as np
import pytest

from synth.features.repetition import repeated


def test_a_frame_that_fits_itself_goes_on_without_a_seam():
    time = np.arange(640)
    frames = np.stack([np.sin(2 * np.pi * time / 32), np.cos(2 * np.pi * time / 64)])
    made = repeated(frames, 5, 64)  # 576 samples later each frame is at the same phase
    assert made.shape == (2, 5 * 576 + 64)
    longer = np.arange(made.shape[1])
    expected = np.stack([np.sin(2 * np.pi * longer / 32), np.cos(2 * np.pi * longer / 64)])
    np.testing.assert_allclose(made, expected, atol=1e-6)


def test_the_ends_are_those_of_the_frame():
    frame = np.random.default_rng(0).standard_normal((1, 100))
    np.testing.assert_allclose(repeated(frame, 1, 30), frame, rtol=1e-6)
    made = repeated(frame, 3, 30)
    np.testing.assert_allclose(made[:, :70], frame[:, :70], rtol=1e-6)
    np.testing.assert_allclose(made[:, -70:], frame[:, -70:], rtol=1e-6)
    np.testing.assert_allclose(repeated(frame, 3, 0), np.tile(frame, 3), rtol=1e-6)


@pytest.mark.parametrize(("count", "overlap", "sentence"), [(0, 1, "count"), (2, 51, "overlap")])
def test_numbers_out_of_range_are_refused(count, overlap, sentence):
    with pytest.raises(ValueError, match=f"{sentence} must be"):
        repeated(np.zeros((1, 100)), count, overlap)
