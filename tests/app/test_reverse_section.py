"""Reverse in a real browser: a long sampling ends when one wants it to."""

import gradio as gr
import pytest

from ui import reverse_tab
from ui.page import LAUNCH_OPTIONS


@pytest.fixture(scope="module")
def url():
    with gr.Blocks() as demo:
        reverse_tab.build()
    _, local, _ = demo.launch(prevent_thread_lock=True, quiet=True, **LAUNCH_OPTIONS)
    yield local
    demo.close()


@pytest.mark.browser
def test_a_long_sampling_can_be_stopped_when_a_link_opens_it_too(open_at, url):
    # 2,000 points by the oracle in 100 levels of Langevin steps take half a minute.
    link = "?tab=reverse&sampler_1=langevin&predictor_1=oracle&num_points=2000"
    page = open_at(url, link, wait_for="text=Lane 1 of 4")
    for _ in range(2):
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped.").wait_for(timeout=5_000)
        page.wait_for_timeout(1_500)
        assert page.get_by_text("Stopped.").is_visible()  # no news came after it
        assert page.locator("#reverse-player [data-run]").count() == 0
        page.get_by_role("button", name="Sample", exact=True).click()
        page.get_by_text("Lane 1 of 4").wait_for()
    page.get_by_role("button", name="Stop").click()
