"""What the keyboard reaches, and what a phone has room for."""

import pytest


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
def test_on_a_phone_no_table_is_wider_than_its_column(show_view):
    page = show_view(
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
