"""Handing a view on, in a real browser: copied, saved, shown as a code and inside another page."""

import csv
from urllib.parse import parse_qs

import numpy as np
import pytest

from ui.ddpm import likelihood
from ui.ddpm.likelihood.compute import LikelihoodSettings

SETTINGS = LikelihoodSettings(y=0.5, num_steps=10)
PLAYER = "#likelihood-player"
HOSTILE = """<img src=x onerror="alert(1)"> & 'week 3' $x$ {{value}} ${1}"""
VIEW = f"{SETTINGS.to_link()}&likelihood-player.closer=on"


@pytest.fixture(scope="module")
def url(serve):
    return serve(likelihood.SECTION)


@pytest.fixture(scope="module")
def page(open_for_module, url):
    page = open_for_module(url, VIEW, wait_for=f"{PLAYER} [data-run]")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def choose(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def saved(page, name):
    with page.expect_download() as download:
        choose(page, name)
        if name.startswith("Animation"):
            page.get_by_text("Recording: the animation plays once.").wait_for()
            page.get_by_role("button", name="Pause").click()  # which ends the recording
    return download.value


@pytest.mark.browser
def test_a_view_is_handed_on_by_keyboard(page, url):
    summary = page.locator(".hand-on summary")
    summary.press("Enter")
    choose(page, "Copy link")
    page.get_by_text("The link is copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == url.rstrip("/") + "/" + VIEW
    choose(page, "Copy as Python")
    page.get_by_text("The program is copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == likelihood.SECTION.as_python(SETTINGS)
    choose(page, "Embed this section")
    page.get_by_text("The frame is copied.").wait_for()
    frame = page.evaluate("navigator.clipboard.readText()")
    assert frame.startswith("<iframe ")
    assert "embed=section" in frame
    choose(page, "QR code")
    code = page.get_by_alt_text("QR code of the link")
    page.wait_for_function("document.querySelector('dialog.hand-on-qr img').naturalWidth > 100")
    page.keyboard.press("Escape")
    code.wait_for(state="detached")
    summary.press("Escape")
    assert not page.get_by_role("button", name="Copy link").is_visible()


@pytest.mark.browser
def test_what_is_seen_is_saved_under_a_name_that_says_what_it_is(page):
    page.locator(".hand-on summary").click()
    name = "likelihood-y-0.5-num_steps-10"
    picture = saved(page, "Picture (PNG)")
    assert picture.suggested_filename == f"{name}.png"
    assert picture.path().read_bytes().startswith(b"\x89PNG")
    points = saved(page, "Points (CSV)")
    assert points.suggested_filename == f"{name}.csv"
    with points.path().open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    last = likelihood.compute.likelihood_result(SETTINGS).paths[-1]
    found = [[float(row["x"]), float(row["y"])] for row in rows]
    np.testing.assert_allclose(found, last, atol=2e-4)
    assert {row["step"] for row in rows} == {page.locator(f"{PLAYER} .step").inner_text()}
    assert saved(page, "Download notebook").suggested_filename == f"{name}.ipynb"
    animation = saved(page, "Animation (video)")
    assert animation.suggested_filename == f"{name}.webm"
    assert animation.path().read_bytes().startswith(b"\x1a\x45\xdf\xa3")  # EBML, as WebM begins


@pytest.mark.browser
def test_a_title_goes_with_the_link_and_stands_above_the_view(page, open_at, url):
    page.locator(".hand-on summary").click()  # the press on Pause, beside it, has closed it
    page.get_by_role("textbox", name="Title of this view").fill(HOSTILE)
    heading = page.locator(".view-title")
    assert heading.inner_text() == HOSTILE
    choose(page, "Copy link")
    page.get_by_text("The link is copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(link.split("?")[1])["title"] == [HOSTILE]
    visitor = open_at(url, f"?{link.split('?')[1]}", wait_for=f"{PLAYER} [data-run]")
    assert visitor.locator(".view-title").inner_text() == HOSTILE
    assert visitor.locator(".view-title *").count() == 0
    assert visitor.locator(".view-title-box input").input_value() == HOSTILE
    visitor.evaluate(
        "replaceView(addresses['likelihood'] = '?tab=likelihood&title=' + 'a'.repeat(99))"
    )
    assert visitor.locator(".view-title").inner_text() == 80 * "a"
    # It belongs to that view alone: another view has no title.
    visitor.get_by_role("spinbutton", name="number input for x").fill("0.3")
    visitor.get_by_role("spinbutton", name="number input for x").press("Enter")
    visitor.wait_for_function("location.search.includes('x=0.3')")
    assert "title" not in visitor.evaluate("location.search")
    assert visitor.locator(".view-title").is_hidden()
    page.get_by_role("textbox", name="Title of this view").fill("")
    assert heading.is_hidden()
    assert page.evaluate("location.search") == VIEW
    page.locator(".hand-on summary").press("Escape")


@pytest.mark.browser
def test_over_plain_http_a_link_is_copied_too(page):
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator(".hand-on summary").click()
    choose(page, "Copy link")
    page.get_by_text("The link is copied.").wait_for()
    page.evaluate("document.body.append(document.createElement('textarea'))")
    page.locator("textarea").last.press("ControlOrMeta+v")
    assert page.locator("textarea").last.input_value() == page.evaluate("location.href")


@pytest.mark.browser
def test_who_wants_no_motion_has_none_of_gradios_either(page):
    moving = """() => {
      const sign = document.querySelector(".introduction").appendChild(document.createElement("i"));
      sign.style.animation = "pulse 2s infinite";
      return getComputedStyle(sign).animationName;
    }"""
    assert page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    assert page.evaluate(moving) == "none"
    assert page.locator(PLAYER).locator("[data-run]").get_attribute("data-playing") == "false"


@pytest.mark.browser
def test_inside_another_page_a_section_stands_alone(open_at, url):
    page = open_at(url, f"{VIEW}&embed=picture", wait_for=f"{PLAYER} [data-run]")
    whole = page.get_by_role("link", name="Open the whole page")
    assert whole.get_attribute("href").endswith(VIEW)
    assert page.locator(f"{PLAYER} canvas").is_visible()
    for put_away in (".introduction", ".hand-on", "footer"):
        assert page.locator(put_away).locator("visible=true").count() == 0
