"""The lecture in a real browser: by keyboard alone, and with a student who follows."""

import pytest

from ui.page import lecture

ADDITIVE = next(i for i, scene in enumerate(lecture()) if scene.name.endswith("additive"))
PLAYER = "#designer-player"
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture
def lecturer(open_at, whole_page):
    """A projector with the scene before that of the additive sound."""
    return open_at(
        whole_page,
        f"?lecture=1&scene={ADDITIVE + 1}",
        wait_for=".lecture-question:not([hidden])",
        viewport={"width": 1920, "height": 1080},
    )


def wait_for_text(page, place, text):
    page.wait_for_function(
        "([place, text]) => document.querySelector(place)?.textContent.includes(text)",
        arg=[place, text],
    )


def wait_for_result(page):
    page.wait_for_selector(f"{PLAYER} [data-run]")
    page.wait_for_function("!document.querySelector('[data-opening]')")


@pytest.mark.browser
def test_a_student_alone_predicts_and_then_sees_the_truth_by_keyboard(lecturer, violations):
    page = lecturer
    assert violations(page) == []
    assert page.locator(".sections").first.is_hidden()
    page.keyboard.press("Tab")
    page.keyboard.type("9999")
    page.keyboard.press("Enter")
    wait_for_text(page, ".lecture-truth", "from 0 to 2400")
    page.locator(".question-answers input").fill("800")
    page.keyboard.press("Enter")
    wait_for_text(page, ".lecture-truth", "Computed: 1,090 cents. Your answer: 800 cents.")
    wait_for_result(page)
    assert violations(page) == []
    assert f"scene={ADDITIVE + 1}" in page.evaluate("location.search")
    assert "inharmonicity=0.01" in page.evaluate("location.search")

    # A projector: the controls are put away, letters have 24 pixels, nothing is cut off.
    controls = page.get_by_role("slider", name="range slider for inharmonicity B")
    assert controls.is_hidden()
    sizes = "each => parseFloat(getComputedStyle(each).fontSize)"
    texts = page.locator(".lecture :is(p, h1, h2, button)").locator("visible=true")
    assert min(each.evaluate(sizes) for each in texts.all()) >= 24
    player = page.locator(PLAYER).bounding_box()
    assert player["y"] >= 0
    assert player["x"] >= page.locator(".lecture").bounding_box()["width"]
    page.keyboard.press("c")
    assert controls.is_visible()

    # What has the focus keeps its arrows; a clicker's keys move on all the same.
    page.locator(f"{PLAYER} .scrub, {PLAYER} [name=volume]").last.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("lecture.scene") == ADDITIVE
    page.keyboard.press("b")
    assert page.locator(".lecture-black").is_hidden()  # the player's own key
    page.keyboard.press(".")
    assert page.locator(".lecture-black").is_visible()
    page.keyboard.press("PageDown")
    assert page.locator(".lecture-black").is_hidden()
    page.keyboard.press("PageDown")
    wait_for_text(page, ".lecture-title", lecture()[ADDITIVE + 1].title)
    page.keyboard.press("ArrowLeft")
    wait_for_text(page, ".lecture-title", lecture()[ADDITIVE].title)
    page.go_back()
    wait_for_text(page, ".lecture-title", lecture()[ADDITIVE + 1].title)
    with page.context.expect_page() as opened:
        page.keyboard.press("n")
    notes = opened.value
    wait_for_text(notes, "#title", lecture()[ADDITIVE + 1].title)
    notes.keyboard.press("PageUp")
    wait_for_text(notes, "#title", lecture()[ADDITIVE].title)
    wait_for_text(page, ".lecture-title", lecture()[ADDITIVE].title)
    page.get_by_role("button", name="End", exact=True).click()
    page.locator(".page-introduction").first.wait_for()
    assert page.locator(".lecture").is_hidden()
    assert page.evaluate("location.search").startswith("?tab=")


@pytest.mark.browser
def test_a_class_answers_follows_leaves_and_comes_back(lecturer, open_at, whole_page, violations):
    lecturer.keyboard.press("r")
    lecturer.wait_for_selector(".lecture-room[open] .room-qr[src]")
    link = lecturer.locator(".room-link").get_attribute("href")
    assert lecturer.evaluate("sessionStorage.lectureRoom") not in link
    lecturer.keyboard.press("r")
    student = open_at(link, wait_for=".lecture-question:not([hidden])", **PHONE)
    assert student.locator(".lecture-title").inner_text() == lecture()[ADDITIVE].title
    student.locator(".question-answers input").fill("1000")
    student.keyboard.press("Enter")
    wait_for_text(student, ".lecture-truth", "counted")
    wait_for_text(lecturer, ".lecture-room-state", "Answers: 1")
    assert student.locator(".sections").first.is_hidden()  # the lecturer has not shown it

    lecturer.keyboard.press("PageDown")
    wait_for_text(lecturer, ".lecture-histogram", "960 to 1,200: 1")
    lecturer.keyboard.press("PageDown")
    lecturer.wait_for_selector(".lecture-histogram [data-true]")
    wait_for_text(student, ".lecture-truth", "Computed: 1,090 cents. Your answer: 1,000 cents.")
    wait_for_result(student)
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not student.evaluate(wide)
    assert violations(student) == []

    # The student looks around, and the lecturer goes on.
    student.keyboard.press("c")
    student.get_by_role("link", name="Keep only the odd partials").click()
    wait_for_text(student, ".lecture-room-state", "left the lecture")
    lecturer.keyboard.press("PageDown")
    wait_for_text(student, ".lecture-room-state", f"scene {ADDITIVE + 2}")
    assert student.locator(".lecture-title").inner_text() == lecture()[ADDITIVE].title
    student.get_by_role("button", name="Back to the lecture").click()
    wait_for_text(student, ".lecture-title", lecture()[ADDITIVE + 1].title)

    # A reload does not take the room from the lecturer.
    lecturer.reload()
    lecturer.wait_for_selector(".lecture:not([hidden])")
    lecturer.keyboard.press("PageUp")
    wait_for_text(student, ".lecture-title", lecture()[ADDITIVE].title)


@pytest.mark.browser
def test_a_code_of_no_room_leaves_the_page_as_it_is(open_at, whole_page):
    page = open_at(whole_page, "?room=AAAAAA", wait_for="#score-player [data-run]")
    wait_for_text(page, ".lecture-room-state", "There is no such room.")
    with pytest.raises(AssertionError, match="404"):  # the browser itself reports the missing room
        page.check()
