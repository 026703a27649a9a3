import numpy as np
import pytest
from scipy.optimize import nnls

from synth.features import griffin_lim
from synth.features.mel import filter_bank

RNG = np.random.default_rng(0)


def test_magnitudes_with_this_mel_are_the_least_norm_ones_where_none_is_negative():
    bank = filter_bank().astype(np.float64)
    mel = bank @ (1 + RNG.random((1_025, 3)))
    found = griffin_lim.nonnegative_least_squares(mel)
    np.testing.assert_allclose(found, np.linalg.pinv(bank) @ mel, rtol=1e-9, atol=1e-12)


def test_a_mel_that_no_magnitudes_have_is_met_as_nearly_as_can_be():
    bank = filter_bank().astype(np.float64)
    # Far apart where neighbouring bands overlap: the least-norm solution is negative in places.
    mel = 100 * RNG.random((80, 2)) * (RNG.random((80, 2)) > 0.5)
    start = np.maximum(np.linalg.pinv(bank) @ mel, 0)
    least = sum(nnls(bank, column)[1] ** 2 for column in mel.T)
    found = griffin_lim.nonnegative_least_squares(mel)

    def squares(magnitudes):
        return float(np.square(bank @ magnitudes - mel).sum())

    assert found.min() >= 0
    assert squares(found) < 0.1 * squares(start)
    assert squares(found) == pytest.approx(least, abs=0.05 * squares(start))
