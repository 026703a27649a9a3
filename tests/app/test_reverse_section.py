"""Reverse in a real browser: it opens at once, and a long sampling ends when one wants it to."""

import json
from urllib.parse import parse_qsl

import pytest

from ui.ddpm.reverse import layout as reverse_tab
from ui.ddpm.reverse.compute import ReverseSettings


@pytest.fixture(scope="module")
def url(serve):
    return serve(reverse_tab)


@pytest.mark.browser
def test_what_was_computed_before_is_sent_once(open_at, url):
    settings = ReverseSettings(num_points=50, steps_1=10)
    size = len(json.dumps(reverse_tab.show(settings)))
    page = open_at(url, "?" + settings.to_query(), wait_for="#reverse-player [data-run]")
    streams, received = set(), []
    network = page.context.new_cdp_session(page)
    network.on(
        "Network.requestWillBeSent",
        lambda sent: "/queue/data" in sent["request"]["url"] and streams.add(sent["requestId"]),
    )
    network.on(
        "Network.dataReceived",
        lambda data: data["requestId"] in streams and received.append(data["dataLength"]),
    )
    network.send("Network.enable")
    page.reload()
    page.wait_for_selector("#reverse-player [data-run]")
    page.wait_for_timeout(1_500)  # what may come after it
    network.detach()
    assert 0.9 * size < sum(received) < 1.5 * size


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


@pytest.mark.browser
def test_only_what_exists_for_the_distribution_is_offered(open_at, url):
    def offered(page, name):
        page.get_by_role("combobox", name=name).locator("visible=true").click()
        names = page.get_by_role("option").all_inner_texts()
        page.keyboard.press("Escape")
        return [each.split("\n")[-1].strip("✓ ") for each in names]

    link = "?tab=reverse&num_points=50&distribution=rings&sampler_1=learned&steps_1=5"
    runs = "".join(f"&sampler_{i}=none" for i in (2, 3, 4))
    page = open_at(url, link + runs, wait_for="#reverse-player [data-run]")
    page.get_by_text("No network learned: rings. The exact predictor takes the place").wait_for()
    assert "(rings)" in page.locator("#reverse-player canvas").get_attribute("aria-label")
    assert offered(page, "predictor of ε") == ["oracle"]
    assert "learned" not in offered(page, "sampler")
    page.get_by_role("link", name="Sample by DDIM in 10 steps").click()  # of the swiss roll
    page.get_by_text("No network learned: rings").wait_for(state="hidden")
    page.wait_for_function("!document.querySelector('.pending, .generating')")
    assert offered(page, "predictor of ε") == ["network", "oracle"]
    assert "learned" in offered(page, "sampler")


@pytest.mark.browser
def test_a_drawing_waits_for_the_button(open_at, url, wait_until_quiet, draw_a_line):
    query = ReverseSettings(num_points=50, steps_1=5, sampler_3="none", sampler_4="none").to_query()
    page = open_at(url, "?" + query, wait_for="#reverse-player [data-run]")
    wait_until_quiet(page)
    before = animations(page)
    draw_a_line(page, "#reverse-pad")
    page.get_by_text("The controls have changed since. Press Sample.").wait_for()
    assert animations(page) == before
    page.get_by_role("button", name="Sample", exact=True).click()
    page.get_by_text("No network learned: your drawing.").wait_for()
    page.wait_for_function("location.search.includes('your+drawing')")
    linked = ReverseSettings.from_query(dict(parse_qsl(page.evaluate("location.search.slice(1)"))))
    assert linked.data().name == "your drawing"
    assert linked.predictor_1 == "oracle"


def animations(page):
    """Which run the player shows, if any."""
    player = page.locator("#reverse-player [data-run]")
    return player.evaluate_all("all => all.map((each) => each.dataset.run)")
