"""The shell of the page in a real browser: addresses, Back, and what follows a fast hand."""

import re

import gradio as gr
import pytest

from ui.ddpm.train_ddpm.compute import TrainDdpmSettings
from ui.page import build_page, sections
from ui.score.train_score.compute import TrainScoreSettings


def open_tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()


def wait_for_address(page, part):
    page.wait_for_function("part => location.search.includes(part)", arg=part)


def run_of(page, player):
    return page.locator(f"{player} [data-run]").get_attribute("data-run")


def selected(page):
    tabs = page.locator('.sections > .tab-wrapper [role="tab"][aria-selected="true"]')
    return tabs.locator("visible=true").last.inner_text()


@pytest.mark.browser
def test_back_and_forward_change_the_view_and_keep_a_training(open_at, whole_page):
    player = "#train-score-player"
    settings = TrainScoreSettings(steps=100, width=16, seed=7)
    page = open_at(whole_page, f"?{settings.to_query()}", wait_for=f"{player} [data-run]")
    page.evaluate("window.loadedOnce = true")
    page.get_by_role("button", name="Train", exact=True).locator("visible=true").click()
    page.get_by_text("Trained to the end.").locator("visible=true").wait_for()
    trained = run_of(page, player)
    open_tab(page, "Score field")
    wait_for_address(page, "tab=score-field")
    open_tab(page, "Diffusion (DDPM)")
    wait_for_address(page, "tab=forward")

    page.go_back()
    wait_for_address(page, "tab=score-field")
    page.locator("#score-player").locator("visible=true").wait_for()
    page.go_back()
    page.locator(player).locator("visible=true").wait_for()
    assert selected(page) == "Train score"
    assert "seed=7" in page.evaluate("location.search")
    assert run_of(page, player) == trained
    page.go_forward()
    page.go_forward()
    page.locator("#forward-player").locator("visible=true").wait_for()
    assert selected(page) == "Forward"
    assert page.evaluate("window.loadedOnce")


@pytest.mark.browser
def test_back_restores_other_settings_of_the_same_section(show_view):
    player = "#train-ddpm-player"
    first, second = (TrainDdpmSettings(seed=seed, width=16, steps=200) for seed in (3, 4))
    page = show_view(f"?{first.to_query()}", wait_for=f"{player} [data-run]")
    open_tab(page, "Forward")
    wait_for_address(page, "tab=forward")
    open_tab(page, "Train DDPM")
    wait_for_address(page, "seed=3")
    seed = page.get_by_label("seed", exact=True).locator("visible=true")
    seed.fill("4")
    page.get_by_text("Trained to the end.").locator("visible=true").wait_for(state="hidden")
    page.get_by_role("button", name="Train", exact=True).locator("visible=true").click()
    page.get_by_text("Trained to the end.").locator("visible=true").wait_for()
    assert page.evaluate("location.search") == second.to_link()
    page.go_back()
    wait_for_address(page, "tab=forward")
    page.go_back()
    page.wait_for_function(
        f"document.querySelector('{player} [data-run]')?.dataset.run.includes('seed=3')"
    )
    assert seed.input_value() == "3"
    page.go_forward()
    wait_for_address(page, "tab=forward")
    page.go_forward()
    page.wait_for_function(
        f"document.querySelector('{player} [data-run]')?.dataset.run.includes('seed=4')"
    )
    assert int(page.locator(f"{player} [data-frames]").get_attribute("data-frames")) > 1


@pytest.mark.browser
def test_a_link_on_the_page_changes_the_view_without_a_reload(show_view):
    page = show_view("?tab=sound-designer&num_harmonics=3", wait_for="#designer-player [data-run]")
    page.evaluate("window.loadedOnce = true")
    page.locator("#take-sound").click()
    page.wait_for_function("shownValues.vocoder?.sound.includes('num_harmonics:3')")
    page.wait_for_selector("#vocoder-player [data-run]")
    assert "tab=vocoder" in page.evaluate("location.search")
    sound = page.evaluate("new URLSearchParams(location.search).get('sound')")
    assert "num_harmonics:3" in sound
    page.go_back()
    page.locator("#designer-player").locator("visible=true").wait_for()
    assert "num_harmonics=3" in page.evaluate("location.search")
    assert page.evaluate("window.loadedOnce")


@pytest.mark.browser
def test_a_result_that_comes_later_leaves_the_address_of_another_section(show_view):
    show_view("?tab=forward", wait_for="#forward-player [data-run]")
    page = show_view("?tab=likelihood", wait_for="#likelihood-player [data-run]")
    run = run_of(page, "#likelihood-player")
    slider = page.get_by_role("slider", name="range slider for number of steps of RK4")
    slider.fill("200")
    slider.dispatch_event("pointerup")
    open_tab(page, "Forward")
    page.wait_for_function(
        "run => document.querySelector('#likelihood-player [data-run]').dataset.run !== run",
        arg=run,
    )
    page.wait_for_timeout(300)  # for the link, which comes after the result
    assert page.evaluate("location.search") == "?tab=forward"
    open_tab(page, "Likelihood")
    wait_for_address(page, "num_steps=200")


