"""The whole lecture by keyboard alone: each scene is reached, answered and left."""

import json

import gradio as gr
import numpy as np
import pytest

from ui.lecture.listening import wav
from ui.lecture.panel import panel
from ui.page import lecture

SCENES = lecture()
TONE = wav(0.1 * np.sin(0.1 * np.arange(2_000)))
AT_200_PERCENT = {"width": 640, "height": 450}  # of a laptop with 1,280 pixels
TITLE_HAS_FOCUS = "document.activeElement.matches('.lecture-title')"
OUTLINE = """() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return outlineStyle === "none" ? 0 : parseFloat(outlineWidth);
}"""


class Lecture:
    """The panel alone: what a section computes for a scene is not looked at here."""

    @staticmethod
    def build():
        gr.HTML(panel(SCENES), padding=False)


@pytest.fixture(scope="module")
def url(serve):
    return serve(Lecture)


def focus(page, text):
    """Press Tab until a button has the focus; each stop on the way is seen."""
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate(OUTLINE) >= 2
        if page.evaluate("document.activeElement.textContent") == text:
            return
    raise AssertionError(f"Tab does not reach {text}")


def answer(page, question):
    if question.sounds:
        page.wait_for_selector('[data-hear="X"]:enabled')
        assert page.locator(".question-answers input:enabled").count() == 0
        focus(page, "Hear X")
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(OUTLINE) >= 2
    if question.choices:
        page.keyboard.press("Space")
    else:
        page.keyboard.type(f"{question.low:g}")
    page.keyboard.press("Enter")
    page.wait_for_function("lecture.stage === SHOWS")


def tell_lowest(route):
    """Answer for the server that the first choice is right, or the lowest number."""
    question = SCENES[int(route.request.url.rsplit("/", 1)[1])].question
    truth = (question.choices or [question.low])[0]
    route.fulfill(body=json.dumps({"truth": truth, "bin": 0}))  # the truths have tests of their own


def a_tone(route):
    """Give a short sound in the place of those that a network would make."""
    route.fulfill(body=TONE, content_type="audio/wav")


@pytest.mark.browser
def test_every_scene_is_reached_answered_and_left_by_keyboard(open_at, url):
    page = open_at(
        url, "?lecture=1&scene=1", wait_for=".lecture:not([hidden])", viewport=AT_200_PERCENT
    )
    page.route("**/lecture/truths/*", tell_lowest)
    page.route("**/lecture/sounds/**", a_tone)
    for i, scene in enumerate(SCENES):
        assert page.locator(".lecture-title").inner_text() == scene.title
        assert page.evaluate(TITLE_HAS_FOCUS)
        if scene.question:
            assert page.locator(".lecture-text").is_hidden()
            answer(page, scene.question)
            page.get_by_text("Your answer:").wait_for()
            assert page.evaluate(TITLE_HAS_FOCUS)  # the form that had it is put away
        assert page.locator(".lecture-text").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if i == 0:
            focus(page, "Next")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("ArrowRight")  # after the last it does nothing
    assert page.get_by_role("button", name="Next").is_disabled()

    page.keyboard.press("b")
    assert page.locator(".lecture-black").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".lecture-black").is_hidden()
    assert page.evaluate(TITLE_HAS_FOCUS)
    page.keyboard.press("ArrowLeft")
    assert page.locator(".lecture-title").inner_text() == SCENES[-2].title
    assert page.evaluate(TITLE_HAS_FOCUS)
    focus(page, "End")
    page.keyboard.press("Enter")
    assert page.locator(".lecture").is_hidden()
    assert page.evaluate("document.activeElement.textContent") == "Lecture"  # where one came from
    assert "lecture" not in page.evaluate("location.search")
    page.go_back()
    assert page.locator(".lecture-title").inner_text() == SCENES[-2].title
