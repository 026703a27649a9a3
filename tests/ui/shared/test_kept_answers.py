"""The answers of a section, asked for through a real server."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import ClassVar

import gradio as gr
import httpx
import pytest

from ui.shared.controls import AT_ONCE, answers, make_control
from ui.shared.kept_answers import ANSWERS_KEPT, answers_of, not_kept
from ui.shared.settings import Settings, number
from ui.shared.workers import results

PATIENCE = 30.0


@dataclass(frozen=True)
class SlowSettings(Settings):
    title: ClassVar[str] = "Slow"
    seed: int = number(0, 0, 999, 1)


class Section:
    """Two endpoints, of which one waits, for settings that are not 0, until it may go on."""

    def __init__(self):
        self.begun = []
        self.may_end = threading.Event()
        with gr.Blocks() as self.demo:
            control, button = make_control(SlowSettings, "seed"), gr.Button()
            shown = [gr.Textbox(), gr.Textbox()]
            for number_, show in enumerate((self.whole(), self.in_parts())):
                name = f"slow_{number_}"
                settings = type(name, (SlowSettings,), {"title": name})
                events = [button.click]
                answers(settings, show, events, [control], shown, progress_on=shown[0])
        _, self.url, _ = self.demo.launch(prevent_thread_lock=True, quiet=True)
        self.threads = ThreadPoolExecutor(20)

    def whole(self):
        def show(settings):
            self.compute(settings)
            return f"seed {settings.seed}", "whole"

        return show

    def in_parts(self):
        def show_parts(settings):
            yield "begun", gr.skip()
            yield gr.skip(), "news"
            self.compute(settings)
            yield f"seed {settings.seed}", "parts"

        return show_parts

    def compute(self, settings):
        self.begun.append(settings.seed)
        if settings.seed:
            assert self.may_end.wait(PATIENCE)

    def ask(self, seed, endpoint):
        """The answer to a visitor of its own, in the future."""
        return self.threads.submit(self._answer, seed, endpoint)

    def _answer(self, seed, endpoint):
        called = f"{self.url}gradio_api/call/slow_{endpoint}"
        event = httpx.post(called, json={"data": [seed]}, timeout=PATIENCE).json()["event_id"]
        last = httpx.get(f"{called}/{event}", timeout=PATIENCE).text.strip().split("\n\n")[-1]
        name, data = last.split("\n", 1)
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.fixture
def section():
    section = Section()
    yield section
    section.may_end.set()
    section.threads.shutdown()
    section.demo.close()


@pytest.mark.parametrize("endpoint", [0, 1])
def test_a_kept_answer_does_not_wait_for_the_heavy_computations(section, endpoint):
    first = section.ask(0, endpoint).result(PATIENCE)
    heavy = [section.ask(seed, endpoint) for seed in range(1, AT_ONCE["concurrency_limit"] + 3)]
    assert section.ask(0, endpoint).result(PATIENCE) == first
    assert not any(job.done() for job in heavy)
    section.may_end.set()
    shown = [job.result(PATIENCE)[1][0] for job in heavy]
    assert shown == [f"seed {seed}" for seed in range(1, len(heavy) + 1)]
    assert section.begun.count(0) == 1


@pytest.mark.parametrize("endpoint", [0, 1])
def test_equal_requests_at_once_compute_once(section, endpoint):
    jobs = [section.ask(7, endpoint) for _ in range(3)]
    assert not wait(jobs, 0.5).done
    section.may_end.set()
    first, *others = [job.result(PATIENCE) for job in jobs]
    assert others == [first, first]
    assert section.begun == [7]


def test_nothing_is_left_of_an_answered_event(section):
    for endpoint in (0, 0, 1, 1):
        section.ask(0, endpoint).result(PATIENCE)
    assert not section.demo._queue.event_ids_to_events


def test_a_wrong_value_is_answered_in_one_sentence(section):
    name, said = section.ask(1000, 0).result(PATIENCE)
    assert name == "error"
    assert said["error"] == "seed must be an integer in [0, 999], got 1,000"


def test_who_follows_a_run_sees_what_its_earlier_parts_showed():
    second_part, may_end = threading.Event(), threading.Event()

    def show(settings):
        yield "begun", "nothing"
        yield gr.skip(), "news"
        assert may_end.wait(PATIENCE)
        yield "end", "result"

    def lead():
        shown = []
        for part in answers_of(show, SlowSettings()):
            shown.append(part)
            if len(shown) == 2:
                second_part.set()
        return shown

    with ThreadPoolExecutor(1) as threads:
        led = threads.submit(lead)
        assert second_part.wait(PATIENCE)
        followed = answers_of(show, SlowSettings())
        assert next(followed) == ("begun", "news")
        may_end.set()
        assert list(followed)[-1] == ("end", "result")
        assert led.result() == list(results(show, SlowSettings()))


def test_what_may_change_or_depends_on_more_than_the_settings_is_computed_again():
    counts = iter(range(9))

    def show(settings, own=None):
        return (next(counts),)

    kept = [list(answers_of(show, SlowSettings(), own)) for own in (None, None, "mine", "mine")]
    assert kept == [[(0,)], [(0,)], [(1,)], [(2,)]]
    assert [list(answers_of(not_kept(show), SlowSettings())) for _ in range(2)] == [[(3,)], [(4,)]]


def test_what_a_section_opens_on_stays_whatever_a_class_explores():
    computed = []

    def show(settings):
        computed.append(settings.seed)
        return (settings.seed,)

    class OtherSettings(SlowSettings):  # some functions serve several sections
        title = "Other"

    for opened in (SlowSettings(), OtherSettings()):
        list(answers_of(show, opened))
    for seed in (*range(1, 3 * ANSWERS_KEPT), 1):
        assert list(answers_of(show, SlowSettings(seed))) == [(seed,)]
    for opened in (SlowSettings(), OtherSettings()):
        list(answers_of(show, opened))
    assert computed == [0, 0, *range(1, 3 * ANSWERS_KEPT), 1]
