"""A class listens blindly: a student on a phone, and the lecturer's screen with the hits."""

import gradio as gr
import numpy as np
import pytest

from ui.lecture.listening import wav
from ui.lecture.panel import panel
from ui.page import lecture

SCENE = next(i for i, scene in enumerate(lecture()) if scene.question and scene.question.sounds)
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
PROJECTOR = {"viewport": {"width": 1920, "height": 1080}}
OPEN = '[data-hear="X"]:enabled'
PLAYED = "listening.audio.currentTime > 0 && !listening.audio.error"


class Lecture:
    """The panel alone: the section of the scene is not looked at here."""

    @staticmethod
    def build():
        gr.HTML(panel(lecture()), padding=False)


@pytest.fixture(scope="module")
def url(serve):
    tones = {name: wav(0.1 * np.sin(f * np.arange(4_000))) for name, f in (("A", 0.1), ("B", 0.2))}
    with pytest.MonkeyPatch.context() as patch:  # the networks have tests of their own
        patch.setattr("ui.lecture.routes.sound_files", lambda settings, runs: tones)
        yield serve(Lecture)


@pytest.mark.browser
def test_a_class_listens_and_its_hits_are_on_the_lecturers_screen(open_at, url, violations):
    lecturer = open_at(url, f"?lecture=1&scene={SCENE + 1}", wait_for=OPEN, **PROJECTOR)
    lecturer.keyboard.press("r")
    lecturer.wait_for_selector(".lecture-room[open] .room-qr[src]")
    link = lecturer.locator(".room-link").get_attribute("href")
    lecturer.keyboard.press("r")

    student = open_at(link, wait_for=OPEN, **PHONE)
    answers = student.get_by_role("radio")
    assert [each.is_disabled() for each in answers.all()] == [True, True]
    student.get_by_role("button", name="Hear A").click()
    student.wait_for_function(PLAYED)
    assert answers.first.is_disabled()  # X was not heard yet
    student.get_by_role("button", name="Hear X").click()
    student.wait_for_function(PLAYED)
    student.get_by_role("radio", name="X is B").check()
    assert student.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(student) == []
    student.get_by_role("button", name="Answer").click()
    student.get_by_text("Your answer is counted").wait_for()

    lecturer.keyboard.press("PageDown")
    said = lecturer.get_by_text("of 1 answers are right")
    said.wait_for()
    hits = int(said.inner_text()[0])
    guessed = {1: "with probability 0.5.", 0: "with probability 1."}[hits]
    assert said.inner_text().endswith(guessed)
    shown = lecturer.locator(".lecture-histogram p").all_inner_texts()
    assert shown == [f"right: {hits}", f"wrong: {1 - hits}"]
    lecturer.keyboard.press("PageDown")
    judged = "This is right." if hits else "This is wrong."
    student.get_by_text(f"Your answer: X is B. {judged}").wait_for()
    assert said.is_visible()  # while the class hears the two again
