"""Side by side in a real browser: a run is stopped, and another one is finished."""

import time

import pytest

from diffusion.waveform.config import VocoderConfig
from ui.sound.side_by_side import layout as section
from ui.sound.side_by_side.compute import SideBySideSettings

PLAYER = "#side-by-side-player [data-run]"
SHORT = "?tab=side-by-side&duration=0.4&steps_4=6"


@pytest.fixture
def page(serve, open_at):
    settings = SideBySideSettings(duration=0.4, steps_4=6)
    section.show(settings)  # or the opening would take its time
    return open_at(serve(section), SHORT, wait_for=PLAYER, reduced_motion="reduce")


@pytest.mark.browser
def test_what_is_stopped_leaves_no_result_of_another_sound(page, monkeypatch):
    waiting = []
    states = VocoderConfig.states

    def slow(*arguments):
        for state in states(*arguments):
            time.sleep(waiting[-1])
            yield state

    monkeypatch.setattr(VocoderConfig, "states", slow)
    page.locator("table").get_by_text("log-mel distance").wait_for()
    assert page.locator(PLAYER).get_attribute("data-run").startswith("sound runs ")
    waiting.append(2)  # seconds a step: it is stopped long before its end
    page.get_by_role("tab", name="Sound", exact=True).click()
    page.get_by_role("button", name="Another sound").click()
    page.get_by_text("Run 1 of 4").wait_for()
    page.get_by_role("button", name="Stop", exact=True).last.click()
    page.get_by_text("Stopped.").wait_for()
    run = page.locator(PLAYER).get_attribute("data-run")
    assert run.startswith("original ")
    assert "seed=1" in run  # the new sound, and no result of the old one beside it
    assert page.get_by_text(section.NO_RESULT).is_visible()
    assert page.locator("table").get_by_text("log-mel distance").count() == 0
    assert page.get_by_text("computing").filter(visible=True).count() == 0
    page.wait_for_timeout(2_500)  # nothing comes behind the end
    assert page.get_by_text("Stopped.").is_visible()
    assert page.locator(PLAYER).get_attribute("data-run") == run

    waiting.append(0)
    page.get_by_role("button", name="Sample", exact=True).click()
    page.locator("table").get_by_text("log-mel distance").wait_for()
    finished = page.locator(PLAYER).get_attribute("data-run")
    assert finished == run.replace("original ", "sound runs ")
    assert page.get_by_text("Stopped.").count() == 0


@pytest.mark.browser
def test_a_recording_is_compared_in_the_place_of_the_sound(page):
    page.get_by_role("tab", name="Sound", exact=True).click()
    page.get_by_role("button", name="Accordion").wait_for()
    assert page.get_by_text("excerpt start (s)").count() == 0
    page.get_by_role("button", name="Accordion").click()
    page.get_by_text("Accordion, 1.53 s: from 0.00 s to 1.53 s of it").wait_for()
    page.locator("table").get_by_text("spectral convergence").wait_for()
    assert page.locator("table").get_by_text("pitch error").count() == 0
    assert "own " in page.locator(PLAYER).get_attribute("data-run")
    page.get_by_text("excerpt start (s)").wait_for()
    player = page.locator("#side-by-side-player")
    player.get_by_text("Griffin-Lim", exact=True).click()
    player.get_by_label("residual", exact=True).check()
    label = page.locator("#side-by-side-player .spectrum").get_attribute("aria-label")
    assert "residual of Griffin-Lim" in label
    assert not player.get_by_label("partials", exact=True).is_visible()
