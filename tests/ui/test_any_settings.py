"""Every section answers any settings, however they combine: by a result, or by a reason."""

import re
from contextlib import closing
from itertools import islice

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from diffusion.mistakes import experiments
from tests.any_settings import AT_MOST, any_settings, labels
from ui.ddpm import train_ddpm
from ui.mistakes.mistakes_in_2d.compute import mistake_result
from ui.page import sections
from ui.score import train_score
from ui.shared.workers import results

SECTIONS = {section.settings.tab: section for section in sections()}
TRAININGS = {each.SECTION.settings: each.compute.HISTORIES for each in (train_score, train_ddpm)}
CODE = re.compile(r"```.*?```|<pre.*?</pre>|<code.*?</code>|^# \w+\.\w.*", re.DOTALL)
BAD_NUMBER = re.compile(r"(?<![\w.])(nan|inf|-inf|NaN|Infinity)(?![\w.])")


@pytest.fixture(autouse=True, scope="module")
def _short_trainings():
    """No control says how many points a training draws, nor how long a mistake's trainings are."""
    remembered = (experiments.learn_noise, mistake_result)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_ddpm.compute, "NUM_POINTS", 100)
        patch.setattr(experiments, "SCORE_STEPS", 20)
        patch.setattr(experiments, "NOISE_STEPS", 20)
        for each in remembered:
            each.cache_clear()
        yield
    for each in remembered:
        each.cache_clear()


def texts(shown):
    """All texts of what a section shows, without code and without packed numbers."""
    if isinstance(shown, str) and " " in shown:
        yield CODE.sub("", shown)
    elif isinstance(shown, dict):
        for each in shown.values():
            yield from texts(each)
    elif isinstance(shown, (list, tuple)):
        for each in shown:
            yield from texts(each)


def examples():
    """A fifteenth of what a property of one function gets: one example is a whole section."""
    return settings(
        max_examples=max(settings().max_examples // 15, 1),
        phases=(Phase.explicit, Phase.generate),  # to shrink an example takes minutes
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def answer(tab, chosen):
    """What a section shows of settings, and the reason why not, if it refuses them."""
    shown = []
    try:
        for show in SECTIONS[tab].shows:
            *_, last = results(show, chosen)
            shown += texts(last)
        if type(chosen) in TRAININGS:
            with closing(TRAININGS[type(chosen)].train(chosen)) as training:
                for history in islice(training, 4):
                    shown += [f"loss {loss}" for loss in history.losses]
    except ValueError as error:
        return shown, str(error)
    return shown, None


@pytest.mark.parametrize("tab", SECTIONS)
@examples()
@given(data=st.data())
def test_a_section_answers_any_settings(tab, data):
    kind = SECTIONS[tab].settings
    chosen = data.draw(any_settings(kind, **({} if kind in TRAININGS else AT_MOST)))
    shown, reason = answer(tab, chosen)
    assert [text for text in shown if BAD_NUMBER.search(text)] == []
    assert shown if reason is None else any(label in reason for label in labels(kind)), reason
