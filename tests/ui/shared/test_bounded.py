from dataclasses import dataclass

import numpy as np
import pytest
import torch

from ui.shared import bounded
from ui.shared.bounded import LastResults, size_in_bytes
from ui.shared.cache import Stepwise, computed_once

MEGABYTE = 125_000  # numbers


@dataclass(frozen=True)
class Result:
    array: np.ndarray
    name: str


@pytest.mark.parametrize(
    "result",
    [
        np.zeros(MEGABYTE),
        torch.zeros(MEGABYTE, dtype=torch.float64),
        {"a": [np.zeros(MEGABYTE)]},
        Result(np.zeros(MEGABYTE), "one"),
        np.zeros((2, MEGABYTE // 2))[0],  # a view keeps the whole
        (twice := np.zeros(MEGABYTE), twice),
        "x" * 1_000_000,
        (bounded, np.zeros(MEGABYTE)),  # a module is nobody's result
    ],
    ids=range(8),
)
def test_a_result_is_as_large_as_what_it_keeps(result):
    assert size_in_bytes(result) == pytest.approx(1e6, rel=2e-3)


def test_what_was_not_used_for_longest_makes_room():
    kept = LastResults(3, megabytes=2.1)
    for name in "ab":
        kept[name] = np.zeros(MEGABYTE)
    assert kept["a"] is not None
    kept["c"] = np.zeros(MEGABYTE)
    assert list(kept) == ["a", "c"]  # the third is too much
    for name in "xyz":
        kept[name] = 0
    assert len(kept) == 3  # and four are too many


def test_what_is_too_large_is_kept_alone():
    asked = []

    @computed_once(4, megabytes=0.5)
    def compute(number):
        asked.append(number)
        return np.zeros(MEGABYTE)

    assert {len(compute(number)) for number in (1, 1, 2, 1)} == {MEGABYTE}
    assert asked == [1, 2, 1]

    def steps(number):
        yield "half"
        return np.zeros(100 * MEGABYTE)

    assert len(Stepwise(steps)(1)) == 100 * MEGABYTE
