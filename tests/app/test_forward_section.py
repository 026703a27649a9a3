"""Forward in a real browser: its β move in powers of ten, and are β everywhere else."""

from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

from ui.ddpm.forward import layout as forward_tab
from ui.ddpm.forward.compute import ForwardSettings

SETTINGS = ForwardSettings(num_train_timesteps=20, beta_end=0.25)


@pytest.fixture(scope="module")
def url(serve):
    return serve(forward_tab)


OPENED = {"query": "?" + SETTINGS.to_query(), "wait_for": "#backward-player [data-run]"}


@pytest.fixture
def page(show_section, url):
    return show_section(url, **OPENED)


def controls(page):
    """The handle and the box of the last β."""
    name = "last β, β_T"
    return page.get_by_label(name, exact=True), page.get_by_label("number input for " + name)


@pytest.mark.browser
def test_a_step_of_the_slider_is_a_factor_and_the_address_has_the_value(page):
    handle, box = controls(page)
    assert float(box.input_value()) == 0.25
    assert float(handle.input_value()) == pytest.approx(-0.60, abs=0.006)
    for before, after in ((-0.60, 0.257), (-0.59, 0.263)):
        assert float(handle.input_value()) == pytest.approx(before, abs=0.006)
        handle.press("ArrowRight")
        assert float(box.input_value()) == pytest.approx(after, abs=0.002)
        page.wait_for_function(
            "value => new URLSearchParams(location.search).get('beta_end') === value",
            arg=box.input_value(),
        )
    linked = ForwardSettings.from_query(dict(parse_qsl(page.evaluate("location.search.slice(1)"))))
    assert linked.beta_end == float(box.input_value())
    assert linked.beta_start == SETTINGS.beta_start


@pytest.mark.browser
def test_the_box_takes_a_value_and_what_is_out_of_range_is_said(page):
    handle, box = controls(page)
    box.fill("0.1")
    box.press("Tab")
    page.wait_for_function("location.search.includes('beta_end=0.1')")
    assert float(handle.input_value()) == pytest.approx(-1)
    box.fill("7")
    box.press("Tab")
    page.get_by_text("last β, β_T must be a number in [0.01, 0.5]. 7 became 0.5.").wait_for()
    page.wait_for_function("location.search.includes('beta_end=0.5')")
    assert box.input_value() == "0.5"
    box.fill("")
    box.press("Tab")
    page.get_by_text("It is still 0.5.").wait_for()
    assert box.input_value() == "0.5"


@pytest.mark.browser
def test_a_thing_to_try_moves_the_slider(page):
    handle, box = controls(page)
    page.get_by_role("link", name="Take the tutorial").click()
    expect(box).to_have_value("0.01")
    assert float(handle.input_value()) == pytest.approx(-2)


@pytest.mark.browser
def test_each_player_has_a_heading_and_both_show_t(page):
    for player, first in (("#forward-player", 0), ("#backward-player", 20)):
        above = page.get_by_role("heading", name="Forward" if first == 0 else "Back:")
        top = above.bounding_box()["y"]
        assert 0 < page.locator(player).bounding_box()["y"] - top < 80
        label = page.locator(f"{player} .step")
        scrub = page.locator(f"{player} .scrub")
        scrub.press("Home")
        assert label.text_content() == f"t = {first} of 20"
        scrub.press("End")
        assert label.text_content() == f"t = {20 - first} of 20"


@pytest.mark.browser
def test_a_drawing_is_noised_and_comes_back(page):
    page.get_by_text("Draw your own data").click()
    pad = page.locator("#forward-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    before = page.locator("#backward-player [data-run]").get_attribute("data-run")
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_function("location.search.includes('distribution=your+drawing')")
    player = page.locator("#backward-player [data-run]")
    assert player.get_attribute("data-run") != before
    assert "your drawing" in page.locator("#backward-player canvas").get_attribute("aria-label")


@pytest.mark.browser
def test_a_csv_is_noised_and_comes_back(open_at, url, tmp_path):
    page = open_at(url, **OPENED)
    page.get_by_text("Draw your own data").click()
    file = tmp_path / "points.csv"
    file.write_text("x,y\n" + "".join(f"{i % 5},{i % 3}\n" for i in range(30)))
    before = page.locator("#backward-player [data-run]").get_attribute("data-run")
    for _ in range(2):  # the same file may come again
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_text("All 30 points of the CSV are used.").wait_for()
        page.wait_for_selector("#forward-pad [data-strokes='30']")
    page.wait_for_function("location.search.includes('distribution=your+drawing')")
    assert page.locator("#backward-player [data-run]").get_attribute("data-run") != before


@pytest.mark.browser
def test_what_can_be_saved_is_called_as_the_section_calls_it(open_at, url):
    page = open_at(url, **OPENED)
    page.locator(".hand-on summary").click()
    page.locator(".hand-on-saves button").first.wait_for()
    saves = page.locator(".hand-on-saves button").all_inner_texts()
    assert [each for each in saves if "picture" in each] == [
        "Forward: picture (PNG)",
        "Back: picture (PNG)",
    ]
    assert "β_t, ᾱ_t and the logarithm of the SNR over time (SVG)" in saves
    assert not any("-player" in each or "backward" in each for each in saves)
