"""What is computed for nobody in particular waits for the visitors."""

from concurrent.futures import ThreadPoolExecutor, TimeoutError

import pytest

from ui.score.train_score.compute import TrainScoreSettings
from ui.shared.kept_answers import answers_of
from ui.shared.live_training import Histories, TrainingHistory
from ui.shared.visitors import at_work, wait_until_idle


@pytest.fixture
def worker():
    with ThreadPoolExecutor(1) as worker:
        yield worker


def test_it_waits_for_all_visitors(worker):
    with at_work():
        with at_work():
            waits = worker.submit(wait_until_idle)
        with pytest.raises(TimeoutError):
            waits.result(0.1)
    waits.result(10)
    wait_until_idle()


def test_an_answer_that_fails_or_is_left_lets_it_go_on(worker):
    def show(settings):
        yield (settings,)
        raise ValueError("no")

    shown = answers_of(show, 1)
    next(shown)
    waits = worker.submit(wait_until_idle)
    with pytest.raises(ValueError, match="no"):
        next(shown)
    waits.result(10)
    left = answers_of(show, 2)
    next(left)
    left.close()
    worker.submit(wait_until_idle).result(10)


def test_the_training_of_the_warm_up_stops_while_a_visitor_computes(worker):
    steps = []

    def watched(settings):
        history = TrainingHistory()
        for step in range(5):
            steps.append(step)
            yield history
        return history

    histories = Histories(watched)
    with at_work():
        training = worker.submit(histories.prepare, TrainScoreSettings())
        with pytest.raises(TimeoutError):
            training.result(0.2)
        assert steps == [0]
    training.result(10)
    assert steps == [0, 1, 2, 3, 4]
