"""A section Train live in a browser: it grows, stops, waits its turn, and leaves nothing behind."""

import time
from urllib.parse import parse_qsl

import gradio_client
import pytest

from ui.score.train_score import compute as train_score
from ui.score.train_score import layout as train_score_tab

PLAYER = "#train-score-player"
LINK = "?tab=train-score&sigma=0.3&width=16&steps="


@pytest.fixture(scope="module")
def runs():
    """The trainings that were begun, and those that were closed."""
    return {"begun": 0, "ended": 0}


@pytest.fixture(scope="module")
def url(runs, serve):
    histories, train = train_score.HISTORIES, train_score.HISTORIES.train

    def counted(settings):
        runs["begun"] += 1
        try:
            return (yield from train(settings))
        finally:
            runs["ended"] += 1

    histories.train = counted
    train_score_tab.SHOWS[0](train_score.TrainScoreSettings())  # imports what training needs
    yield serve(train_score_tab)
    del histories.train


@pytest.fixture
def open_training(open_at, url):
    def open_training(steps):
        return open_at(url, f"{LINK}{steps}", wait_for=f"{PLAYER} [data-run]")

    return open_training


def press(page, name):
    # Not `click`, which waits for two frames: a page behind others, on a busy machine, draws none.
    button = page.get_by_role("button", name=name, exact=True).locator("visible=true")
    button.dispatch_event("click")


def wait_for_frames(page, count):
    page.wait_for_function(
        f"count => document.querySelector('{PLAYER} [data-run]').dataset.frames >= count", arg=count
    )


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def step(page):
    return page.locator(f"{PLAYER} .step").text_content()


@pytest.mark.browser
def test_opening_the_page_trains_nothing(open_training, runs):
    begun = runs["begun"]
    page = open_training(4000)
    assert step(page).startswith("step 0 of 4000")
    assert runs["begun"] == begun


@pytest.mark.browser
def test_a_training_grows_to_its_end_and_its_history_is_kept(open_training, url, open_at):
    page = open_training(200)
    page.locator(f"{PLAYER} .stage").focus()
    press(page, "Train")
    page.wait_for_function(
        f"document.querySelector('{PLAYER} .step').textContent.startsWith('step 200 of 200')"
    )
    page.wait_for_function("location.search.includes('steps=200')")
    frames = page.locator(f"{PLAYER} [data-run]").get_attribute("data-frames")
    page.locator(f"{PLAYER} .scrub").fill("0")
    assert step(page).startswith("step 0 of 200")
    assert page.locator(f"{PLAYER} figure canvas").first.get_attribute("aria-label").endswith("200")
    again = open_at(url, page.evaluate("location.search"), wait_for=f"{PLAYER} [data-run]")
    assert again.locator(f"{PLAYER} [data-run]").get_attribute("data-frames") == frames


@pytest.mark.browser
def test_who_scrubs_back_stays_there_while_it_grows(open_training, runs):
    page = open_training(4000)
    press(page, "Train")
    wait_for_frames(page, 2)
    page.locator(f"{PLAYER} .scrub").fill("0")
    wait_for_frames(page, 4)
    assert step(page).startswith("step 0 of")
    press(page, "Stop")
    assert until(lambda: runs["begun"] == runs["ended"])


@pytest.mark.browser
def test_stop_ends_it_within_a_second_and_keeps_the_last_picture(open_training, runs):
    page = open_training(4000)
    for _ in range(2):  # the next one starts from nothing
        before = page.locator(f"{PLAYER} [data-run]").get_attribute("data-run")
        press(page, "Train")
        page.wait_for_function(
            f"before => document.querySelector('{PLAYER} [data-run]').dataset.run !== before",
            arg=before,
        )
        wait_for_frames(page, 2)
        page.wait_for_function(
            f"!document.querySelector('{PLAYER} .step').innerText.startsWith('step 0 ')"
        )
        press(page, "Stop")
        assert until(lambda: runs["begun"] == runs["ended"], seconds=5)
        page.get_by_text("Stopped. The history up to here is shown.").wait_for()
        shown = step(page)
        assert not shown.startswith("step 0")
        page.wait_for_timeout(500)
        assert step(page) == shown
        assert page.get_by_text("Stopped.").is_visible()


@pytest.mark.browser
def test_two_train_and_the_third_waits_until_a_page_closes(open_training, runs):
    pages = [open_training(4000) for _ in range(3)]
    for page in pages[:2]:
        press(page, "Train")
        wait_for_frames(page, 2)
    press(pages[2], "Train")
    pages[2].get_by_text("queue: 1/1").locator("visible=true").wait_for()
    assert runs["begun"] - runs["ended"] == 2
    pages[0].close()
    wait_for_frames(pages[2], 2)
    for page in pages[1:]:
        press(page, "Stop")
    assert until(lambda: runs["begun"] == runs["ended"])


@pytest.mark.browser
def test_one_trains_on_ones_own_drawing_and_no_link_names_it(open_training, draw_a_line):
    page = open_training(100)
    draw_a_line(page, "#train-score-pad")
    page.get_by_text("Your data stay on this page: its address does not name them.").wait_for()
    page.get_by_text("The controls have changed since. Press Train.").wait_for()
    press(page, "Train")
    page.wait_for_function(
        f"document.querySelector('{PLAYER} .step').textContent.startsWith('step 100 of 100')"
    )
    picture = page.locator(f"{PLAYER} .stage canvas").first
    assert "(your drawing)" in picture.get_attribute("aria-label")
    query = dict(parse_qsl(page.evaluate("location.search.slice(1)")))
    assert query["steps"] == "100"
    assert {"distribution", "strokes"}.isdisjoint(query)


@pytest.mark.browser
def test_one_trains_on_a_csv_or_another_distribution(open_training, tmp_path):
    page = open_training(100)
    page.get_by_text("Draw your own data").click()
    file = tmp_path / "points.csv"
    file.write_text("".join(f"{i % 5},{i % 3}\n" for i in range(30)))
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("All 30 points of the CSV are used.").wait_for()
    choose = page.get_by_role("combobox", name="distribution")
    assert choose.input_value() == "your drawing"
    choose.click()
    page.get_by_role("option", name="rings").click()
    press(page, "Train")
    page.wait_for_function("location.search.includes('distribution=rings')")
    page.wait_for_function(
        f"document.querySelector('{PLAYER} .step').textContent.startsWith('step 100 of 100')"
    )
    assert "(rings)" in page.locator(f"{PLAYER} .stage canvas").first.get_attribute("aria-label")


def test_the_api_streams_a_training_and_refuses_bad_settings(url):
    client = gradio_client.Client(url, verbose=False)
    good = {"method": "denoising", "sigma": 0.3, "width": 16, "steps": 100, "seed": 1}
    job = client.submit(**good, learning_rate=0.005, api_name="/train_score")
    payload, table, _ = job.result(timeout=60)
    assert payload["frame_steps"][-1] == 100
    assert "100 of 100" in table
    with pytest.raises(Exception, match=r"(?i)must be|maximum"):
        client.predict(**good, learning_rate=5, api_name="/train_score")
