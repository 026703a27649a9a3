import asyncio
import gc
import ipaddress
import json
import os
import shutil
import socket
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from hypothesis import settings

from tests.fresh_process import fresh_processes

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # as `app.py` does, before gradio is imported
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # of the programs that call the page

# Each process searches a free port among its own hundred: two could find the same one at once.
_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ["GRADIO_SERVER_PORT"] = str(7900 + 100 * _PROCESS)

# The same examples on each machine, so that no test fails by chance; `make fuzz` seeks new ones,
# and what it finds becomes an `@example`. Pytest's option --hypothesis-profile chooses.
settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, max_examples=60, print_blob=False
)
settings.register_profile(
    "fuzz",
    deadline=None,
    database=None,
    max_examples=int(os.environ.get("EXAMPLES", "1000")),
    print_blob=True,
)
settings.load_profile("ci")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection():
    """What is imported stays: the collector of garbage need not look at it, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """With several processes a file goes to one, and all tests of the whole page to one.

    The page takes twenty seconds to start: what each section opens on is computed. pytest 9.2 does
    not know the groups of pytest-xdist 3.8; `test_package` sees that they hold.
    """
    for item in items:
        whole = "whole_page" in item.fixturenames
        item.add_marker(pytest.mark.xdist_group("page" if whole else item.path.stem))


def _is_here(host):
    """Whether a host is this machine, or none that a name server would be asked for."""
    if host in (None, "", b"", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host).endswith(".invalid")  # a name that no machine has
    return address.is_loopback or address.is_unspecified


_outside = []


def _note_requests(event, arguments):
    """Note and refuse each connection to another machine, and each question for its address."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not _is_here(host):
        _outside.append(f"{event} {host}")
        raise PermissionError(f"nothing is fetched at run time, but {host} was to be asked")


sys.addaudithook(_note_requests)


@pytest.fixture(autouse=True)
def _nothing_is_fetched():
    """No test makes a request to another machine: so no section of the page does."""
    yield
    requests = _outside[:]
    _outside.clear()
    assert requests == []


@pytest.fixture
def generator():
    import torch  # not above: with several processes the first only hands out the tests

    return torch.Generator().manual_seed(0)


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    import torch

    torch.set_num_threads(1)


# Gradio's own script says so of a request that a page leaves unanswered as it closes.
GRADIO_CLOSES = "AbortError: signal is aborted without reason"


class GaussianOracle:
    """The exact noise predictor of N(mean, std² I): E[ε | x_t] is linear in x_t."""

    def __init__(self, mean: float, std: float) -> None:
        self.mean = mean
        self.variance = std**2

    def __call__(self, x_t, noise_level, condition=None):
        level = noise_level.to(x_t)[:, None]
        noise_variance = 1 - level**2
        total = level**2 * self.variance + noise_variance
        return noise_variance.sqrt() * (x_t - level * self.mean) / total


@pytest.fixture
def gaussian_oracle() -> GaussianOracle:
    return GaussianOracle(mean=0.7, std=0.4)


@pytest.fixture(scope="session")
def run_fresh():
    """Runs a program in a process that has imported PyTorch and SciPy alone."""
    with fresh_processes() as run:
        yield run


@pytest.fixture(scope="session")
def run_async():
    """Runs a coroutine to its end, though Playwright keeps an event loop in the tests' thread."""

    def run_async(coroutine):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, coroutine).result()

    return run_async


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium: the system's, or else Playwright's own. It must be there."""
    from playwright.sync_api import sync_playwright  # a machine without it runs the other tests

    # The first is Chromium without windows: a page takes a third of the processor time.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", found),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


SIZE = {"width": 1280, "height": 900}
IN_MOTION = {"reduced_motion": "no-preference"}


class _Pages:
    """Pages of the browser, each in a context of its own.

    One that was used before has the page's scripts compiled: the app opens on it in two thirds of
    the processor time that a new page takes, and in half of what a new context takes.
    """

    def __init__(self, browser):
        self._browser = browser
        self._unused = defaultdict(list)

    def take(self, options):
        """A page on which nothing is shown. The one that was used last knows most."""
        unused = self._unused[json.dumps(options)]
        if unused:
            return unused.pop()
        page = self._browser.new_context(**options).new_page()
        page.set_default_timeout(30_000)
        return page

    def give_back(self, page, options):
        """Put a page, unless it was closed, back to where it began."""
        for each in page.context.pages:
            if each is not page:  # it has opened that itself
                each.close()
        if page.is_closed():
            page.context.close()
            return
        page.mouse.move(0, 0)
        page.goto("about:blank")
        page.unroute_all()
        self._unused[json.dumps(options)].append(page)


@pytest.fixture(scope="session")
def _browser_pages(browser):
    return _Pages(browser)


@contextmanager
def _opened(browser_pages):
    errors, requests, hosts, pages = [], [], [], []
    listeners = {
        "pageerror": lambda error: errors.append(str(error)),
        "console": lambda message: message.type == "error" and errors.append(message.text),
        "request": lambda request: requests.append(request.url),
    }

    def check():
        seen, sent = errors[:], requests[:]
        errors.clear()
        requests.clear()
        assert [error for error in seen if GRADIO_CLOSES not in error] == []
        own = (*hosts, "data:", "blob:")
        assert [request for request in sent if not request.startswith(own)] == []

    # Without a wish for it nothing plays by itself: four seconds of animation cost a core as long.
    # Options beside the named ones are those of a context, and a page is found for them.
    def open_at(
        url,
        query="",
        *,
        wait_for,
        viewport=SIZE,
        color_scheme="light",
        reduced_motion="reduce",
        **options,
    ):
        hosts.append(url)
        page = browser_pages.take(options)
        pages.append((page, options))
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        page.requests = requests
        page.check = check
        for event, listener in listeners.items():
            page.on(event, listener)
        page.goto(url + query)
        page.wait_for_selector(wait_for)
        # What would move as a section opens is hidden until it has its place.
        page.wait_for_function("!document.querySelector('[data-opening]')")
        return page

    yield open_at
    for page, options in pages:
        if not page.is_closed():  # what is on its way arrives before the answer to this
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        # As the page is left, Gradio reports each request that it still waits for as failed.
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        browser_pages.give_back(page, options)
    check()


@pytest.fixture
def open_at(_browser_pages):
    """Opens a page; at the end, no error and no request to another host may have happened."""
    with _opened(_browser_pages) as open_at:
        yield open_at


@pytest.fixture(scope="module")
def open_for_module(_browser_pages):
    """The same, of pages that the tests of a module look at together."""
    with _opened(_browser_pages) as open_at:
        yield open_at


@pytest.fixture(scope="session")
def open_for_session(_browser_pages):
    """The same, of a page that stays open for all tests; each of them calls the page's `check`."""
    with _opened(_browser_pages) as open_at:
        yield open_at
