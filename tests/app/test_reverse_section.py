"""Reverse in a real browser: it opens at once, and a long sampling ends when one wants it to."""

import json

import pytest

from ui.ddpm.reverse import layout as reverse_tab
from ui.ddpm.reverse.compute import ReverseSettings


@pytest.fixture(scope="module")
def url(serve):
    return serve(reverse_tab)


RECEIVED = """() => performance.getEntriesByType("resource")
  .filter((entry) => entry.name.includes("/queue/data"))
  .reduce((bytes, entry) => bytes + entry.decodedBodySize, 0)"""


@pytest.mark.browser
def test_what_was_computed_before_is_sent_once(open_at, url):
    settings = ReverseSettings(num_points=50, steps_1=10)
    size = len(json.dumps(reverse_tab.show(settings)))
    page = open_at(url, "?" + settings.to_query(), wait_for="#reverse-player [data-run]")
    page.wait_for_function(f"size => ({RECEIVED})() > 0.9 * size", arg=size)
    page.wait_for_timeout(1_000)  # what may come after it
    assert page.evaluate(RECEIVED) < 1.5 * size


@pytest.mark.browser
def test_a_long_sampling_can_be_stopped_when_a_link_opens_it_too(open_at, url):
    # Four runs of 2,000 points, each by the oracle in some 100 levels of Langevin steps, take
    # 15 seconds; equal runs would be sampled once.
    runs = "".join(
        f"&sampler_{i}=langevin&predictor_{i}=oracle&steps_{i}={101 - i}" for i in range(1, 5)
    )
    page = open_at(url, f"?tab=reverse&num_points=2000{runs}", wait_for="text=of 4 (")
    for _ in range(2):
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped.").wait_for(timeout=5_000)
        shown = animations(page)
        page.wait_for_timeout(1_500)
        assert page.get_by_text("Stopped.").is_visible()  # no news came after it
        assert animations(page) == shown
        page.get_by_role("button", name="Sample", exact=True).click()
        page.get_by_text("of 4 (").wait_for()
    page.get_by_role("button", name="Stop").click()


def animations(page):
    """Which run the player shows, if any."""
    player = page.locator("#reverse-player [data-run]")
    return player.evaluate_all("all => all.map((each) => each.dataset.run)")
