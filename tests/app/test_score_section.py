"""Field and walkers in a real browser: drawing, uploading, stopping, choosing what the heat is."""

import pytest

from tests.conftest import IN_MOTION
from ui.score.score_field import layout as score_tab
from ui.score.score_field.compute import ScoreFieldSettings
from ui.shared.kept_answers import answers_of

PLAYER = "#score-player [data-run]"
QUICK = "?tab=score-field&score=exact&distribution=eight+Gaussians&walkers=5&num_steps=10"


@pytest.fixture(scope="module")
def url(serve):
    for show in score_tab.SHOWS:  # as the app does, before the first visitor
        list(answers_of(show, ScoreFieldSettings()))
    return serve(score_tab)


@pytest.fixture
def open_section(open_at, url):
    """On a page of its own, as a drawing pad remembers what was drawn."""
    return lambda query, **options: open_at(url, query, wait_for=PLAYER, **options)


@pytest.fixture
def show(show_section, url):
    """On the page of the module."""
    return lambda query="?tab=score-field": show_section(url, query, wait_for=PLAYER)


def run_of(page):
    return page.locator(PLAYER).get_attribute("data-run")


def wait_for_another_run(page, run):
    page.wait_for_function(
        "([p, run]) => document.querySelector(p).dataset.run !== run", arg=[PLAYER, run]
    )
    return run_of(page)


def set_number(page, label, value):
    box = page.get_by_role("spinbutton", name=f"number input for {label}")
    box.fill(str(value))
    box.press("Enter")


def open_pad(page):
    page.get_by_role("button", name="Draw your own data").click()
    canvas = page.locator("#score-field-pad canvas")
    canvas.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#score-field-pad canvas').width > 100")
    return canvas


def strokes_on(page):
    return page.locator("#score-field-pad [data-run]").get_attribute("data-strokes")


def draw_line(page, canvas, start, end):
    box = canvas.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=10)
    page.mouse.up()


@pytest.mark.browser
def test_a_drawing_becomes_the_data_and_a_link(open_section):
    page = open_section(QUICK)
    canvas = open_pad(page)
    assert canvas.evaluate("node => getComputedStyle(node).touchAction") == "none"
    assert "example" in page.locator("#score-field-pad .hint").inner_text()
    run = run_of(page)
    draw_line(page, canvas, (0.2, 0.2), (0.8, 0.8))
    first = wait_for_another_run(page, run)
    assert strokes_on(page) == "1"  # it replaced the example
    assert "example" not in page.locator("#score-field-pad .hint").inner_text()
    draw_line(page, canvas, (0.8, 0.2), (0.2, 0.8))
    second = wait_for_another_run(page, first)
    assert strokes_on(page) == "2"
    page.wait_for_function("location.search.includes('your+drawing')")
    again = open_section(page.evaluate("location.search"))
    assert run_of(again) == second != first


@pytest.mark.browser
def test_strokes_are_undone_by_button_and_key(open_section):
    page = open_section(QUICK)
    canvas = open_pad(page)
    undo = page.locator("#score-field-pad .undo")
    assert undo.is_disabled()
    run = run_of(page)
    draw_line(page, canvas, (0.2, 0.2), (0.8, 0.8))
    one = wait_for_another_run(page, run)
    draw_line(page, canvas, (0.8, 0.2), (0.2, 0.8))
    wait_for_another_run(page, one)
    page.keyboard.press("Control+z")  # the pad has the focus: it was drawn on
    assert strokes_on(page) == "1"
    page.wait_for_function(
        "([p, run]) => document.querySelector(p).dataset.run === run", arg=[PLAYER, one]
    )
    undo.click()
    assert "example" in page.locator("#score-field-pad .hint").inner_text()
    assert undo.is_disabled()


@pytest.mark.browser
def test_a_cleared_pad_is_no_data(open_section):
    page = open_section(QUICK)
    canvas = open_pad(page)
    run = run_of(page)
    draw_line(page, canvas, (0.2, 0.2), (0.8, 0.8))
    drawn = wait_for_another_run(page, run)
    clear = page.get_by_role("button", name="Clear")
    clear.focus()
    page.keyboard.press("Enter")
    assert strokes_on(page) == "0"
    assert clear.is_disabled()
    page.get_by_role("button", name="Walk", exact=True).click()
    page.get_by_text("your drawing is empty: draw a stroke").first.wait_for()
    assert run_of(page) == drawn
    page.locator("#score-field-pad .undo").click()
    assert strokes_on(page) == "1"


