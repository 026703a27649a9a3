"""What moves, what fits and what is out of date, in a real browser."""

import pytest

PHONE = {"width": 390, "height": 844}


@pytest.mark.browser
def test_on_a_phone_fingers_reach_the_controls_below_the_picture(show_view):
    page = show_view("?tab=score-field", wait_for="#score-player [data-run]", viewport=PHONE)
    ranges = page.locator("input[type=range]").locator("visible=true")
    assert ranges.count() > 5
    for each in ranges.all():
        assert each.bounding_box()["height"] >= 24
    picture = page.locator("#score-player canvas").bounding_box()
    control = page.get_by_label("distribution", exact=True).locator("visible=true").bounding_box()
    assert control["y"] - picture["y"] - picture["height"] < 500
    facts = page.locator("table").locator("visible=true").first.bounding_box()
    assert facts["y"] > control["y"]


@pytest.mark.browser
def test_on_a_phone_the_heading_of_a_player_stays_above_it(show_view):
    page = show_view("?tab=forward", wait_for="#backward-player [data-run]", viewport=PHONE)
    for heading, player in (("Forward: from data", "forward"), ("Back: from noise", "backward")):
        title = page.get_by_role("heading", name=heading).bounding_box()
        assert title["y"] < page.locator(f"#{player}-player").bounding_box()["y"]


@pytest.mark.browser
def test_on_a_projector_letters_are_large_and_play_is_in_sight(show_view):
    page = show_view(
        "?tab=score-field",
        wait_for="#score-player [data-run]",
        viewport={"width": 1920, "height": 1080},
    )
    page.locator("#score-player .play").locator("visible=true").wait_for()
    picture = page.locator("#score-player canvas").bounding_box()
    assert picture["width"] > 800
    assert picture["y"] < 300  # what it shows stands beside it, not above
    play = page.locator("#score-player .play").bounding_box()
    assert play["y"] + play["height"] <= 1080
    words = page.locator(".introduction p").locator("visible=true").first
    assert float(words.evaluate("p => parseFloat(getComputedStyle(p).fontSize)")) >= 20


@pytest.mark.browser
def test_a_picture_that_is_older_than_its_controls_names_the_button(show_view):
    page = show_view("?tab=reverse", wait_for="#reverse-player [data-run]")
    seed = page.get_by_label("seed", exact=True).locator("visible=true")
    note = page.locator(".stale-note").locator("visible=true")
    assert note.count() == 0
    seed.fill("5")
    note.wait_for()
    assert note.inner_text() == "The controls have changed since. Press Sample."
    seed.fill("0")
    note.wait_for(state="hidden")
    seed.fill("5")
    page.get_by_role("button", name="Sample", exact=True).click()
    page.wait_for_function("location.search.includes('seed=5')")
    page.wait_for_timeout(800)  # by then it would be marked
    assert note.count() == 0
