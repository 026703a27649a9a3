"""Side by side in a real browser: a run is stopped, and another one is finished."""

import time

import pytest

from diffusion.waveform.config import VocoderConfig
from synth.metrics.listening_test import p_value
from ui.sound.side_by_side import layout as section
from ui.sound.side_by_side.compute import SideBySideSettings

PLAYER = "#side-by-side-player [data-run]"
SHORT = "?tab=side-by-side&duration=0.4&steps_4=6"


@pytest.fixture(scope="module")
def url(serve):
    section.show(SideBySideSettings(duration=0.4, steps_4=6))  # or an opening would take its time
    return serve(section)


@pytest.fixture
def page(open_at, url):
    return open_at(url, SHORT, wait_for=PLAYER)


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
    waiting.append(1)  # seconds a step: it is stopped long before its end
    page.locator(".label-wrap").get_by_text("Sound", exact=True).click()
    page.get_by_role("button", name="Another sound").click()
    page.get_by_text("Run 1 of 4").wait_for()
    page.get_by_role("button", name="Stop", exact=True).last.click()
    page.get_by_text("Stopped.").wait_for()
    run = page.locator(PLAYER).get_attribute("data-run")
    assert run.startswith("original ")
    assert "seed=1" in run  # the new sound, and no result of the old one beside it
    assert page.get_by_text(section.TEXTS["no_result"]).is_visible()
    assert page.locator("table").get_by_text("log-mel distance").count() == 0
    assert page.get_by_text("computing").filter(visible=True).count() == 0
    page.wait_for_timeout(1_500)  # nothing comes behind the end
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
    page.locator(".label-wrap").get_by_text("Sound", exact=True).click()
    page.get_by_role("button", name="Accordion").wait_for()
    assert page.get_by_text("excerpt start (s)").count() == 0
    page.get_by_role("button", name="Accordion").click()
    done = page.get_by_text("Accordion, 1.53 s: from 0.00 s to 1.53 s of it")
    done.wait_for(timeout=120_000)  # four runs of it
    page.locator("table").get_by_text("spectral convergence").wait_for()
    assert page.locator("table").get_by_text("pitch error").count() == 0
    assert "own " in page.locator(PLAYER).get_attribute("data-run")
    page.get_by_text("excerpt start (s)").wait_for()
    player = page.locator("#side-by-side-player")
    player.locator(".sides").get_by_text("Griffin-Lim", exact=True).click()
    player.get_by_label("residual", exact=True).check()
    label = page.locator("#side-by-side-player .spectrum").get_attribute("aria-label")
    assert "residual of Griffin-Lim" in label
    assert not player.get_by_label("partials", exact=True).is_visible()


HEAR_AND_DRAW = """() => {
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (...when) {
    window.heard = [...this.buffer.getChannelData(0)].join();
    return start.apply(this, when);
  };
  let draws = 0; // X is A, B, B, A, B, B …
  crypto.getRandomValues = (bytes) => bytes.fill(draws++ % 3 ? 1 : 0);
}"""


@pytest.mark.browser
def test_x_is_heard_blindly_and_the_score_has_its_p_value(page):
    page.locator("table").get_by_text("log-mel distance").wait_for()
    page.evaluate(HEAR_AND_DRAW)
    page.get_by_text("Blind test (ABX)").click()
    panel = page.locator("#side-by-side-player .blind")
    panel.get_by_label("sound A").select_option("original")
    panel.get_by_label("sound B").select_option("Griffin-Lim")
    panel.get_by_role("button", name="Hear A").focus()
    drawn, hits = [], 0
    for trial in range(1, 13):
        assert panel.get_by_role("button", name="X is A").is_disabled()  # X was not heard yet
        heard, seen = {}, {}
        for key in "xabx":
            page.keyboard.press(key)
            heard[key] = page.evaluate("window.heard")
            seen[key] = panel.inner_html().replace('aria-pressed="true"', 'aria-pressed="false"')
        assert heard["a"] != heard["b"]
        x = "a" if heard["x"] == heard["a"] else "b"
        assert heard["x"] == heard[x]
        assert seen["x"] == seen["a"] == seen["b"]  # nothing on the page says which it is
        drawn.append(x)
        guess = x if trial < 12 else {"a": "b", "b": "a"}[x]
        hits += guess == x
        page.keyboard.press("1" if guess == "a" else "2")
        p = p_value(hits, trial)
        number = "below 0.001" if p < 0.001 else f"{p + 1e-9:.3f}"
        panel.get_by_text(f"{hits} of {trial} right.").wait_for()
        assert panel.get_by_text(f"a probability of {number}.").is_visible()
        assert page.locator(PLAYER).get_attribute("data-listening") == "false"
    assert "".join(drawn) in 6 * "abb"
    panel.get_by_role("button", name="Start again").click()
    assert panel.locator(".score").inner_text() == ""