@pytest.mark.browser
def test_a_finger_draws_a_dot(open_section):
    page = open_section(QUICK, viewport={"width": 390, "height": 844}, has_touch=True)
    canvas = open_pad(page)
    run = run_of(page)
    box = canvas.bounding_box()
    page.touchscreen.tap(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    assert "distribution=your+drawing" in wait_for_another_run(page, run)


@pytest.mark.browser
def test_a_csv_becomes_the_data_or_one_sentence(open_section, tmp_path):
    page = open_section(QUICK)
    open_pad(page)
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("x,y\n" + "".join(f"{i % 37},{i % 41}\n" for i in range(1_200)))
    bad.write_text("1,2,3\n4,5,6\n")
    run = run_of(page)
    page.locator("input[type=file]").set_input_files(good)
    run = wait_for_another_run(page, run)
    page.wait_for_selector("#score-field-pad [data-strokes='1000']")
    page.get_by_text("The CSV has 1,200 points; 1,000 of them").wait_for()
    page.locator("input[type=file]").set_input_files(bad)
    page.get_by_text("line 1 of the CSV is '1,2,3'").first.wait_for()
    pill = page.locator("[data-testid=status-tracker] .error")
    pill.first.wait_for(state="attached")
    assert pill.locator("visible=true").count() == 0  # the table is that of the good file
    assert run_of(page) == run


def pink_pixels(page):
    """How many pixels of the picture have the walkers' colour, or nearly."""
    page.wait_for_timeout(100)  # a frame or two
    return page.locator("#score-player canvas").evaluate(
        """canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4)
            count += data[i] > 220 && data[i + 1] < 130 && data[i + 2] > 80 && data[i + 2] < 160;
          return count; }"""
    )


@pytest.mark.browser
def test_many_walkers_leave_the_field_visible(show):
    page = show(QUICK + "&walkers=150&start_std=1")
    trails = page.locator("#score-player [name=trails]")
    few = pink_pixels(page)
    trails.check()
    assert pink_pixels(page) > 1.3 * few > 0
    set_number(page, "steps", 9)
    page.get_by_role("button", name="Walk", exact=True).click()
    page.wait_for_function("document.querySelector('#score-player .scrub').max === '9'")
    assert trails.is_checked()
    assert show(QUICK).locator("#score-player [name=trails]").is_hidden()


@pytest.mark.browser
def test_the_picture_says_why_walkers_have_left_it(show):
    page = show(QUICK + "&sigma=0.02&step_size=0.2&num_steps=60")
    gone, scrub = page.locator("#score-player .gone"), page.locator("#score-player .scrub")
    assert gone.inner_text().startswith(
        "5 of 5 walkers have left the picture. "
        "The step size ε = 0.2 is above the stability bound 4/L = 0.0"
    )
    assert gone.inner_text() in page.locator("#score-player canvas").get_attribute("aria-label")
    scrub.fill("0")
    assert gone.is_hidden()


@pytest.mark.browser
def test_only_scores_that_exist_are_offered(open_section):
    def offered(page):
        score = page.get_by_role("combobox", name="score")
        score.click()
        names = page.get_by_role("option").all_inner_texts()
        page.keyboard.press("Escape")
        return [name.split()[-1] for name in names]

    page = open_section("?tab=score-field&distribution=rings&score=learned&walkers=5&num_steps=10")
    page.wait_for_function(
        "document.querySelector('input[aria-label=\"score\"]').value === 'exact'"
    )
    assert page.locator("#score-player .lengths").inner_text().strip() == (
        "(lengths are logarithmic)"
    )
    assert offered(page) == ["exact", "empirical"]
    page.get_by_role("link", name="Walk without noise").click()  # of the swiss roll
    page.wait_for_function(
        "document.querySelector('input[aria-label=\"score\"]').value === 'learned'"
    )
    assert offered(page) == ["learned", "exact", "empirical"]


@pytest.mark.browser
def test_it_opens_on_a_finished_walk_and_plays_a_new_one(open_at, url):
    page = open_at(url, QUICK, wait_for=PLAYER, **IN_MOTION)
    player = page.locator(PLAYER)
    assert player.get_attribute("data-frame") == "10"
    assert player.get_attribute("data-playing") == "false"
    page.get_by_role("button", name="Walk", exact=True).click()
    page.wait_for_function(f"document.querySelector('{PLAYER}').dataset.playing === 'true'")


@pytest.mark.browser
def test_a_drag_of_sigma_redraws_the_field_at_once(show, wait_until_quiet):
    page = show(QUICK)
    wait_until_quiet(page)
    canvas, player = page.locator("#score-player canvas"), page.locator(PLAYER)
    before, picture = len(page.requests), canvas.evaluate("canvas => canvas.toDataURL()")
    slider = page.get_by_role("slider", name="range slider for noise σ")
    slider.scroll_into_view_if_needed()
    box, run = slider.bounding_box(), run_of(page)
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2, steps=4)
    page.wait_for_function(f"Number(document.querySelector('{PLAYER}').dataset.preview) > 0.4")
    assert "Density with σ = 0." in page.locator("#score-player .note").inner_text()
    page.wait_for_function(
        "old => document.querySelector('#score-player canvas').toDataURL() !== old", arg=picture
    )
    assert run_of(page) == run
    assert page.requests[before:] == []
    page.mouse.up()
    wait_for_another_run(page, run)
    assert player.get_attribute("data-preview") is None
    assert "energy distance" in page.locator("#score-player .note").inner_text()


