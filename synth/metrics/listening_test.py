"""What the answers of a blind listening test say."""

from math import comb

from synth import _checks

MAX_TRIALS = 1000


def p_value(hits: int, trials: int) -> float:
    """The probability of as many right answers or more by guessing alone.

        p = Σ_{k=hits}^{trials} C(trials, k) / 2^trials

    That of an ABX test, whose X is A or B with probability ½: a one-sided binomial test.

    Args:
        hits: Right answers, 0 to `trials`.
        trials: All answers, 1 to 1,000.

    Returns:
        p, in (0, 1].

    Raises:
        ValueError: If a number is out of range.

    Source: Clark 1982, "High-resolution subjective testing using a double-blind comparator".
    """
    trials = _checks.whole("trials", trials, 1, MAX_TRIALS)
    hits = _checks.whole("hits", hits, 0, trials)
    return sum(comb(trials, k) for k in range(hits, trials + 1)) / (1 << trials)


def p_values(trials: int) -> list[list[float]]:
    """`p_value` of all scores: in row n − 1 those of n trials, from no hit to n.

    Raises:
        ValueError: If `trials` is out of range.
    """
    trials = _checks.whole("trials", trials, 1, MAX_TRIALS)
    return [[p_value(hits, n) for hits in range(n + 1)] for n in range(1, trials + 1)]
