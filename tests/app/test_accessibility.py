"""What a keyboard and a screen reader find, in every section, on a light page and a dark one."""

import pytest

from ui.page import TABS

OPEN_ALL = """() => document.querySelectorAll(".label-wrap:not(.open)").forEach(
  (bar) => bar.checkVisibility() && bar.click())"""
TAB_WITH_CODE = TABS["score"]  # a second's work for axe: all sections show code alike


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1400)])
def test_no_section_has_a_violation(
    open_at, whole_page, wait_until_settled, violations, theme, width
):
    page = open_at(
        whole_page,
        f"?tab=score-field&__theme={theme}",
        wait_for="#score-player [data-run]",
        viewport={"width": width, "height": 900},
    )
    found = {}
    for tab in TABS.values():
        page.get_by_role("tab", name=tab.title, exact=True).click()
        for section in tab.sections:
            page.get_by_role("tab", name=section.settings.title, exact=True).click()
            heading = page.get_by_role("heading", level=2, name=section.settings.title, exact=True)
            heading.wait_for()
            wait_until_settled(page, section.settings.tab)
            for player in page.locator(".player .placeholder").all():
                player.wait_for(state="hidden")
            if section is TAB_WITH_CODE.sections[0]:
                page.evaluate(OPEN_ALL)
                page.locator(".cm-line span").locator("visible=true").first.wait_for()
            if wrong := violations(page):
                found[section.settings.tab] = wrong
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found == {}


@pytest.mark.browser
def test_arrow_keys_move_between_tabs(open_at, whole_page):
    page = open_at(whole_page, "?tab=reverse", wait_for="#reverse-player [data-run]")
    stops = page.locator('[role="tablist"]').first.locator('[role="tab"][tabindex="0"]')
    assert stops.locator("visible=true").count() == 1
    page.get_by_role("tab", name="Reverse", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("location.search === '?tab=sample-quality'")
    focused = "document.activeElement.innerText"
    assert page.evaluate(focused) == "Sample quality"
    page.keyboard.press("End")
    page.wait_for_function("location.search === '?tab=train-ddpm'")
    page.keyboard.press("ArrowRight")  # round to the first
    page.wait_for_function("location.search === '?tab=forward'")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("location.search === '?tab=train-ddpm'")
    assert page.evaluate(focused) == "Train DDPM"


@pytest.mark.browser
def test_on_a_phone_no_table_is_wider_than_its_column(open_at, whole_page):
    page = open_at(
        whole_page,
        "?tab=variational-bound",
        wait_for="#bound-figure [role=img]",
        viewport={"width": 390, "height": 844},
    )
    tables = page.locator("table").locator("visible=true")
    assert tables.count() >= 1
    for table in tables.all():
        assert table.evaluate("t => t.getBoundingClientRect().right <= innerWidth")
        column = "t => t.scrollWidth <= t.closest('.block').clientWidth"
        assert table.evaluate(column)