@pytest.mark.browser
def test_the_error_is_one_tap_away(show, wait_until_quiet):
    page = show()
    wait_until_quiet(page)
    player = page.locator("#score-player")
    before, pictures = len(page.requests), set()
    for view, end in (
        ("log p", "max"),
        ("error", "≥ 100 % of the exact score"),
        ("angle", "≥ 90°"),
    ):
        player.locator(".views").get_by_text(view, exact=True).click()
        assert end in player.locator(".high").inner_text()
        page.wait_for_timeout(100)  # a frame or two
        pictures.add(player.locator("canvas").evaluate("canvas => canvas.toDataURL()"))
        assert view in player.locator("canvas").get_attribute("aria-label")
    assert len(pictures) == 3
    assert page.requests[before:] == []


@pytest.mark.browser
def test_the_distance_to_the_data_follows_the_trajectory(show):
    page = show()
    note, scrub = page.locator("#score-player .note"), page.locator("#score-player .scrub")
    texts = []
    for frame in ("0", "60"):
        scrub.fill(frame)
        texts.append(note.inner_text())
    distances = [float(text.split()[2].strip(",")) for text in texts]
    assert distances[1] < 0.5 * distances[0]


@pytest.mark.browser
def test_a_long_walk_grows_and_stops(show):
    page = show()
    page.get_by_role("button", name="Start, walkers").click()
    set_number(page, "walkers", 500)
    set_number(page, "steps", 1000)
    run = run_of(page)
    page.get_by_role("button", name="Walk", exact=True).click()
    wait_for_another_run(page, run)
    page.get_by_role("button", name="Stop", exact=True).click()
    stopped = page.get_by_text("Stopped. The walk up to here is shown.")
    stopped.wait_for()
    scrub = page.locator("#score-player .scrub")
    page.wait_for_timeout(1500)  # what was under way may still come
    frames = int(scrub.get_attribute("max"))
    page.wait_for_timeout(2000)
    assert int(scrub.get_attribute("max")) == frames < 60
    assert stopped.is_visible()
    set_number(page, "steps", 5)
    page.get_by_role("button", name="Walk", exact=True).click()
    page.wait_for_function("document.querySelector('#score-player .scrub').max === '5'")
    page.get_by_text("The whole walk is shown.").wait_for()


@pytest.mark.browser
def test_on_a_phone_the_player_comes_into_view(open_section):
    page = open_section(QUICK, viewport={"width": 390, "height": 844})
    walk = page.get_by_role("button", name="Walk", exact=True)
    walk.scroll_into_view_if_needed()
    top = "document.querySelector('#score-player canvas').getBoundingClientRect().top"
    assert page.evaluate(top) < 0
    walk.click()
    page.wait_for_function(f"{top} >= -1 && {top} < 400")
