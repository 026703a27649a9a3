"""What Gradio keeps of a visitor between two events, how often it looks for the next, and which it
takes for the last."""

import asyncio
import time

import gradio as gr
import httpx
import pytest
from gradio.state_holder import StateHolder
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.built_page import built_page
from ui.gatekeeper import Gatekeeper
from ui.gradio_limits import PAUSE, CalmQueue, SmallSession, limit_gradio
from ui.shared.long_results import ARRIVAL, visit_of

PAYLOAD = "a" * 100_000


@pytest.fixture
def demo():
    with gr.Blocks() as demo:
        shown, kept, changed = gr.HTML(), gr.State(0), gr.Dropdown(["a"], value="a")
        button = gr.Button()
        button.click(lambda count: (PAYLOAD, count + 1), kept, [shown, kept])
        button.click(lambda: gr.update(choices=["b"], value="b"), None, changed)
        button.click(lambda choice: choice, changed, shown)
    return demo


@pytest.fixture
def session(demo):
    limit_gradio()
    sessions = StateHolder()
    sessions.set_blocks(demo)
    return sessions["a visitor"]


@pytest.fixture
def call(demo, session, run_async):
    """Calls the function of this index."""

    def call(index, *values):
        return run_async(demo.process_api(index, list(values), session))["data"]

    return call


def test_a_session_remembers_what_is_the_visitors(demo, session, call):
    kept = demo.fns[0].outputs[1]._id
    for count in (1, 2):
        call(0, None)
        assert session[kept] == count


def test_a_component_that_was_changed_stays_changed(call):
    call(1)
    assert call(2, "b") == ["b"]
    with pytest.raises(gr.Error, match="choices"):
        call(2, "a")


def test_a_session_keeps_nothing_that_was_shown(session, call):
    assert call(0, None)[0] == PAYLOAD
    assert isinstance(session, SmallSession)
    assert "a" * 1000 not in repr(session.config_values)


def test_a_session_of_the_whole_page_costs_next_to_nothing():
    demo = built_page()
    used = time.thread_time()
    sessions = [SmallSession(demo) for _ in range(10)]
    assert time.thread_time() - used < 0.1  # Gradio's own take a second
    assert [each for session in sessions for each in session.components] == []


def test_a_server_that_nobody_visits_looks_rarely_for_events(monkeypatch, run_async):
    limit_gradio()
    looks = []
    with gr.Blocks() as demo:
        pass
    # A class of its own: other tests' servers look at their queues in this process, too.
    counted = type("Counted", (CalmQueue,), {"__len__": lambda queue: looks.append(queue) or 0})
    monkeypatch.setattr(demo._queue, "__class__", counted)

    async def look():
        await asyncio.wait_for(demo._queue.start_processing(), 10 * PAUSE)

    with pytest.raises(TimeoutError):
        run_async(look())
    assert 1 < len(looks) <= 11


def test_requests_are_counted_as_they_arrive_whatever_they_say():
    async def arrival(request):
        return PlainTextResponse(request.headers[ARRIVAL])

    client = TestClient(Gatekeeper(Starlette(routes=[Route("/", arrival)])))
    counted = [int(client.get("/", headers={ARRIVAL: "900"}).text) for _ in range(3)]
    assert counted == [1, 2, 3]


def test_a_function_knows_when_its_event_was_requested():
    """Through Gradio's queue, where events wait."""
    seen = []

    def note(request: gr.Request):
        seen.append(visit_of(request).arrival)

    with gr.Blocks() as demo:
        gr.Button().click(note)
    options = {"app_kwargs": {"middleware": [Middleware(Gatekeeper)]}}
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **options)
    sent = {"data": [], "fn_index": 0, "session_hash": "ann"}
    headers = {"x-gradio-user": "app"}
    for _ in range(2):
        httpx.post(f"{url}gradio_api/queue/join", json=sent, headers=headers).raise_for_status()
    deadline = time.monotonic() + 30
    while len(seen) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    demo.close()
    assert seen[0] < seen[1]