@pytest.mark.browser
@pytest.mark.parametrize("tab", ["score-field", "likelihood"])
def test_the_last_of_fast_taps_wins(show_view, tab):
    player = f"#{tab.removesuffix('-field')}-player"
    page = show_view(f"?tab={tab}", wait_for=f"{player} [data-run]")
    canvas = page.locator(f"{player} canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for across, down in ((0.3, 0.3), (0.4, 0.6), (0.8, 0.7)):
        page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
    x, y = map(float, page.locator(f"{player} [data-drop]").get_attribute("data-drop").split(","))
    place = f"&x={round(x, 2):g}&y={round(y, 2):g}"
    page.wait_for_function(
        "([player, place]) => document.querySelector(player + ' [data-run]')"
        "?.dataset.run.includes(place)",
        arg=[player, place],
    )
    wait_for_address(page, place)
    page.wait_for_timeout(500)  # an older result would come now
    assert place in run_of(page, player)
    assert place in page.evaluate("location.search")


@pytest.mark.browser
def test_a_result_that_comes_after_a_link_was_followed_does_not_take_its_address(show_view):
    page = show_view("?tab=score-field", wait_for="#score-player [data-run]")
    late = "() => { showLink('score-field', ['x'], ['1']); return location.search; }"
    link = "?tab=score-field&seed=77"
    page.evaluate("link => { history.pushState(null, '', link); follow(); }", link)
    assert page.evaluate(late) == link
    page.wait_for_function("shownValues['score-field'].seed === '77'")
    page.wait_for_function("!('score-field' in followed)")
    assert page.evaluate(late) == "?tab=score-field&x=1"


@pytest.mark.browser
def test_a_try_is_a_link_that_sets_the_controls_and_trains_each_time(show_view):
    page = show_view("?tab=score-field", wait_for="#score-player [data-run]")
    page.get_by_role("link", name="Walk without noise").click()
    wait_for_address(page, "temperature=0")
    page.wait_for_function(
        "document.querySelector('#score-player [data-run]').dataset.run.includes('temperature=0.0')"
    )
    open_tab(page, "Train score")
    player = "#train-score-player"
    page.wait_for_selector(f"{player} [data-run]")
    started = (
        "run => { const now = document.querySelector('#train-score-player [data-run]').dataset"
    )
    started += ".run; return now !== run && now.includes('sigma=0.01&') && now.includes(' at '); }"
    link = page.get_by_role("link", name="Train with the tutorial's σ")
    for _ in range(2):
        before = run_of(page, player)
        link.click()
        page.wait_for_function(started, arg=before)
    page.get_by_role("button", name="Stop", exact=True).locator("visible=true").click()


@pytest.mark.browser
def test_a_link_shows_the_map_and_the_schedule_that_were_chosen(show_view, open_at, whole_page):
    phone = {"width": 390, "height": 844}
    link = "?tab=score-field&walkers=150"  # the default, which the page's own links leave out
    page = show_view(link, wait_for="#score-player [data-run]", viewport=phone)
    player = page.locator("#score-player")
    names = player.locator(".views label").all_inner_texts()
    player.locator(".views label").nth(2).click()
    player.get_by_label("arrows").uncheck()
    page.get_by_role("button", name="Walk", exact=True).click()  # the choice outlives a new result
    page.wait_for_function("!location.search.includes('walkers=')")
    again = open_at(
        whole_page,
        page.evaluate("location.search"),
        wait_for=f"#score-player [data-heat='{names[2]}']",
    )
    assert not again.locator("#score-player").get_by_label("arrows").is_checked()

    show_view("?tab=forward", wait_for="#forward-player [data-run]", viewport=phone)
    schedules = page.locator("#forward-player .states label")
    schedules.nth(2).click()
    forward = page.evaluate("location.search")
    schedules.nth(1).click()
    page.evaluate("query => { history.pushState(null, '', query); follow(); }", forward)
    page.wait_for_function("document.querySelectorAll('#forward-player .states input')[2].checked")


def test_every_control_is_a_setting_and_every_section_links_to_them_all():
    demo = build_page()
    links = {
        found[1]: each
        for each in demo.fns.values()
        if (found := re.search(r'showLink\("([\w-]+)"', each.js or ""))
    }
    controls = {
        id(block)
        for block in demo.blocks.values()
        if isinstance(block, gr.Slider | gr.Number | gr.Dropdown | gr.Textbox | gr.Checkbox)
        and block.visible
    }
    assert len(controls) > 50
    for section in sections():
        link = links[section.settings.tab]
        assert len(link.inputs) == len(section.settings.names())
        controls -= {id(block) for block in link.inputs}
    assert controls == set()


LOADED = """() => performance.getEntriesByType("resource")
  .map((entry) => new URL(entry.name).pathname)"""
# Those of the page itself, before its data; Gradio adds some as it fetches its scripts.
HINTED = """() => [...document.querySelectorAll('link[rel=modulepreload], link[rel=preload]')]
  .filter((link) => link.compareDocumentPosition(document.getElementById("gradio_config")) & 4)
  .map((link) => new URL(link.href).pathname)"""


@pytest.mark.browser
def test_the_page_names_each_file_of_its_first_view_once(open_at, whole_page):
    page = open_at(whole_page, "", wait_for="#score-player [data-run]")
    hinted = page.evaluate(HINTED)
    loaded = [path for path in page.evaluate(LOADED) if path.startswith("/assets/")]
    assert len(hinted) == len(set(hinted))
    assert set(hinted) <= set(loaded)
    scripts = {path for path in loaded if path.endswith((".js", ".css"))}
    assert scripts <= set(hinted)


@pytest.mark.browser
@pytest.mark.parametrize(("query", "asked"), [("", 0), ("?tab=forward", 1)])
def test_only_a_link_asks_which_tabs_it_opens(open_at, whole_page, query, asked):
    tab = "forward" if query else "score-field"
    open_tab = f'[role="tab"][data-tab-id="{tab}"][aria-selected="true"]'
    page = open_at(whole_page, query, wait_for=open_tab)
    page.wait_for_function("tab => openSection() === tab && addresses[tab]", arg=tab)
    requests = [path for path in page.evaluate(LOADED) if path.endswith("/run/predict")]
    assert len(requests) == asked
