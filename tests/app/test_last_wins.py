"""The last of several controls of a section wins, whichever result is ready first."""

import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import gradio as gr
import gradio_client
import pytest

from ui.shared.controls import answers, in_order, make_control
from ui.shared.section_opening import opens
from ui.shared.settings import Settings, number

SLOW = 1.0  # seconds
ended = []  # the seconds of each result that was computed, or given up


@dataclass(frozen=True)
class WaitingSettings(Settings):
    """Two controls; the first one sets how long the result takes."""

    title: ClassVar[str] = "Waiting"
    seconds: float = number(0.0, 0.0, SLOW, 0.5)
    value: int = number(0, 0, 9, 1)


def text(settings):
    return f"seconds {settings.seconds:g}, value {settings.value}"


def show(settings):
    time.sleep(settings.seconds)
    ended.append(settings.seconds)
    return text(settings), "finished"


def show_parts(settings):
    try:
        yield text(settings), "begun"
        time.sleep(settings.seconds)
        yield text(settings), "finished"
    finally:
        ended.append(settings.seconds)


def section(show):
    def build():
        with gr.Row(elem_classes="introduction"):
            gr.Markdown("[Take 9](?tab=waiting&value=9)")
        controls = {name: make_control(WaitingSettings, name) for name in WaitingSettings.names()}
        outputs = [gr.Markdown(elem_id="result"), gr.Markdown(elem_id="how-far")]
        inputs = in_order(WaitingSettings, controls)
        opens(WaitingSettings, [show], [*inputs, *outputs])
        changes = [control.release for control in controls.values()]
        answers(WaitingSettings, show, changes, inputs, outputs, progress_on=outputs[1])

    return SimpleNamespace(build=build)


@pytest.fixture(scope="module", params=[show, show_parts], ids=["function", "generator"])
def url(request, serve):
    return serve(section(request.param))


@pytest.fixture
def page(open_at, url, wait_until_quiet):
    ended.clear()
    page = open_at(url, wait_for="#result >> text=value 0")
    wait_until_quiet(page)
    return page


def move(page, label, key):
    page.get_by_role("slider", name=f"range slider for {label}").press(key)


def shown_at_the_end(page):
    end = time.monotonic() + 20
    while SLOW not in ended and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert SLOW in ended
    page.wait_for_timeout(500)  # the slow result would be there by now
    return page.locator("#result").inner_text()


@pytest.mark.browser
def test_of_a_slow_and_a_quick_run_of_two_sliders_the_later_wins(page):
    move(page, "seconds", "End")
    page.wait_for_timeout(200)
    page.evaluate("""() => {  // at once: the answer to the other slider is quick
      const slider = document.querySelector('[aria-label="range slider for seconds"]');
      slider.value = 0;
      slider.dispatchEvent(new Event("input", { bubbles: true })); }""")
    move(page, "value", "End")
    assert shown_at_the_end(page) == "seconds 0, value 9"
    assert page.locator("#how-far").inner_text() == "finished"


@pytest.mark.browser
def test_of_a_slow_slider_and_a_quick_link_the_later_wins(page):
    move(page, "value", "ArrowRight")  # or the slow result would be one that was kept
    page.wait_for_function("document.querySelector('#result').innerText.includes('value 1')")
    move(page, "seconds", "End")
    page.wait_for_timeout(200)
    page.get_by_role("link", name="Take 9").click()
    page.wait_for_function("document.querySelector('#result').innerText.includes('value 9')")
    assert shown_at_the_end(page) == "seconds 0, value 9"
    assert page.locator("#how-far").inner_text() == "finished"


def test_a_program_gets_the_whole_result_of_each_of_its_calls(url):
    client = gradio_client.Client(url, verbose=False)
    jobs = [
        client.submit(seconds=seconds, value=value, api_name="/waiting")
        for seconds, value in ((0.5, 1), (0, 2))
    ]
    assert [job.result(timeout=30) for job in jobs] == [
        ("seconds 0.5, value 1", "finished"),
        ("seconds 0, value 2", "finished"),
    ]
