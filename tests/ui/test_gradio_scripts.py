"""What replaces parts of Gradio's scripts gives what they give, in less time."""

import random

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ui import gradio_scripts
from ui.gradio_scripts import (
    ATTACHED_EVENTS,
    EVENT_ARGUMENTS,
    FIND_NODE,
    LAID_OUT_ONCE,
    MENDS,
    SCRIPTS_AT_ONCE,
    SCRIPTS_WHEN_SHOWN,
    SHOWN_COMPONENTS,
    WAITING_CLOCK,
    mended_scripts,
)
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


# Two trees by turns, and one that changes between two searches.
FIND_NODES = """([code, trees]) => {
  const find = new Function(`${code}; return Z;`)();
  const all = () => trees.flatMap((_, id) => trees.map((tree) => find(tree, id)));
  const numbers = (nodes) => nodes.map((node) => node && [node.id, node.name]);
  const before = numbers([...all(), ...all()]);
  for (const tree of trees) tree.children.splice(0, 1, { id: 99, name: "new", children: [] });
  return [before, numbers([...all(), ...trees.map((tree) => find(tree, 99))])];
}"""


def tree(draw, ids):
    node = {"id": ids.pop(), "name": draw.random(), "children": []}
    if len(ids) % 3 == 0:
        del node["children"]  # as Gradio's leaves have it in places
    else:
        while ids and draw.random() < 0.8:
            node["children"].append(tree(draw, ids))
    return node


@pytest.mark.browser
def test_the_same_component_is_found_before_and_after_a_change(browser):
    page = browser.new_page()
    for seed in range(10):
        draw = random.Random(seed)
        trees = [{"id": 50, "children": [tree(draw, [*range(20)])]} for _ in range(4)]
        found, expected = (
            page.evaluate(FIND_NODES, [code, trees]) for code in (FIND_NODE.after, FIND_NODE.before)
        )
        assert found == expected
    assert any(expected[0])
    assert None in expected[1]
    page.close()


# The place of the clock goes with the tenth frame, and its event ends with the twentieth.
FRAMES = """(code) => new Function(`
  let frames = 0, W = true;
  const U = { isConnected: true }, F = () => {}, w = () => 0, Pe = {}, de = {};
  const me = (draw) => {
    frames += 1;
    U.isConnected = frames < 10;
    W = frames < 20;
    draw();
  };
  ${code}
  ze();
  return frames;
`)()"""


@pytest.mark.browser
def test_a_clock_stops_when_its_place_is_gone(browser):
    page = browser.new_page()
    frames = [page.evaluate(FRAMES, code) for code in (WAITING_CLOCK.before, WAITING_CLOCK.after)]
    assert frames == [20, 10]
    page.close()


# An effect runs as the page comes, and again whenever what it has read has changed.
RELOADS = """(code) => new Function(`
  const effects = [], O = { reload: () => reloads.push(count) }, R = { reload: () => {} };
  const reloads = [], v = () => count, le = (effect) => effects.push(effect), oe = (run) => run();
  let count = 0;
  ${code}),R.reload()})});
  for (count of [0, 1, 1, 2]) for (const effect of effects) effect();
  return reloads;
`)()"""


@pytest.mark.browser
def test_the_components_are_made_again_when_the_page_has_changed(browser):
    page = browser.new_page()
    for_each, once = (
        page.evaluate(RELOADS, code) for code in (LAID_OUT_ONCE.before, LAID_OUT_ONCE.after)
    )
    assert for_each == [0, 1, 1, 2]
    assert once == [1, 2]
    page.close()


# Two who wait for the script of one kind of component, and two for one that is not there.
FETCHED = """(code) => new Function(`return (async () => {
  const H = {}, fetched = [], r = "component";
  const load = (kind) => async () => {
    fetched.push(kind);
    if (kind === "gone") throw "no " + kind;
    return { default: kind };
  };
  const a = { slider: { component: load("slider") }, gone: { component: load("gone") } };
  for (const o of Object.keys(a)) {
    const t = o;
    ${code};
  }
  const named = [...fetched], { "slider-component": slider, "gone-component": gone } = H;
  const failed = (error) => error;
  const got = [(await slider).default, (await Promise.resolve(slider)).default,
    await Promise.resolve(gone).then(null, failed), await Promise.all([gone]).catch(failed)];
  return [named, got, fetched];
})()`)()"""


