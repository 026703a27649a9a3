"""The Sound designer in a real browser: a sound changed, drawn, heard, taken and handed on."""

from urllib.parse import parse_qs, urlsplit

import pytest

from ui.shared.kept_answers import answers_of
from ui.sound.sound_designer import layout as designer_tab
from ui.sound.sound_designer.compute import SoundDesignerSettings, gallery
from ui.sound.sound_text import decode_sound

PLAYER = "#designer-player [data-run]"
PAD = "#designer-pad [data-run]"
GALLERY = "#designer-gallery [data-run]"


@pytest.fixture(scope="module")
def url(serve):
    for show in designer_tab.SHOWS:  # as the app does, before the first visitor
        list(answers_of(show, SoundDesignerSettings()))
    return serve(designer_tab)


@pytest.fixture
def open_section(open_at, url):
    def open_section(query="", **options):
        page = open_at(url, query, wait_for=PLAYER, **options)
        page.wait_for_selector(GALLERY)
        page.wait_for_load_state("networkidle")
        return page

    return open_section


def linked(page):
    """The sound that the button takes to WaveGrad."""
    (link,) = page.locator("#take-sound").evaluate_all("all => all.map((a) => a.href)")
    query = parse_qs(urlsplit(link).query)
    assert query["tab"] == ["vocoder"]
    return decode_sound(query["sound"][0])


def wait_for_address(page, part):
    page.wait_for_function("part => location.search.includes(part)", arg=part)


def bars(page):
    return [float(each) for each in page.locator(PAD).get_attribute("data-amplitudes").split()]


def wait_for_level(page, player):
    page.wait_for_function(
        "player => Number(document.querySelector(player).dataset.level) > 0.01", arg=player
    )


@pytest.mark.browser
def test_a_change_is_heard_at_once_and_drawn_bars_go_with_it(open_section):
    page = open_section("?tab=sound-designer&num_harmonics=5&inharmonicity=0&duration=0.5")
    page.locator("#designer-player").get_by_label("loop").check()
    page.get_by_role("button", name="Listen", exact=True).click()
    wait_for_level(page, PLAYER)
    slider = page.get_by_role("slider", name="range slider for partials")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    wait_for_address(page, "num_harmonics=4")
    assert bars(page) == [1, 1, 1, 1]
    assert linked(page).num_harmonics == 4
    assert page.locator(PLAYER).get_attribute("data-listening") == "true"
    wait_for_level(page, PLAYER)  # it goes on with the new sound

    canvas = page.locator("#designer-pad canvas")
    assert canvas.evaluate("node => getComputedStyle(node).touchAction") == "none"
    canvas.scroll_into_view_if_needed()  # the introduction stands above it
    box = canvas.bounding_box()
    left, right = box["x"] + 40, box["x"] + box["width"] - 12
    page.mouse.move(left, box["y"] + 8 + 0.75 * (box["height"] - 34))
    page.mouse.down()
    page.mouse.move(right, box["y"] + 8)  # in one step, as a fast hand: no bar is passed over
    page.mouse.up()
    wait_for_address(page, "amplitudes=0.")
    rising = bars(page)
    assert rising[0] == pytest.approx(0.25, abs=0.03)
    assert rising == sorted(rising)
    assert rising[1] == pytest.approx(0.5, abs=0.05)
    assert rising[-1] == pytest.approx(1, abs=0.03)
    assert linked(page).amplitudes == pytest.approx(rising, abs=0.01)

    assert page.evaluate("document.activeElement.tagName") == "CANVAS"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    page.wait_for_function(
        "() => /~0~1$/.test(new URLSearchParams(location.search).get('amplitudes'))"
    )
    assert linked(page).amplitudes[2] == 0
    assert canvas.get_attribute("aria-valuetext").startswith("partial 3, 588 Hz: 0.00")
    page.keyboard.press("ArrowUp")
    page.wait_for_function(
        "() => /~0.05~1$/.test(new URLSearchParams(location.search).get('amplitudes'))"
    )
    wait_for_level(page, PLAYER)
    page.get_by_role("button", name="All even").click()
    page.wait_for_function("new URLSearchParams(location.search).get('amplitudes') === null")
    assert bars(page) == [1, 1, 1, 1]
    assert linked(page).amplitudes == ()


@pytest.mark.browser
def test_a_sound_of_the_gallery_is_heard_edited_and_taken_to_wavegrad(open_section):
    page = open_section("?tab=sound-designer&__theme=dark", viewport={"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("seed").fill("3")
    page.get_by_label("seed").press("Enter")
    wait_for_address(page, "seed=3")
    assert page.locator(GALLERY).get_attribute("data-run") == "gallery wide 3"
    page.get_by_role("button", name="Draw 10 others").click()
    wait_for_address(page, "seed=4")
    sounds = gallery(4, "wide").sounds
    assert page.locator(".card canvas").count() == len(sounds)
    page.get_by_role("button", name="Listen, sound 2").click()
    wait_for_level(page, GALLERY)
    page.get_by_role("button", name="Listen, sound 3").click()
    assert page.locator(GALLERY).get_attribute("data-listening") == "2"
    wait_for_level(page, GALLERY)
    page.wait_for_function(
        "g => document.querySelector(g).dataset.listening === ''", arg=GALLERY
    )  # it ends by itself

    page.get_by_role("button", name="Edit, sound 6").click()
    wait_for_address(page, f"num_harmonics={sounds[5].num_harmonics}")
    assert linked(page) == sounds[5]
    assert len(bars(page)) == sounds[5].num_harmonics
    assert page.get_by_label("number input for pitch").input_value() == f"{sounds[5].f0:g}"
    again = SoundDesignerSettings.from_query(
        {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    )
    assert again.sound() == sounds[5]

    for link, sound in (("Compare with Griffin-Lim", sounds[5]), ("Compare, sound 7", sounds[6])):
        query = parse_qs(page.get_by_role("link", name=link).get_attribute("href")[1:])
        assert query["tab"] == ["side-by-side"]
        assert decode_sound(query["sound"][0]) == sound

    page.get_by_role("link", name="To the vocoder, sound 7").click()
    page.wait_for_url("**tab=vocoder**")
    query = parse_qs(urlsplit(page.url).query)
    assert decode_sound(query["sound"][0]) == sounds[6]
    assert query["__theme"] == ["dark"]


@pytest.mark.browser
def test_while_a_slider_moves_its_sound_is_drawn_and_after_a_first_listen_heard(open_section):
    page = open_section("?tab=sound-designer&num_harmonics=5&duration=3")
    slider = page.get_by_role("slider", name="range slider for pitch")

    def drag(fraction, meanwhile):
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + fraction * box["width"], box["y"] + box["height"] / 2, steps=4)
        page.wait_for_selector(f"{PLAYER}[data-preview]")
        meanwhile()
        before = page.url
        page.mouse.up()
        page.wait_for_selector(f"{PLAYER}:not([data-preview])")  # the server's sound is there
        page.wait_for_function("url => location.href !== url", arg=before)

    def silent():
        assert page.locator(PLAYER).get_attribute("data-listening") == "false"

    def heard():
        assert page.locator(PLAYER).get_attribute("data-listening") == "true"
        wait_for_level(page, PLAYER)

    drag(0.3, meanwhile=silent)
    page.get_by_role("button", name="Listen", exact=True).click()
    wait_for_level(page, PLAYER)
    drag(0.5, meanwhile=heard)
    page.wait_for_selector(f"{PLAYER}[data-listening='false']")  # it ends by itself
