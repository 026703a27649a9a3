"""The real app: through its API, in a real browser, and from the command line."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import gradio_client
import httpx
import pytest
from playwright.sync_api import expect

from app import main
from ui.ddpm.forward.compute import ForwardSettings, forward_result
from ui.ddpm.likelihood.compute import LikelihoodSettings, likelihood_result
from ui.ddpm.reverse.compute import ReverseSettings
from ui.ddpm.sample_quality.compute import SampleQualitySettings
from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings, mistake_result
from ui.mistakes.mistakes_in_sound.compute import MistakesInSoundSettings, sound_mistake_result
from ui.page import TABS
from ui.score.score_field.compute import ScoreFieldSettings, score_results
from ui.shared.sampler_runs import sampler_run
from ui.sound.from_nothing.compute import FromNothingSettings, generate_result
from ui.sound.sound_designer.compute import SoundDesignerSettings, design_result

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def url(whole_page):
    return whole_page


@pytest.fixture(scope="module")
def client(url):
    return gradio_client.Client(url, verbose=False)


@pytest.mark.browser
def test_the_bound_is_measured_again_with_another_variance(show_view):
    page = show_view("?tab=variational-bound&num_points=100", wait_for="#bound-figure [role=img]")
    figure = page.locator("#bound-figure [role=img]")
    before = figure.get_attribute("aria-label")
    assert "learned" in before
    page.get_by_label("fixed variance").locator("visible=true").click()
    page.get_by_role("option", name="fixed_small").click()
    page.wait_for_function("location.search.includes('fixed_small')")
    expect(figure).not_to_have_attribute("aria-label", before)


@pytest.mark.browser
def test_a_click_drops_walkers_and_the_link_remembers(show_view, open_at, url):
    page = show_view("?tab=score-field", wait_for="#score-player [data-run]")
    run = page.locator("#score-player [data-run]").get_attribute("data-run")
    canvas = page.locator("#score-player canvas")
    box = canvas.bounding_box()
    canvas.click(position={"x": 0.7 * box["width"], "y": 0.3 * box["height"]})
    page.wait_for_function(
        "run => document.querySelector('#score-player [data-run]').dataset.run !== run", arg=run
    )
    page.wait_for_function("location.search.includes('x=')")
    query = page.evaluate("location.search")
    assert "tab=score-field" in query
    again = open_at(url, query, wait_for="#score-player [data-run]")
    dropped, reopened = (
        p.locator("#score-player [data-run]").get_attribute("data-run") for p in (page, again)
    )
    assert dropped == reopened != run


@pytest.mark.browser
def test_a_trajectory_is_scrubbed_without_the_server(show_view, wait_until_quiet):
    page = show_view("?tab=reverse", wait_for="#reverse-player [data-run]")
    wait_until_quiet(page)
    player = page.locator("#reverse-player")
    slider = player.get_by_role("slider", name="Step")
    before = len(page.requests)
    pictures = set()
    for frame in (0, 10, 25, 50):
        slider.fill(str(frame))
        page.wait_for_function(
            "f => document.querySelector('#reverse-player [data-run]').dataset.frame === f",
            arg=str(frame),
        )
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
        pictures.add(player.locator("canvas").evaluate("canvas => canvas.toDataURL()"))
    assert len(pictures) == 4
    assert page.requests[before:] == []


@pytest.mark.browser
def test_each_step_of_a_sound_is_heard_and_saved(show_view, tmp_path):
    page = show_view("?tab=from-nothing", wait_for="#generated-player [data-run]")
    player = page.locator("#generated-player")
    player.get_by_label("loop").check()
    slider = player.get_by_role("slider", name="Step")
    player.get_by_role("button", name="Listen").click()
    for frame in ("0", "10", "20"):
        slider.fill(frame)
        page.wait_for_function(
            "() => Number(document.querySelector('#generated-player [data-run]').dataset.level)"
            " > 0.01"
        )
    player.get_by_role("button", name="Stop").click()
    page.wait_for_function(
        "() => document.querySelector('#generated-player [data-run]').dataset.level === '0'"
    )
    with page.expect_download() as download:
        player.get_by_role("button", name="Save wav").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    import soundfile

    samples, rate = soundfile.read(file)
    assert file.name == "waveform-simple-ddpm-50-seed-0-x_t-step-20.wav"
    assert rate == 22_050
    assert len(samples) == 13 * (640 - 64) + 64  # a frame, repeated with a crossfade
    assert 0.01 < abs(samples).max() <= 1


@pytest.mark.browser
def test_a_mistake_is_heard_wrong_and_right(show_view):
    page = show_view(
        "?tab=mistakes-in-sound&seed=3", wait_for="#mistakes-in-sound-player [data-run]"
    )
    page.get_by_label("mistake", exact=True).locator("visible=true").click()
    page.get_by_role("option", name="max for max |y|").click()
    page.wait_for_function("location.search.includes('mistake=max+for+max')")
    player = page.locator("#mistakes-in-sound-player")
    assert "seed=3" in player.locator("[data-run]").get_attribute("data-run")
    player.get_by_label("loop").check()
    player.get_by_role("button", name="Listen").click()
    for view in ("wrong", "right"):
        player.get_by_text(view, exact=True).click()
        page.wait_for_function(
            "name => { const { view, level } = document.querySelector("
            "'#mistakes-in-sound-player [data-run]').dataset;"
            " return view === name && level > 0.01; }",
            arg=view,
        )
    player.get_by_role("button", name="Stop").click()
    assert page.get_by_text("signal to distortion, dB").locator("visible=true").count() == 1
    assert page.get_by_text("waveforms.max(axis").locator("visible=true").count() >= 1


@pytest.mark.browser
def test_a_bad_link_opens_the_defaults_and_says_so(open_at, url):
    score, forward = "#score-player [data-run]", "#forward-player [data-run]"
    page = open_at(url, "?tab=score-field&sigma=99", wait_for=score)
    page.get_by_text("noise σ of the data must be a number in").first.wait_for()
    assert "sigma=0.1&" in page.locator(score).get_attribute("data-run")
    for query, sentence, run in (
        ("?tab=score-field&sigma=<img src=x>", "<img src=x>", score),
        ("?tab=forward&beta_start=0.01&beta_end=0.001", "last β, β_T must be a number in", forward),
    ):
        page.evaluate("query => { history.pushState(null, '', query); follow(); }", query)
        page.get_by_text(sentence).first.wait_for()
        page.wait_for_selector(run)


@pytest.mark.browser
def test_quality_opens_on_its_chart(show_view):
    chart = "#quality-figure [role=img]"
    page = show_view("?tab=sample-quality", wait_for=chart, viewport={"width": 390, "height": 900})
    assert "Measured now" in page.locator(chart).get_attribute("aria-label")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_on_a_phone_every_tab_is_seen(show_view):
    page = show_view(
        "?tab=train-ddpm",
        wait_for="#train-ddpm-player [data-run]",
        viewport={"width": 390, "height": 844},
    )
    tabs = page.locator(".sections > .tab-wrapper").get_by_role("tab").locator("visible=true")
    assert tabs.count() == len(TABS) + len(TABS["ddpm"])
    for tab in tabs.all():
        assert tab.evaluate("tab => tab.scrollWidth <= tab.clientWidth + 1")  # not cut off
        assert tab.bounding_box()["x"] + tab.bounding_box()["width"] <= 390


@pytest.mark.browser
def test_the_address_follows_a_run_and_keeps_the_theme(show_view):
    link = "?tab=reverse&rho=3&num_points=50&__theme=dark"
    page = show_view(link, wait_for="#reverse-player [data-run]")
    page.get_by_role("button", name="Sample", exact=True).click()
    page.wait_for_function(
        "location.search === '?tab=reverse&num_points=50&__theme=dark'"  # 3 is the default of ρ
    )


# Half a megabyte that a section without a sound needs not.
FETCHED_SOUND = """() => performance.getEntriesByType("resource").map(({ name }) => name)
  .filter((name) => /[/](hls|audio|StaticAudio)-/.test(name))"""


@pytest.mark.browser
def test_a_visit_to_a_tab_goes_into_the_address_and_back_goes_back(open_at, url):
    page = open_at(url, "?tab=score-field&sigma=0.2", wait_for="#score-player [data-run]")
    assert page.evaluate(FETCHED_SOUND) == []
    page.get_by_role("tab", name="Diffusion (DDPM)").click()
    page.wait_for_function("location.search === '?tab=forward'")
    page.get_by_role("tab", name="Reverse").click()
    page.wait_for_function("location.search === '?tab=reverse'")
    page.get_by_role("tab", name="Score & Langevin").click()
    page.wait_for_function("location.search === '?tab=score-field&sigma=0.2'")
    page.go_back()
    page.wait_for_selector("#reverse-player [data-run]")
    assert page.get_by_role("tab", name="Reverse").get_attribute("aria-selected") == "true"


@pytest.mark.browser
def test_the_last_of_fast_changes_wins(open_at, url):  # a page of its own: more may be on its way
    page = open_at(url, "?tab=score-field", wait_for="#score-player [data-run]")
    slider = page.get_by_role("slider", name="range slider for noise σ of the data")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")  # each is a change of its own, faster than one result
    page.wait_for_function(
        "() => document.querySelector('#score-player [data-run]').dataset.run"
        ".includes('sigma=0.14')"
    )
    page.wait_for_function("location.search.includes('sigma=0.14')")


@pytest.mark.browser
def test_enter_in_a_box_runs(show_view):
    page = show_view("?tab=score-field&walkers=5&num_steps=10", wait_for="#score-player [data-run]")
    box = page.get_by_role("spinbutton", name="number input for noise σ of the data")
    box.fill("0.2")
    box.press("Enter")
    page.wait_for_function("location.search.includes('sigma=0.2')")
    seed = page.get_by_label("seed", exact=True).locator("visible=true")
    seed.fill("2")
    seed.press("Enter")
    page.wait_for_function("location.search.includes('seed=2')")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("label", "name", "typed", "settled", "sentence"),
    [
        ("number input for noise σ of the data", "sigma", "5", "1", "in [0.01, 1]. 5 became 1."),
        ("number input for noise σ of the data", "sigma", "", "0.1", "It is still 0.1."),
        ("seed", "seed", "1.5", "2", "an integer in [0, 999999]. 1.5 became 2."),
        ("seed", "seed", "", "0", "It is still 0."),
    ],
)
def test_a_box_and_the_picture_agree(show_view, label, name, typed, settled, sentence):
    page = show_view("?tab=score-field&walkers=5&num_steps=10", wait_for="#score-player [data-run]")
    box = page.get_by_label(label, exact=True).locator("visible=true")
    box.fill(typed)
    box.press("Enter")
    linked = None if float(settled) == ScoreFieldSettings.defaults()[name] else settled
    page.wait_for_function(
        "([name, linked]) => new URLSearchParams(location.search).get(name) === linked",
        arg=[name, linked],
    )
    assert box.input_value() == settled
    run = page.locator("#score-player [data-run]").get_attribute("data-run")
    assert f"&{name}={settled}" in run
    note = page.get_by_role("status").filter(has_text=sentence)
    assert note.inner_text().startswith(label.removeprefix("number input for ") + " must be")
    page.evaluate("history.pushState(null, '', '?tab=score-field&walkers=5'); follow()")
    expect(note).to_have_count(0)  # it was on a value that is shown no more


@pytest.mark.browser
def test_generate_shows_another_sound(show_view):
    page = show_view("?tab=from-nothing", wait_for="#generated-player [data-run]")
    run = page.locator("#generated-player [data-run]").get_attribute("data-run")
    page.get_by_label("seed", exact=True).locator("visible=true").fill("5")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_function(
        "run => document.querySelector('#generated-player [data-run]').dataset.run !== run",
        arg=run,
    )
    page.wait_for_function("location.search.includes('seed=5')")


API = {
    "/score_field": asdict(ScoreFieldSettings(walkers=5, num_steps=10)),
    "/reverse": asdict(ReverseSettings(num_points=50, steps_1=10)),
    "/likelihood": asdict(LikelihoodSettings(num_steps=10)),
    "/forward": asdict(ForwardSettings(num_train_timesteps=20)),
    "/from_nothing": asdict(FromNothingSettings(num_inference_steps=6)),
    "/sound_designer": asdict(SoundDesignerSettings(duration=0.3)),
    "/mistakes_in_2d": asdict(MistakesIn2dSettings(mistake="β for √β")),
    "/mistakes_in_sound": asdict(MistakesInSoundSettings(mistake="level one step off")),
}
OTHERS = {
    "/sample_quality": asdict(SampleQualitySettings(num_points=500))
}  # its payload is a chart


@pytest.mark.parametrize("name", API)
def test_api_gives_a_seeded_payload(client, name):
    first = client.predict(**API[name], api_name=name)[0]
    first.pop("shown")  # the time, so that an equal value is shown again
    for result in (
        score_results,
        forward_result,
        sampler_run,
        likelihood_result,
        design_result,
        generate_result,
        mistake_result,
        sound_mistake_result,
    ):
        result.cache_clear()
    assert first["run"]
    second = client.predict(**API[name], api_name=name)[0]
    second.pop("shown")
    assert second == first


def test_api_gives_the_chart_of_quality(client):
    figure, facts, _ = client.predict(**OTHERS["/sample_quality"], api_name="/sample_quality")
    assert "<svg" in figure
    assert "measured now, 500 points" in facts


@pytest.mark.parametrize("name", ["/score_field", "/reverse", "/from_nothing"])
def test_another_seed_is_another_payload(client, name):
    payloads = [client.predict(**{**API[name], "seed": s}, api_name=name)[0] for s in (0, 1)]
    parts = [
        json.dumps(payload.get("panels") or payload.get("views") or payload["walkers"])
        for payload in payloads
    ]
    assert parts[0] != parts[1]


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("/score_field", "sigma", "nan"),
        ("/score_field", "num_steps", 10**9),
        ("/score_field", "walkers", -1),
        ("/reverse", "sampler_1", "nonsense"),
        ("/sample_quality", "num_points", 10**9),
        ("/likelihood", "sigma", 0),
        ("/forward", "num_train_timesteps", 10**7),
        ("/variational_bound", "num_points", 10**6),
        ("/mistakes_in_2d", "mistake", "none"),
        ("/from_nothing", "num_inference_steps", 2.5),
        ("/from_nothing", "seed", -1),
        ("/sound_designer", "duration", 3600),
        ("/sound_designer", "f0", "inf"),
        ("/sound_designer", "amplitudes", "0~0"),
    ],
)
def test_api_refuses_bad_settings_in_one_sentence(client, name, setting, value):
    with pytest.raises(
        Exception, match=r"(?i)must be|maximum|minimum|not in the list|Expected a"
    ) as caught:
        client.predict(**{**API.get(name, OTHERS.get(name, {})), setting: value}, api_name=name)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_api_refuses_what_json_calls_no_number(url, number):
    values = [number, *list(API["/score_field"].values())[1:]]
    body = f'{{"data": [{", ".join(map(str, values))}]}}'
    headers = {"content-type": "application/json"}
    sent = httpx.post(f"{url}gradio_api/call/score_field", content=body, headers=headers)
    if sent.is_success:  # it was read as a number: then the settings must refuse it
        event = sent.json()["event_id"]
        answer = httpx.get(f"{url}gradio_api/call/score/{event}", timeout=60).text
        assert "event: error" in answer
        assert "must be a number in" in answer
    else:
        assert sent.status_code < 500


WHILE_IT_COMPUTES = """
import runpy, sys, threading, torch, ui.page

def compute():
    while True:
        torch.randn(100, 100).svd()

def build_page(build=ui.page.build_page):
    page = build()
    threading.Thread(target=compute, daemon=True).start()
    return page

ui.page.build_page = build_page
runpy.run_path("app.py", run_name="__main__")
"""
"""`python app.py`, which from building the page on computes something, as for a visitor."""


def test_a_port_in_use_is_one_sentence_and_ends_the_app_whatever_it_computes():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-c", WHILE_IT_COMPUTES, "--port", str(taken.getsockname()[1])],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "port" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [("--device", "tpu"), ("--port", "99999"), ("--port", "-1"), ("--host", "nosuch.invalid")],
)
def test_bad_arguments_are_one_sentence(arguments, capsys):
    try:
        status = main(arguments)
    except SystemExit as end:  # argparse's way
        status = end.code
    assert status != 0
    assert capsys.readouterr().err.count("error: ") == 1
