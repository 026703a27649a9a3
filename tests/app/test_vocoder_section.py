"""WaveGrad in a real browser: one's own sound, hearing, beginning anew, stopping; and its API."""

import time
from dataclasses import asdict

import gradio_client
import numpy as np
import pytest
import soundfile

from diffusion.waveform.config import VocoderConfig
from ui.sound.vocoder import compute as vocoder
from ui.sound.vocoder import layout as vocoder_tab
from ui.sound.vocoder.compute import VocoderSettings

RATE = 22_050
FORWARD, REVERSE, COMPARED = (
    f"#{name}-player [data-run]" for name in ("noised", "vocoded", "compared")
)


@pytest.fixture(scope="module")
def uploads(tmp_path_factory):
    """Where Gradio puts what is uploaded."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("uploads")
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def url(uploads, serve):
    for show in vocoder_tab.SHOWS:  # as the app does, before the first visitor
        show(VocoderSettings())
    return serve(vocoder_tab)


@pytest.fixture
def open_section(open_at, url):
    def open_section(query="?tab=vocoder", **options):
        return open_at(url, query, wait_for=COMPARED, reduced_motion="reduce", **options)

    return open_section


def wait_for_run(page, player, words):
    page.wait_for_function(
        "([player, words]) => document.querySelector(player).dataset.run.includes(words)",
        arg=[player, words],
    )


def choose(page, label, option):
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def wait_for_level(page, player):
    page.wait_for_function(
        "player => Number(document.querySelector(player).dataset.level) > 0.01", arg=player
    )


@pytest.mark.browser
def test_ones_own_sound_is_made_again_and_heard_in_place(open_section, uploads, tmp_path):
    page = open_section()
    before = page.locator(REVERSE).get_attribute("data-run")
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    page.locator("input[type=file]").first.set_input_files(bad)
    page.get_by_text("bad.wav cannot be read as wav, flac, ogg, opus").wait_for()
    assert page.locator(REVERSE).get_attribute("data-run") == before  # nothing is lost
    mine = tmp_path / "mine.flac"
    soundfile.write(mine, 0.3 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE), RATE)
    page.locator("input[type=file]").first.set_input_files(mine)
    for player in (FORWARD, REVERSE, COMPARED):
        wait_for_run(page, player, "own ")
    page.get_by_text("Your own sound, 1.00 s: from 0.00 s to 1.00 s of it").wait_for()
    page.get_by_text("cannot be measured").wait_for()
    # They stay, for another visitor's upload of the same file has the same path.
    assert len([path for path in uploads.rglob("*") if path.is_file()]) >= 2

    reverse = page.locator("#vocoded-player")
    reverse.get_by_label("loop").check()
    reverse.get_by_role("button", name="Listen").click()
    for frame in ("0", "3", "6"):
        reverse.get_by_role("slider", name="Step").fill(frame)
        wait_for_level(page, REVERSE)

    page.evaluate("""() => {
      window.starts = [];
      const { start } = AudioBufferSourceNode.prototype;
      AudioBufferSourceNode.prototype.start = function (when, offset) {
        window.starts.push([this.context.currentTime, offset]);
        return start.call(this, when, offset);
      };
    }""")
    compared = page.locator("#compared-player")
    compared.get_by_label("loop").check()
    compared.get_by_role("button", name="Listen").click()
    wait_for_level(page, COMPARED)
    for count, view in enumerate(("result", "original"), start=2):
        compared.get_by_text(view, exact=True).click()
        page.wait_for_function("count => window.starts.length === count", arg=count)
    (began, _), *swaps = page.evaluate("window.starts")
    for now, offset in swaps:  # each goes on where the one before was
        assert offset == pytest.approx((now - began) % 1.0, abs=0.02)
    compared.get_by_role("button", name="Stop").click()

    page.get_by_role("button", name="Another sound").click()
    page.wait_for_function("location.search.includes('seed=1&') || location.search.endsWith('=1')")
    assert "own" not in page.evaluate("location.search")
    assert "own" not in page.locator(COMPARED).get_attribute("data-run")


@pytest.mark.browser
def test_another_excerpt_of_ones_own_sound_is_heard_in_all_players(open_section, tmp_path):
    page = open_section("?tab=vocoder&excerpt_start=0.5")
    mine = tmp_path / "mine.wav"
    soundfile.write(mine, 0.3 * np.sin(2 * np.pi * 300 * np.arange(2 * RATE) / RATE), RATE)
    page.locator("input[type=file]").first.set_input_files(mine)
    page.get_by_text("Your own sound, 1.50 s: from 0.50 s to 2.00 s of it").wait_for()
    wait_for_run(page, COMPARED, "compare own ")
    before = [page.locator(each).get_attribute("data-run") for each in (FORWARD, COMPARED)]
    box = page.locator("input[type=number][aria-label*='excerpt start']")
    box.fill("1.2")
    box.press("Enter")
    box.blur()
    page.get_by_text("Your own sound, 0.80 s: from 1.20 s to 2.00 s of it").wait_for()
    wait_for_run(page, COMPARED, "excerpt_start=1.2")
    after = [page.locator(each).get_attribute("data-run") for each in (FORWARD, COMPARED)]
    assert all("own " in run for run in after)
    assert not set(before) & set(after)
    page.wait_for_function("location.search.includes('excerpt_start=1.2')")
    box.fill("5")
    box.press("Enter")
    box.blur()
    page.get_by_text("after excerpt start = 5 s").wait_for()
    assert page.locator(FORWARD).get_attribute("data-run") == after[0]  # nothing is lost


@pytest.mark.browser
def test_it_begins_anew_at_the_level_that_is_shown(open_section):
    page = open_section()
    page.locator("#noised-player").get_by_role("slider", name="Step").fill("2")
    page.get_by_text("σ = 0.01, ").wait_for()
    page.get_by_role("button", name="Regenerate from this step").click()
    wait_for_run(page, COMPARED, "start=0.01")
    page.wait_for_function("location.search.includes('start=0.01')")
    page.locator("#noised-player").get_by_role("slider", name="Step").fill("0")
    page.get_by_role("button", name="Regenerate from this step").click()
    page.get_by_text("step must be one with noise").wait_for()
    assert "start=0.01" in page.locator(COMPARED).get_attribute("data-run")


@pytest.mark.browser
def test_a_long_run_shows_itself_and_stops(open_section, monkeypatch):
    steps = []
    states = VocoderConfig.states

    def counted(*arguments):
        for state in states(*arguments):
            steps.append(time.monotonic())
            time.sleep(0.05)  # or a fast machine would be done before the browser has shown a part
            yield state

    monkeypatch.setattr(VocoderConfig, "states", counted)
    page = open_section()
    choose(page, "steps", "1000")
    page.get_by_role("button", name="Vocode").click()
    page.get_by_text("of 1000").wait_for()
    wait_for_run(page, REVERSE, "steps=1000")  # a part of it
    page.get_by_role("button", name="Stop", exact=True).last.click()
    pressed = time.monotonic()
    page.get_by_text("Stopped.").wait_for()
    page.wait_for_timeout(1_500)
    assert steps[-1] < pressed + 1
    assert len(steps) < 1000
    assert page.get_by_text("Stopped.").is_visible()
    # The result of the run before is gone: the original waits for a new one, and the text says so.
    assert page.locator(COMPARED).get_attribute("data-run").startswith("original ")
    assert page.get_by_text("There is no result yet").is_visible()


def test_the_api_gives_seeded_sounds_without_a_session(url):
    client = gradio_client.Client(url, verbose=False)
    settings = asdict(VocoderSettings(duration=0.4))
    trajectory, _ = client.predict(**settings, api_name="/noise_sound")
    assert trajectory["views"]["x_t"]["sounds"]["shape"] == [9, 8_820]
    first = client.predict(**settings, api_name="/vocoder")
    vocoder.vocode_results.cache_clear()
    again = client.predict(**settings, api_name="/vocoder")
    for payload in (first[0], first[1], again[0], again[1]):
        payload.pop("shown")
    assert again[:2] == first[:2]
    assert first[1]["views"].keys() == {"original", "result"}
    other = client.predict(**{**settings, "seed": 1}, api_name="/vocoder")
    assert other[1]["views"]["result"] != first[1]["views"]["result"]
    with pytest.raises(Exception, match=r"sound must be"):
        client.predict(**{**settings, "sound": "f0:loud"}, api_name="/vocoder")
