"""Two answers to the same settings are compared, but for the seconds that were measured."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import classroom
from benchmarks.classroom import Lesson, wrong_answers
from ui.ddpm.reverse.compute import ReverseSettings
from ui.sound.side_by_side.compute import SoundRun
from ui.sound.side_by_side.displays import side_by_side_table
from ui.sound.vocoder_errors import Errors
from ui.texts import Texts


def of_reverse(seconds, ratio):
    return Texts("reverse").say(
        "facts.run_is",
        evaluations=100,
        seconds=seconds,
        ratio=ratio,
        off="0.10 %",
        where="off the curve",
        real="0.30 %",
    )


def of_from_nothing(seconds, length):
    return Texts("from-nothing").say("facts.time_is", seconds=seconds, length=length)


def of_vocoder(seconds, evaluations):
    return Texts("vocoder").say(
        "cost_text",
        network="a network",
        start="pure noise",
        evaluations=round(evaluations),
        seconds=seconds,
        length=1.0,
        factor=seconds / 1.0,
    )


def of_side_by_side(seconds, log_mel):
    run = SoundRun(np.zeros((1, 8)), Errors(log_mel, 0.1, 0.2, None), 6, seconds)
    return side_by_side_table(None, {"1: one": run, "2: two": replace(run, seconds=2 * seconds)})


@pytest.fixture
def wrong(monkeypatch):
    """What is wrong with answers of these texts to one and the same settings."""
    monkeypatch.setattr(classroom, "COMPARED", 0)  # with one another only

    def find(*texts):
        shown = enumerate(texts, start=1_700_000_000)
        answers = [json.dumps([{"run": "reverse", "shown": at}, text]) for at, text in shown]
        return wrong_answers(Lesson([(ReverseSettings(), 1.0, answer) for answer in answers]))

    return find


@pytest.mark.parametrize("say", [of_reverse, of_vocoder, of_side_by_side])
def test_only_measured_seconds_may_differ(wrong, say):
    assert wrong(say(0.41, 1.25), say(12.47, 1.25)) == []
    (only,) = wrong(say(0.41, 1.25), say(0.41, 2.25))
    assert only.endswith("two answers differ")


def test_the_seconds_of_a_sound_from_nothing_may_differ(wrong):
    assert wrong(of_from_nothing(0.41, 1.0), of_from_nothing(0.47, 1.0)) == []


def test_a_number_without_its_unit_may_not_differ(wrong):
    assert wrong("0.41 of the points", "0.47 of the points")
    assert wrong("0.41 sines", "0.47 sines")
