import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ui.shared import cache
from ui.shared.cache import RememberLast, Stepwise, computed_once

THREADS = 8


class Slow:
    """A generator of three parts that counts how often it was begun."""

    def __init__(self):
        self.begun = 0

    def __call__(self, number):
        self.begun += 1
        for part in range(3):
            time.sleep(0.02)
            yield f"part {part}"
        return object()


def at_once(function, count=THREADS):
    """What the function returns to threads that begin together."""
    barrier = threading.Barrier(count)

    def call(i):
        barrier.wait()
        return function(i)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


def test_equal_calls_at_once_compute_once_and_get_one_result():
    slow = Slow()
    shared = Stepwise(slow)
    results = at_once(lambda _: shared(7))
    assert slow.begun == 1
    assert all(result is results[0] for result in results)


def test_equal_calls_of_a_plain_function_at_once_compute_once():
    begun = []

    @computed_once(maxsize=2)
    def slow(number):
        begun.append(number)
        time.sleep(0.05)
        return object()

    results = at_once(lambda _: slow(7))
    assert begun == [7]
    assert all(result is results[0] for result in results)
    slow.cache_clear()
    assert slow(7) is not results[0]


def test_who_comes_later_sees_the_parts_of_the_run_that_is_under_way():
    @RememberLast
    def growing(settings):
        for size in range(1, 6):
            yield [settings] * size
            time.sleep(0.02)

    first = growing("a")
    assert next(first) == ["a"]
    with ThreadPoolExecutor(1) as threads:
        follower = threads.submit(lambda: list(growing("a")))
        rest = list(first)
    assert [len(part) for part in rest] == [2, 3, 4, 5]
    sizes = [len(part) for part in follower.result()]
    assert sizes == sorted(set(sizes))
    assert follower.result()[-1] is rest[-1]


@pytest.mark.parametrize("end", ["close", "throw"])
def test_when_the_first_is_cancelled_a_follower_takes_over(end):
    slow = Slow()
    shared = Stepwise(slow)
    first = shared.parts(7)
    assert next(first) == "part 0"
    with ThreadPoolExecutor(2) as threads:
        followers = [threads.submit(shared, 7) for _ in range(2)]
        time.sleep(0.05)
        assert slow.begun == 1
        if end == "close":
            first.close()
        else:
            with pytest.raises(RuntimeError):
                first.throw(RuntimeError("lost"))
        results = [follower.result(timeout=5) for follower in followers]
    assert slow.begun == 2
    assert results[0] is results[1] is shared(7)
    assert list(shared.parts(7)) == []


def test_a_run_that_nobody_continues_is_replaced(monkeypatch):
    monkeypatch.setattr(cache, "PATIENCE", 0.05)
    slow = Slow()
    shared = Stepwise(slow)
    left = shared.steps(7)
    assert next(left) == "part 0"
    result = shared(7)
    assert slow.begun == 2
    assert list(left) == []  # it finds the result there
    assert shared(7) is result


def test_an_error_reaches_everyone_and_leaves_nothing():
    @Stepwise
    def fails(number):
        yield "part"
        raise ValueError(f"no {number}")

    def message(_):
        with pytest.raises(ValueError, match="no 7") as caught:
            fails(7)
        return str(caught.value)

    assert at_once(message) == ["no 7"] * THREADS


def test_many_threads_with_more_settings_than_are_kept_all_get_their_results(fast_switching):
    def double(number):
        yield "under way"
        return 2 * number

    shared = Stepwise(double, maxsize=2)

    def read(i):
        return [shared((i + k) % 5) for k in range(1000)]

    for i, results in enumerate(at_once(read)):
        assert results == [2 * ((i + k) % 5) for k in range(1000)]


@pytest.fixture
def fast_switching():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