@pytest.mark.browser
def test_a_script_is_fetched_once_and_not_before_it_is_waited_for(browser):
    page = browser.new_page()
    before, after = (
        page.evaluate(FETCHED, code)
        for code in (SCRIPTS_WHEN_SHOWN.before, SCRIPTS_WHEN_SHOWN.after)
    )
    assert before == [
        ["slider", "gone"],
        ["slider", "slider", *["no gone"] * 2],
        ["slider", "gone"],
    ]
    assert after == [[], *before[1:]]
    page.close()


# A component that is hidden, shown, hidden again, and shown again as another one.
SHOWS = """(code) => new Function(`return (async () => {
  const waited = [], shown = [];
  let o = null, l = 0;
  const M = (_, value) => (o = value), w = () => o, oe = (run) => run();
  const component = (name) => Object.create({ then: (use) => (waited.push(name), use(name)) });
  const node = { component: component("first"), props: { shared_props: { visible: false } } };
  const t = { node };
  const effect = () => {
    ${code}
    if (!e) return M(o, null);
    Promise.resolve(e).then((e) => n === l && M(o, e, true));
  };
  for (const visible of [false, true, false, true, "hidden"]) {
    if (visible === "hidden") node.component = component("second");
    node.props.shared_props.visible = visible;
    effect();
    await new Promise(requestAnimationFrame);
    shown.push(visible && o);
  }
  return [shown, waited[0], shown.length && o, waited];
})()`)()"""


@pytest.mark.browser
def test_a_component_that_is_hidden_does_not_wait_for_its_script(browser):
    page = browser.new_page()
    before, after = (
        page.evaluate(SHOWS, code) for code in (SHOWN_COMPONENTS.before, SHOWN_COMPONENTS.after)
    )
    assert (
        after[:3] == before[:3] == [[False, "first", False, "first", "second"], "first", "second"]
    )
    assert len(after[3]) == len(before[3]) - 1  # not while it had never been shown
    page.close()


# Two nodes are shown, of which one has its component later; a third is hidden by the pass before.
STARTS = """(code) => {
  const started = [];
  const Ne = (node) => {
    if (node.id === 3) node.props.shared_props.visible = false;
    return node;
  };
  const component = { then: () => started.push("fetched") };
  const nodes = [1, 2, 3].map((id) => ({ id, props: { shared_props: { visible: true } },
    component: id === 2 ? null : component }));
  const page = new Function("Ne", `return new (class {
    #d = new Set();
    traverse(nodes, passes) { return passes.reduce((each, pass) => each.map(pass), nodes); }
    postprocess(e) { this.root = this.traverse(e, [${code}
  })()`)(Ne);
  page.postprocess(nodes);
  return [page.root.map(({ id, props }) => [id, props]), started];
}"""


@pytest.mark.browser
def test_the_scripts_of_what_is_shown_are_fetched_as_it_is_laid_out(browser):
    page = browser.new_page()
    before, after = (
        page.evaluate(STARTS, code) for code in (SCRIPTS_AT_ONCE.before, SCRIPTS_AT_ONCE.after)
    )
    assert after[0] == before[0]
    assert (before[1], after[1]) == ([], ["fetched"])
    page.close()


def test_the_page_is_given_them_in_place_of_gradios_own():
    client = TestClient(Starlette(routes=launch_options()["app_kwargs"]["routes"]))
    replaced = []
    for name in mended_scripts():
        answer = client.get(f"/assets/{name}")
        assert answer.headers["content-type"].startswith("text/javascript")
        text = (gradio_scripts.ASSETS / name).read_text(encoding="utf-8")
        for mend in MENDS:
            replaced += [mend] * text.count(mend.before)
            text = text.replace(mend.before, mend.after)
        assert answer.text == text
    assert sorted(map(repr, replaced)) == sorted(map(repr, MENDS))  # each once


def test_scripts_of_another_gradio_stay_as_they_are(monkeypatch, tmp_path):
    (tmp_path / "core-new.js").write_text("find_attached_events(nodes) {}")
    monkeypatch.setattr(gradio_scripts, "ASSETS", tmp_path)
    assert mended_scripts.__wrapped__() == {}
