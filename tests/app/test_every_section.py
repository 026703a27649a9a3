"""Every section of the whole page as one walks through them, on a phone and on a dark projector.

The walk happens once for each; every test looks at one thing that was noted on the way.
"""

from functools import partial

import pytest

from ui.page import TABS, sections

# Of the dark page axe looks at the colours alone: all else is as on the light one.
WALKS = {
    "phone": ("light", {"width": 390, "height": 844}, {}),
    "projector": (
        "dark",
        {"width": 1920, "height": 1080},
        {"runOnly": ["color-contrast", "link-in-text-block"]},
    ),
}
ZOOMED = {"width": 640, "height": 450}  # a laptop of 1,280 pixels at 200 %
PLAYERS = {
    "score-field": ["score"],
    "forward": ["forward", "backward"],
    "reverse": ["reverse"],
    "train-score": ["train-score"],
    "train-ddpm": ["train-ddpm"],
    "likelihood": ["likelihood"],
    "sound-designer": ["designer"],
    "vocoder": ["vocoder"],
    "from-nothing": ["generated"],
    "side-by-side": ["side-by-side"],
    "mistakes-in-2d": ["mistakes-in-2d"],
    "mistakes-in-sound": ["mistakes-in-sound"],
}

WATCH_SHIFTS = """() => new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts += entry.value;
}).observe({ type: "layout-shift" })"""
# No click, after which shifts would not count.
FOLLOW = "query => { window.shifts = 0; history.pushState(null, '', query); follow(); }"
OPEN_ALL = """() => document.querySelectorAll(".label-wrap:not(.open)").forEach(
  (bar) => bar.checkVisibility() && bar.click())"""
COLOURS = """() => Object.fromEntries([...document.querySelectorAll(".player canvas")]
  .filter((canvas) => canvas.checkVisibility())
  .map((canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const colours = new Set();
    for (const pixel of new Uint32Array(data.buffer)) if (colours.add(pixel).size > 3) break;
    return [canvas.closest(".block").id + ": " + canvas.getAttribute("aria-label"), colours.size];
  }))"""
COMPUTED = """() => [...document.querySelectorAll(".player .placeholder")]
  .every((each) => !each.checkVisibility())"""
TWO_FRAMES = """() => new Promise((drawn) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn))))"""
FITS = "document.documentElement.scrollWidth <= innerWidth"
STICKING_OUT = """() => [...document.querySelectorAll(".player *")]
  .filter((node) => node.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((node) => node.outerHTML.slice(0, 80))"""
CODE_PANELS = """() => [...document.querySelectorAll(".label-wrap")].filter((bar) =>
  bar.textContent.includes("The code that ran") && bar.checkVisibility()).length"""
# One after the other, for a stage of a player brings options of its own.
TOGGLE_OPTIONS = """() => {
  const noted = [], done = new Set();
  const keyOfOption = (option) => [option.closest(".block").id, option.type === "radio"
    ? option.closest("fieldset").textContent : option.name, option.value].join();
  const next = () => [...document.querySelectorAll(
      ".player .options :is([type=radio]:not(:checked), [type=checkbox]):enabled")]
    .filter((option) => option.closest('[role="tabpanel"]').checkVisibility())
    .find((option) => !done.has(keyOfOption(option)));
  for (let option = next(); option; option = next()) {
    done.add(keyOfOption(option));
    const { name, value } = option, { id } = option.closest(".block");
    const before = location.search;
    option.click();
    noted.push([id, name, value, before, location.search]);
  }
  return noted;
}"""


def look_at(page, find_violations):
    page.wait_for_function(COMPUTED)
    page.evaluate(TWO_FRAMES)  # so that canvases have their sizes
    return {
        "canvases": page.evaluate(COLOURS),
        "sticking out": page.evaluate(STICKING_OUT),
        "fits": page.evaluate(FITS),
        "violations": find_violations(),
        "shift": page.evaluate("window.shifts"),  # after what takes longest
    }


@pytest.fixture(scope="module", params=WALKS)
def seen(request, open_for_module, whole_page, violations):
    """What was noted of each section, by its address."""
    theme, size, axe_options = WALKS[request.param]
    query = f"?tab=mistakes-in-sound&__theme={theme}"
    first = "#mistakes-in-sound-player [data-run]"
    page = open_for_module(whole_page, query, wait_for=first, viewport=size)
    page.evaluate(WATCH_SHIFTS)
    noted = {}
    for tab in (section.settings.tab for section in sections()):
        page.evaluate(FOLLOW, f"?tab={tab}&__theme={theme}")
        page.locator(f"#opens-{tab}").wait_for(state="attached")
        page.wait_for_function(
            """tab => {
              const panel = document.getElementById('opens-' + tab).closest('[role="tabpanel"]');
              return panel.checkVisibility() && !panel.dataset.opening;
            }""",
            arg=tab,
        )
        if tab == "score-field":  # a second's work for axe: all sections show code alike
            page.evaluate(OPEN_ALL)
            page.locator(".cm-line span").locator("visible=true").first.wait_for()
        # What is around the sections is the same for all, and has been looked at with the first.
        within = f'[role="tabpanel"]:has(#opens-{tab})' if noted else None
        found = partial(violations, page, within, **axe_options)
        noted[tab] = look_at(page, found)
        noted[tab]["code panels"] = page.evaluate(CODE_PANELS)
        noted[tab]["options"] = page.evaluate(TOGGLE_OPTIONS)
        if request.param == "phone":
            page.set_viewport_size(ZOOMED)
            noted[tab]["sticking out"] += page.evaluate(STICKING_OUT)
            noted[tab]["fits"] &= page.evaluate(FITS)
            page.set_viewport_size(size)
            page.evaluate(TWO_FRAMES)  # what this moves is not the next section's doing
    return noted


@pytest.mark.browser
def test_a_section_opens_on_finished_pictures(seen):
    for tab, players in PLAYERS.items():
        canvases = seen[tab]["canvases"]
        for player in players:
            assert any(name.startswith(f"{player}-player: ") for name in canvases), player
        for name, colours in canvases.items():
            assert len(name.split(": ", 1)[1]) > 20  # a text for those who do not see it
            assert colours > 3, name  # an empty canvas has one


@pytest.mark.browser
def test_what_opens_a_section_moves_nothing(seen):
    shifts = {tab: noted["shift"] for tab, noted in seen.items()}
    assert {tab: shift for tab, shift in shifts.items() if shift >= 0.05} == {}


@pytest.mark.browser
def test_nothing_is_wider_than_the_page(seen):
    assert {
        tab: noted["sticking out"] for tab, noted in seen.items() if noted["sticking out"]
    } == {}
    assert [tab for tab, noted in seen.items() if not noted["fits"]] == []


@pytest.mark.browser
def test_no_section_has_a_violation_of_accessibility(seen):
    found = {tab: noted["violations"] for tab, noted in seen.items() if noted["violations"]}
    assert found == {}


@pytest.mark.browser
def test_every_section_shows_the_code_that_ran(seen):
    assert {noted["code panels"] for noted in seen.values()} == {1}


@pytest.mark.browser
def test_every_option_of_every_player_is_in_the_address(seen):
    changed = set()
    for tab, noted in seen.items():
        for player, _, _, before, after in noted["options"]:
            assert before != after, (tab, player)
            assert f"tab={tab}&" in after
            changed.add(player)
    assert {"score-player", "forward-player", "train-ddpm-player", "vocoder-player"} <= changed
    assert len(seen) == sum(len(tab) for tab in TABS.values())
