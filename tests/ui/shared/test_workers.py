"""Processes that compute: the same results, errors and ends as in the server's own threads."""

import multiprocessing
import os
import time
from contextlib import closing
from functools import partial
from pickle import PicklingError

import psutil
import pytest

from diffusion.checkpoints import names
from tests import worker_shows
from ui.shared import workers
from ui.shared.workers import PATIENCE, Workers, results, results_here

LONG = 60.0  # seconds: a process starts in five, and in more on a busy machine


@pytest.fixture(scope="module")
def one():
    """A single process, in German."""
    multiprocessing.set_forkserver_preload(["ui.shared.preloaded"])  # as app.py does
    one = Workers(1, partial(workers._set_up, "cpu", "de"))
    yield one
    one._idle.get(timeout=LONG).process.kill()


@pytest.fixture
def used(one, monkeypatch):
    monkeypatch.setattr(workers, "_workers", one)


def process_of(one):
    ((process, *_),) = one.results(worker_shows.where, 1)
    return process


def test_it_computes_in_another_process_with_one_thread_and_the_language_of_the_page(one):
    ((process, *others),) = one.results(worker_shows.where, 1)
    assert process in [each.pid for each in psutil.Process().children(recursive=True)]
    assert others == [1, "de"]


def test_the_networks_are_there_before_anything_is_computed(one):
    assert list(one.results(worker_shows.networks_loaded, 1)) == [len(names())]


@pytest.mark.usefixtures("used")
def test_the_results_are_those_of_this_process():
    for inputs in ((1,), (2, "most")):
        assert list(results(worker_shows.in_parts, *inputs)) == list(
            results_here(worker_shows.in_parts, *inputs)
        )
    assert list(results(partial(worker_shows.in_parts, most=3), 1))[-1] == ("end", 3)


@pytest.mark.usefixtures("used")
def test_a_function_that_no_other_process_finds_is_computed_here():
    here = []
    assert list(results(lambda settings: here.append(settings), 1)) == [None]
    assert here == [1]


@pytest.mark.usefixtures("used")
def test_what_may_depend_on_what_the_server_remembers_is_computed_here():
    ((elsewhere, *_),) = results(worker_shows.where, 1)
    ((here, *_),) = results(worker_shows.where_now, 1)
    assert here == os.getpid()
    assert elsewhere != here


def test_an_error_comes_back_as_one_sentence_and_the_process_goes_on(one):
    process = process_of(one)
    shown = one.results(worker_shows.refuses, 1)
    assert next(shown) == ("begun",)
    with pytest.raises(ValueError, match=r"^seed must be less$"):
        next(shown)
    with pytest.raises(RuntimeError, match="OddError: no way"):
        list(one.results(worker_shows.fails, 1))
    assert process_of(one) == process


def test_a_run_that_is_closed_ends_and_its_process_computes_for_the_next(one):
    with closing(one.results(worker_shows.endless, 1)) as shown:
        process, first = next(shown)
        assert (process, first + 1) == next(shown)
    assert process_of(one) == process


def test_after_many_jobs_another_process_takes_the_place(one, monkeypatch):
    monkeypatch.setattr(workers, "MOST_JOBS", 1)
    process = process_of(one)
    monkeypatch.undo()
    assert process_of(one) != process
    psutil.wait_procs([psutil.Process(process)] if psutil.pid_exists(process) else [], 5)
    assert not psutil.pid_exists(process)


def test_what_cannot_be_sent_takes_no_process(one):
    with pytest.raises((AttributeError, PicklingError)):
        list(one.results(worker_shows.where, lambda: None))
    process_of(one)


def test_what_cannot_be_read_is_an_error_and_takes_no_process(one):
    with pytest.raises(ValueError, match="try again"):
        list(one.results(worker_shows.unreadable, 1))
    process_of(one)


def test_a_run_that_nobody_goes_on_with_keeps_no_process(one):
    left = [one.results(worker_shows.in_parts, 1) for _ in range(2)]
    assert [next(shown) for shown in left] == 2 * [("begun", 1)]
    process_of(one)
    assert [list(shown) for shown in left] == 2 * [[("end", None)]]


def test_a_run_that_is_closed_in_a_long_step_ends_within_a_second(one):
    shown = one.results(worker_shows.long_step, 1)
    ((process,)) = next(shown)
    closed = time.monotonic()
    shown.close()
    assert time.monotonic() - closed < PATIENCE  # who closes it does not wait
    psutil.Process(process).wait(1)
    assert process_of(one) != process


def test_a_process_that_dies_is_one_sentence_and_another_takes_its_place(one):
    process = process_of(one)
    with pytest.raises(ValueError, match="has ended"):
        list(one.results(worker_shows.dies, 1))
    assert process_of(one) != process
