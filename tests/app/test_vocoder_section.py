"""The vocoder in a real browser: its stages, own sounds, hearing, beginning anew; and its API."""

import time
from dataclasses import asdict

import gradio_client
import numpy as np
import pytest
import soundfile

from diffusion.waveform.config import VocoderConfig
from synth import loudness
from ui.shared.kept_answers import answers_of
from ui.sound.vocoder import compute as vocoder
from ui.sound.vocoder import layout as vocoder_tab
from ui.sound.vocoder.compute import VocoderSettings

RATE = 22_050
PLAYER = "#vocoder-player [data-run]"
FORWARD, REVERSE, COMPARED = (
    f"#{name}-player [data-run]" for name in ("noised", "vocoded", "compared")
)
"""What each stage of the player shows."""
LAPTOP = {"width": 1366, "height": 768}


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
        list(answers_of(show, VocoderSettings()))
    return serve(vocoder_tab)


@pytest.fixture
def open_section(open_at, url):
    def open_section(query="?tab=vocoder", **options):
        page = open_at(url, query, wait_for=PLAYER, **options)
        wait_for_run(page, COMPARED, "compare ")
        return page

    return open_section


def wait_for_run(page, player, words):
    page.wait_for_function(
        "([player, words]) => document.querySelector(player).dataset.run.includes(words)",
        arg=[player, words],
    )


def choose(page, label, option):
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def wait_for_level(page):
    page.wait_for_function(
        "player => Number(document.querySelector(player).dataset.level) > 0.01", arg=PLAYER
    )


def shown(page, name):
    return page.locator(PLAYER).get_attribute(f"data-{name}")


def go_to(page, stage):
    page.locator("#vocoder-player").get_by_text(stage, exact=True).click()
    assert shown(page, "stage") == stage


@pytest.mark.browser
def test_the_player_and_its_controls_fit_on_a_laptop(open_section):
    page = open_section(viewport=LAPTOP)
    player = page.locator("#vocoder-player .player")
    player.evaluate("node => node.scrollIntoView()")
    top, height = (player.bounding_box()[name] for name in ("y", "height"))
    assert top + height <= LAPTOP["height"]
    for name in ("Listen", "Save wav", "Play", "Vocode", "Stop", "Regenerate from this step"):
        button = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert top <= button["y"] <= LAPTOP["height"] - button["height"]
    places = []
    for stage in ("back", "compare", "into noise"):  # nothing moves between them
        go_to(page, stage)
        places.append(page.get_by_role("button", name="Listen").bounding_box())
    assert places[0] == places[1] == places[2]


@pytest.mark.browser
def test_it_opens_on_the_clean_sound_with_its_partials_and_keys_reach_every_stage(open_section):
    page = open_section()
    assert [shown(page, name) for name in ("stage", "frame", "picture")] == [
        "into noise", "0", "spectrogram",
    ]  # fmt: skip
    picture = page.locator("#vocoder-player .spectrum")
    label = picture.get_attribute("aria-label")
    assert "x₀, the sound itself" in label
    assert label.endswith("dotted lines at the known partials: 12, from 175 Hz to 2.10 kHz")
    page.get_by_label("partials", exact=True).uncheck()
    assert not page.get_by_label("first 30 ms").is_checked()
    page.locator("#vocoder-player .stage").focus()
    seen = []
    for key in ("ArrowRight", "s", "2", "1", "b", "ArrowLeft", "s", "2", "b", "s", "s"):
        page.keyboard.press(key)
        seen.append([shown(page, name) for name in ("stage", "view", "frame")])
    assert seen == [
        ["into noise", "x_t", "1"],
        ["back", "x_t", "6"],
        ["back", "x̂₀", "6"],
        ["back", "x_t", "6"],
        ["back", "x̂₀", "6"],
        ["back", "x̂₀", "5"],
        ["compare", "original", "0"],
        ["compare", "result", "0"],
        ["compare", "original", "0"],
        ["into noise", "x_t", "1"],  # each stage is where it was left
        ["back", "x̂₀", "5"],
    ]
    page.keyboard.press("s")
    page.keyboard.press("2")
    page.keyboard.press("r")
    assert "residual of result" in picture.get_attribute("aria-label")
    assert page.get_by_label("residual", exact=True).is_checked()
    page.get_by_label("loop").check()
    page.locator("#vocoder-player .stage").focus()
    page.keyboard.press(" ")
    wait_for_level(page)
    page.keyboard.press("r")
    assert "residual" not in picture.get_attribute("aria-label")
    page.keyboard.press("s")  # it goes on in the other stage
    assert shown(page, "listening") == "true"
    wait_for_level(page)


@pytest.mark.browser
def test_all_stages_are_equally_loud_in_the_ear_and_in_the_file(open_section, tmp_path):
    page = open_section()
    mine = tmp_path / "clicks.wav"  # so peaked that full scale bounds their loudness
    soundfile.write(mine, (np.arange(RATE) % 5_000 == 100) + 0.0, RATE)
    page.get_by_role("tab", name="Sound", exact=True).click()
    page.locator("input[type=file]").first.set_input_files(mine)
    wait_for_run(page, COMPARED, "compare own ")
    stored = page.evaluate("""() => {
      const { payloads } = globalThis[Symbol.for("companion.stages")]["vocoder-player"];
      return Object.values(payloads).map((payload) => payload.loudness);
    }""")
    assert max(stored) - min(stored) > 0.5  # as they come, one would be louder than another
    page.evaluate("""() => {
      const { start } = AudioBufferSourceNode.prototype;
      AudioBufferSourceNode.prototype.start = function (...when) {
        window.heard = [...this.buffer.getChannelData(0)];
        return start.apply(this, when);
      };
    }""")
    loud = []
    for stage, name in (("into noise", "noised"), ("back", "back"), ("compare", "original")):
        go_to(page, stage)
        with page.expect_download() as found:
            page.get_by_role("button", name="Save wav").click()
        found.value.save_as(tmp_path / f"{name}.wav")
        page.get_by_role("button", name="Listen").click()
        page.get_by_role("button", name="Stop", exact=True).first.click()
        saved, _ = soundfile.read(tmp_path / f"{name}.wav")
        heard = np.array(page.evaluate("window.heard"))
        assert np.abs(saved - heard).max() < 1e-4  # the file is what is heard
        loud.append(loudness(heard[None])[0])
    assert loud == pytest.approx([loud[0]] * 3, abs=0.3)  # the fades at the ends count too


