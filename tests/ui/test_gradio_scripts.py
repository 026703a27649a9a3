"""What replaces two functions of Gradio's scripts gives what they give."""

import random

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ui import gradio_scripts
from ui.gradio_scripts import ATTACHED_EVENTS, EVENT_ARGUMENTS, MENDS, mended_scripts
from ui.page import launch_options

FIND = """([methods, dependencies]) => {
  const page = eval(`new (class { ${methods} })()`);
  return Array.from({ length: 12 }, (_, id) => {
    const node = { id, props: { shared_props: {} } };
    return page.find_attached_events(node, dependencies).props.shared_props.attached_events;
  });
}"""
SET_ARGUMENTS = """async (methods) => {
  const page = eval(`new (class { ${methods} return "sets them"; } })()`);
  return [await page.set_event_args(1, { time_limit: 3 }), typeof await page.set_event_args(1, {})];
}"""


def dependencies(seed):
    """Random ones of Gradio, with several events of one component and with none."""
    draw = random.Random(seed)
    events = ("click", "change", None)
    return [
        {"targets": [(draw.randrange(10), draw.choice(events)) for _ in range(draw.randrange(6))]}
        for _ in range(20)
    ]


@pytest.mark.browser
def test_each_component_has_the_events_that_gradio_finds(browser):
    page = browser.new_page()
    for seed in range(20):
        found, expected = (
            page.evaluate(FIND, [methods, dependencies(seed)])
            for methods in (ATTACHED_EVENTS.after, ATTACHED_EVENTS.before)
        )
        assert found == expected
    assert any(expected)
    page.close()


@pytest.mark.browser
def test_arguments_of_events_are_set_where_there_are_any(browser):
    page = browser.new_page()
    assert page.evaluate(SET_ARGUMENTS, EVENT_ARGUMENTS.after) == ["sets them", "function"]
    page.close()


def test_the_page_is_given_both_in_place_of_gradios_own():
    names = [
        path.name
        for mend in MENDS
        for path in gradio_scripts.ASSETS.glob(mend.scripts)
        if mend.before in path.read_text(encoding="utf-8")
    ]
    assert len(names) == len(MENDS) == len(set(names))
    client = TestClient(Starlette(routes=launch_options()["app_kwargs"]["routes"]))
    for mend, name in zip(MENDS, names, strict=True):
        answer = client.get(f"/assets/{name}")
        assert answer.headers["content-type"].startswith("text/javascript")
        assert mend.after in answer.text
        own = (gradio_scripts.ASSETS / name).read_text(encoding="utf-8")
        assert answer.text == own.replace(mend.before, mend.after) != own


def test_scripts_of_another_gradio_stay_as_they_are(monkeypatch, tmp_path):
    (tmp_path / "core-new.js").write_text("find_attached_events(nodes) {}")
    monkeypatch.setattr(gradio_scripts, "ASSETS", tmp_path)
    assert mended_scripts.__wrapped__() == {}
