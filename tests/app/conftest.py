from urllib.parse import parse_qs

import pytest

from tests.conftest import SIZE

# The page keeps one request open, so that the server knows when the visitor has gone.
QUIET = """() => performance.now() - 1000
  > Math.max(...performance.getEntriesByType("resource").map((entry) => entry.startTime))"""

GRADIO = {"image-redundant-alt"}  # the pictures in Gradio's own footer

# Axe also reads what is hidden, and takes the longer the more sections have been visited. And it
# compares each letter of a formula with what is behind it: all are set in the colour of the first.
FIND_VIOLATIONS = """async ([within, options]) => {
  const hidden = [...document.querySelectorAll('[role="tabpanel"]')]
    .filter((panel) => !panel.checkVisibility()).map((panel) => [panel, [...panel.childNodes]]);
  const formulas = [...document.querySelectorAll(".katex-html")]
    .map((formula) => [formula, [...formula.childNodes].slice(1)]);
  const aside = [...hidden, ...formulas].map(([place, nodes]) => {
    const fragment = document.createDocumentFragment();
    fragment.append(...nodes);
    return [place, fragment];
  });
  const { violations } = await axe.run(within ?? document, options);
  aside.reverse().forEach(([place, fragment]) => place.append(fragment));
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))]);
}"""

SETTLED = """tab => {
  const button = document.getElementById('opens-' + tab), panel = button && panelOf(button);
  return panel?.checkVisibility() && !panel.dataset.opening;
}"""

# The view is made anew, though the section may have been open: nothing of an earlier test is left.
SHOW_VIEW = """query => {
  localStorage.clear();
  performance.clearResourceTimings();  // it keeps 250, and no later ones
  document.activeElement.blur();
  const tab = new URLSearchParams(query).get("tab");
  history.pushState(null, "", query);
  if (choices[tab]) restoreChoices(tab);
  delete choices[tab];  // an option that was put back would still be in the address
  delete addresses[tab];
  delete shownValues[tab];
  history.replaceState(null, "", query);
  follow();
}"""

# A result has come since, of the settings that the link names, and the address still is the link.
SHOWS_VIEW = """query => {
  const named = new URLSearchParams(query), shown = shownValues[named.get("tab")];
  const equal = (one, other) => one === other || Number(one) === Number(other);  // 1e-05
  return shown && viewOf(location.search) === viewOf(query)
    && [...new Map(named)].every(([name, value]) => !(name in shown) || equal(shown[name], value));
}"""


@pytest.fixture(scope="session")
def whole_page():
    """The address of the whole page, with what its sections open on computed."""
    from ui.page import build_page, launch_options
    from ui.warm_up import open_sections

    demo = build_page()
    open_sections()  # as app.py does, so that no test waits for what another section opens on
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options())
    yield url
    demo.close()


@pytest.fixture(scope="module")
def serve():
    """Serves single sections, until the tests of the module are done."""
    import gradio as gr

    from ui.gradio_limits import limit_gradio
    from ui.page import launch_options
    from ui.shared.section_opening import OPEN_SECTIONS

    limit_gradio()
    served = []

    def serve(section):
        with gr.Blocks() as demo:
            section.build()
            demo.load(fn=None, js=OPEN_SECTIONS)
        served.append(demo)
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options())
        return url

    yield serve
    for demo in served:
        demo.close()


@pytest.fixture(scope="session")
def _kept_page(whole_page, open_for_session):  # in this order: the page is closed before its server
    first = "#score-player [data-run]"
    return open_for_session(whole_page, "?tab=score-field", wait_for=first)


@pytest.fixture
def show_view(_kept_page, whole_page):
    """Shows a view of the whole page, on a page that is open: a tenth of what loading one costs.

    What a visit to another section opens on is as an earlier test left it. Who looks at that, or at
    loading itself, takes `open_at`.
    """
    page = _kept_page

    def show_view(query, *, wait_for, viewport=SIZE):
        page.set_viewport_size(viewport)
        _show(page, query, wait_for)
        return page

    yield show_view
    page.check()


@pytest.fixture(scope="module")
def _kept_sections(serve, open_for_module):  # in this order, as above
    return {}


@pytest.fixture
def show_section(_kept_sections, open_for_module):
    """The same of a section that its module serves alone."""

    def show_section(url, query, *, wait_for):
        if url not in _kept_sections:
            _kept_sections[url] = open_for_module(url, query, wait_for=wait_for)
        _show(_kept_sections[url], query, wait_for)
        return _kept_sections[url]

    yield show_section
    for page in _kept_sections.values():
        page.check()


def _show(page, query, wait_for):
    page.evaluate(SHOW_VIEW, query)
    page.wait_for_function(SHOWS_VIEW, arg=query)
    page.wait_for_function(SETTLED, arg=parse_qs(query[1:])["tab"][0])
    page.wait_for_selector(wait_for)


@pytest.fixture
def wait_until_quiet():
    """Waits until a page has asked the server for nothing for a second."""
    return lambda page: page.wait_for_function(QUIET)


@pytest.fixture
def wait_until_settled():
    """Waits until a section of the page has been opened: what it opens on is in its place."""
    return lambda page, tab: page.wait_for_function(SETTLED, arg=tab)


@pytest.fixture(scope="session")
def violations():
    """What axe finds on a page or in a part of it, each rule with the elements that break it."""
    from axe_playwright_python.base import AXE_SCRIPT

    def violations(page, within=None, **options):
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        options = {"resultTypes": ["violations"], **options}
        found = page.evaluate(FIND_VIOLATIONS, [within, options])
        return [(rule, elements) for rule, elements in found if rule not in GRADIO]

    return violations


@pytest.fixture(scope="session")
def draw_a_line():
    """Opens the drawing pad of a section, and draws one stroke on it."""

    def draw_a_line(page, pad):
        page.get_by_text("Draw your own data").click()
        canvas = page.locator(f"{pad} canvas")
        canvas.scroll_into_view_if_needed()
        page.wait_for_function(f"document.querySelector('{pad} canvas').width > 100")
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
        page.mouse.up()

    return draw_a_line
