import pytest
import scipy  # and its statistics where they are used: they take a second

from synth.metrics.listening_test import p_value, p_values


@pytest.mark.parametrize(("hits", "trials"), [(0, 1), (1, 1), (3, 4), (12, 16), (60, 100)])
def test_the_p_value_is_that_of_a_one_sided_binomial_test(hits, trials):
    expected = scipy.stats.binomtest(hits, trials, 0.5, alternative="greater").pvalue
    assert p_value(hits, trials) == pytest.approx(expected, rel=1e-12)


def test_the_table_has_every_score():
    table = p_values(6)
    assert [len(row) for row in table] == [2, 3, 4, 5, 6, 7]
    assert table[3][3] == p_value(3, 4) == 5 / 16
    assert all(row[0] == 1 and row == sorted(row, reverse=True) for row in table)


@pytest.mark.parametrize(("hits", "trials"), [(-1, 4), (5, 4), (0, 0), (1.5, 4), (1, 1001)])
def test_no_score_is_refused(hits, trials):
    with pytest.raises(ValueError, match=r"hits|trials"):
        p_value(hits, trials)