@pytest.mark.browser
def test_a_link_of_an_earlier_version_still_chooses_views_and_pictures(open_section):
    page = open_section(
        "?tab=vocoder&vocoded-player.View=x̂₀&compared-player.View=result"
        "&noised-player.Picture=mel&compared-player.zoom=on"
    )
    page.wait_for_function("p => document.querySelector(p).dataset.picture === 'mel'", arg=PLAYER)
    assert page.get_by_label("first 30 ms").is_checked()
    for stage in ("back", "compare"):  # before they are seen
        assert f"vocoder-player.View+of+{stage}=" in page.evaluate("location.search")
    for stage, view in (("back", "x̂₀"), ("compare", "result")):
        go_to(page, stage)
        assert shown(page, "view") == view
    assert "vocoder-player.Stage=compare" in page.evaluate("location.search")


@pytest.mark.browser
def test_ones_own_sound_is_made_again_and_heard_in_place(open_section, uploads, tmp_path):
    page = open_section()
    before = page.locator(REVERSE).get_attribute("data-run")
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    page.get_by_role("tab", name="Sound", exact=True).click()
    page.locator("input[type=file]").first.set_input_files(bad)
    page.get_by_text("bad.wav cannot be read as wav, flac, ogg, opus").wait_for()
    assert page.locator(REVERSE).get_attribute("data-run") == before  # nothing is lost
    mine = tmp_path / "mine.flac"
    soundfile.write(mine, 0.3 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE), RATE)
    page.locator("input[type=file]").first.set_input_files(mine)
    for stage in (FORWARD, REVERSE, COMPARED):
        wait_for_run(page, stage, "own ")
    assert [shown(page, name) for name in ("stage", "frame")] == ["into noise", "0"]
    assert not page.get_by_label("partials", exact=True).is_visible()  # nobody knows them
    page.get_by_text("Your own sound, 1.00 s: from 0.00 s to 1.00 s of it").wait_for()
    page.get_by_text("cannot be measured").wait_for()
    # They stay, for another visitor's upload of the same file has the same path.
    assert len([path for path in uploads.rglob("*") if path.is_file()]) >= 2

    player = page.locator("#vocoder-player")
    go_to(page, "back")
    player.get_by_label("loop").check()
    player.get_by_role("button", name="Listen").click()
    for frame in ("0", "3", "6"):
        player.get_by_role("slider", name="Step").fill(frame)
        wait_for_level(page)
    player.get_by_role("button", name="Stop").click()

    page.evaluate("""() => {
      window.starts = [];
      const { start } = AudioBufferSourceNode.prototype;
      AudioBufferSourceNode.prototype.start = function (when, offset) {
        window.starts.push([this.context.currentTime, offset]);
        return start.call(this, when, offset);
      };
    }""")
    go_to(page, "compare")
    player.get_by_role("button", name="Listen").click()
    wait_for_level(page)
    for count, view in enumerate(("result", "original"), start=2):
        player.get_by_text(view, exact=True).click()
        page.wait_for_function("count => window.starts.length === count", arg=count)
    (began, _), *swaps = page.evaluate("window.starts")
    for now, offset in swaps:  # each goes on where the one before was
        assert offset == pytest.approx((now - began) % 1.0, abs=0.02)
    player.get_by_role("button", name="Stop").click()

    page.get_by_role("tab", name="Sound", exact=True).click()
    page.get_by_role("button", name="Another sound").click()
    page.wait_for_function("location.search.includes('seed=1&') || location.search.endsWith('=1')")
    assert "own" not in page.evaluate("location.search")
    assert "own" not in page.locator(COMPARED).get_attribute("data-run")


@pytest.mark.browser
def test_another_excerpt_of_ones_own_sound_is_heard_in_all_stages(open_section, tmp_path):
    page = open_section("?tab=vocoder&excerpt_start=0.5")
    mine = tmp_path / "mine.wav"
    soundfile.write(mine, 0.3 * np.sin(2 * np.pi * 300 * np.arange(2 * RATE) / RATE), RATE)
    page.get_by_role("tab", name="Sound", exact=True).click()
    page.get_by_role("button", name="Flute").wait_for()
    assert page.get_by_text("excerpt start (s)").count() == 0  # there is nothing to choose from
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
def test_it_begins_anew_at_the_sigma_that_is_shown(open_section):
    page = open_section()
    step = page.locator("#vocoder-player").get_by_role("slider", name="Step")
    step.fill("2")
    page.get_by_text("σ = 0.01, ").wait_for()
    page.get_by_role("button", name="Regenerate from this step").click()
    wait_for_run(page, COMPARED, "start=0.01")
    page.wait_for_function("location.search.includes('start=0.01')")
    assert shown(page, "stage") == "back"
    go_to(page, "into noise")
    step.fill("0")
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
