"""A section of mistakes in a browser: its difference, and the table of all mistakes."""

import time
from types import SimpleNamespace

import pytest

from diffusion.mistakes.registry import MISTAKES
from ui.components import PointPlayer
from ui.mistakes.costs import measure_all
from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings
from ui.mistakes.mistakes_in_2d.layout import INTRODUCTION, show
from ui.mistakes.shared_layout import lay_out

ROWS = "#mistakes-in-2d-overview tbody tr"


def slow_costs(settings):
    time.sleep(0.5)
    return {MISTAKES[settings.mistake].measure: (2.0, 1.0)}


def build():
    overview = measure_all(MistakesIn2dSettings, MISTAKES, slow_costs)
    lay_out(MistakesIn2dSettings, PointPlayer, INTRODUCTION, "", show, "mistake", overview)


@pytest.fixture(scope="module")
def url(serve):
    show(MistakesIn2dSettings())
    return serve(SimpleNamespace(build=build))


@pytest.fixture
def page(open_at, url):
    return open_at(url, wait_for=".difference ins")


def test_the_difference_has_two_signs_two_colours_and_its_indent(page):
    removed, added = (page.locator(f".difference {tag}") for tag in ("del", "ins"))
    assert removed.text_content().startswith("−         noise = torch.rand(")
    assert added.text_content().startswith("+         noise = randn(")
    colours = [
        each.evaluate("line => getComputedStyle(line).backgroundColor") for each in (removed, added)
    ]
    assert len(set(colours)) == 2
    assert page.locator(".difference .place").text_content() == (
        "diffusion.mistakes.registry.uniform_langevin"
    )


def test_a_long_line_wraps_under_its_own_beginning(page):
    page.set_viewport_size({"width": 390, "height": 844})
    sign, code = page.locator(".difference del > span").all()
    ends = sign.bounding_box()["x"] + sign.bounding_box()["width"]
    assert code.bounding_box()["height"] > 30  # more than one line
    assert code.bounding_box()["x"] >= ends - 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_rows_of_the_table_come_one_by_one_and_stay_when_it_is_stopped(page):
    page.get_by_text("What each mistake costs").click()
    page.get_by_role("button", name="Measure all").click()
    page.wait_for_selector(f"{ROWS} >> nth=1")
    assert page.locator(ROWS).count() < len(MISTAKES)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped. The finished rows stay.").wait_for()
    stopped = page.locator(ROWS).count()
    assert 2 <= stopped < len(MISTAKES)
    link = page.locator(f"{ROWS} a").first.get_attribute("href")
    assert link == "?tab=mistakes-in-2d"
