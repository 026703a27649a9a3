"""Hostile values at every function and address of the page: each is refused in a sentence."""

import contextlib
import json
import math
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

import gradio as gr
import httpx
import pytest
from gradio.components import State
from gradio.exceptions import Error, InvalidPathError
from pydantic import ValidationError

from ui.gatekeeper import MAX_BODY
from ui.gradio_limits import SmallSession
from ui.page import build_page, launch_options, sections

ROOT = Path(__file__).parents[2]
SETTINGS = {section.settings.tab: section.settings for section in sections()}


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def file_of(path):
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


HOSTILE = {
    "nothing": None,
    "no text": "",
    "a list": [[1]],
    "an object": {"a": 1},
    "deep": nested(200),
    "infinity": math.inf,
    "no number": math.nan,
    "huge": 10**400,
    "negative": -1e308,
    "digits": "9" * 5000,
    "long": "a" * 900_000,
    "path": "/etc/passwd",
    "dots": "../../etc/passwd",
    "half a letter": "\ud800",
    "zero byte": "\0",
    "script": "<script>alert(1)</script>",
    "template": "{0.__class__} %s ${x}",
}
FILES = {
    "file": file_of("/etc/passwd"),
    "file above": file_of("../../etc/passwd"),
    "address": {"url": "http://example.org/a", **file_of("http://example.org/a.csv")},
    "no type": {"path": "/etc/passwd"},
    "many": [file_of("/etc/passwd")] * 3,
}


def is_clear(sentence):
    return 0 < len(sentence) < 600 and "\n" not in sentence and "Traceback" not in sentence


# ---- Settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", SETTINGS)
def test_each_control_refuses_what_is_not_in_its_range(tab):
    kind = SETTINGS[tab]
    for field in fields(kind):
        for name, value in (HOSTILE | FILES).items():
            with contextlib.suppress(ValueError):
                chosen = kind(**{field.name: value})
                assert (name, getattr(chosen, field.name)) == ("no text", ""), field.name
                continue
            with pytest.raises(ValueError, match=r"must be|empty") as refused:
                kind(**{field.name: value})
            assert is_clear(str(refused.value)), (field.name, name)


# ---- Functions of the page ----------------------------------------------------------------------


class Watch:
    """The files that this process opens, while it is on."""

    def __init__(self):
        self.on, self.seen = False, []
        sys.addaudithook(self)

    def __call__(self, event, arguments):
        if self.on and event in ("open", "os.remove", "os.rename"):
            self.seen.append((event, arguments))

    def outside(self):
        """What was read outside the program's own files, and written outside Gradio's folder."""
        own = (str(ROOT), sys.prefix, sys.base_prefix, "/proc/", "/dev/null")
        cache = str(Path(tempfile.gettempdir()) / "gradio")
        for event, (path, *how) in self.seen:
            if isinstance(path, int):
                continue
            reads = event == "open" and not set(str(how[0] or "r")) & set("wax+")
            if not str(path).startswith((cache, *own) if reads else cache):
                yield event, path


WATCH = Watch()


@pytest.fixture(scope="module")
def served():
    demo = build_page()
    try:
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options())
        yield demo, url
    finally:
        demo.close()


@pytest.fixture
def watch():
    WATCH.seen, WATCH.on = [], True
    yield WATCH
    WATCH.on = False


def functions(demo):
    """Each function of the page that takes something from the browser, once."""
    found = {}
    for fn in demo.fns.values():
        kinds = tuple(type(block) for block in fn.inputs)
        given = [kind for kind in kinds if kind is not State]
        if fn.fn is not None and given:
            found[fn.fn.__module__, fn.fn.__qualname__, kinds] = fn
    return list(found.values())


async def answer_of(demo, fn, values, event, session):
    """What is said of a call; nothing, if it was answered."""
    request = gr.Request(headers={}, query_params={}, session_hash="hostile")
    data = gr.EventData(None, event)
    try:
        await demo.process_api(
            fn, values, session, request, event_data=data, session_hash="hostile"
        )
    except (Error, InvalidPathError, ValidationError) as error:
        return getattr(error, "message", None) or str(error)
    return None


def test_every_function_refuses_hostile_values_in_a_sentence(served, watch, run_async):
    demo, _ = served
    called, session = functions(demo), SmallSession(demo)
    assert len(called) > 2 * len(SETTINGS)

    async def refuse_all():
        for fn in called:
            for name, value in (HOSTILE | FILES).items():
                event = {"x": value, "y": value, "strokes": value, "amplitudes": value}
                values = [value for _ in fn.inputs]
                sentence = await answer_of(demo, fn, values, event | {"index": value}, session)
                nothing_to_read = fn.fn.__name__ == "_read_again"  # without a recording
                assert sentence or nothing_to_read, (fn.fn.__qualname__, name)
                assert "Traceback" not in (sentence or ""), (fn.fn.__qualname__, name)
                assert len(sentence or "") < 1000, (fn.fn.__qualname__, name)

    run_async(refuse_all())
    assert list(watch.outside()) == []


# ---- Addresses ----------------------------------------------------------------------------------

JOIN = "gradio_api/queue/join"
CALL = "gradio_api/call/score_field"
REQUESTS = {
    "no body": ("POST", JOIN, b""),
    "no JSON": ("POST", JOIN, b"\xff\xfe"),
    "deep": ("POST", JOIN, b"[" * 100_000),
    "deep data": ("POST", CALL, json.dumps({"data": nested(900)}).encode()),
    "20 MB": ("POST", CALL, json.dumps({"data": ["a" * 20_000_000]}).encode()),
    "no data": ("POST", JOIN, b'{"fn_index": 0}'),
    "no session": ("POST", JOIN, b'{"fn_index": 0, "data": []}'),
    "a function that is not there": (
        "POST",
        JOIN,
        b'{"fn_index":9999,"data":[],"session_hash":"a"}',
    ),
    "a function that is none": ("POST", JOIN, b'{"fn_index":-1,"data":[],"session_hash":"a"}'),
    "a session that is none": ("POST", JOIN, b'{"fn_index":0,"data":[],"session_hash":{}}'),
    "an endpoint that is not there": ("POST", "gradio_api/call/none", b'{"data": []}'),
    "keywords that are not there": ("POST", "gradio_api/call/v2/score_field", b'{"evil": 1}'),
    "past the queue": ("POST", "gradio_api/run/score_field", b'{"data": []}'),
    "no upload": ("POST", "gradio_api/upload", b"a"),
    "a component that is not there": (
        "POST",
        "gradio_api/component_server",
        b'{"session_hash":"a","component_id":9999,"fn_name":"__init__","data":1}',
    ),
    "a method that is none of ours": (
        "POST",
        "gradio_api/component_server",
        b'{"session_hash":"a","component_id":1,"fn_name":"__init__","data":1}',
    ),
    "a recording": ("POST", "gradio_api/process_recording", b"a"),
    "a link kept by the server": ("GET", "gradio_api/deep_link?session_hash=a", b""),
    "an editor": ("POST", "gradio_api/vibe-edit", b'{"prompt": "a"}'),
    "a file": ("GET", "gradio_api/file=/etc/passwd", b""),
    "a file of the program": ("GET", f"gradio_api/file={ROOT}/app.py", b""),
    "a file above": ("GET", "gradio_api/file=..%2f..%2f..%2fetc%2fpasswd", b""),
    "a file above the assets": ("GET", "assets/..%2f..%2f..%2f..%2fetc%2fpasswd", b""),
    "a file above the static ones": ("GET", "static/..%2f..%2f..%2fetc%2fpasswd", b""),
    "another server": ("GET", "gradio_api/proxy=http://example.org", b""),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_an_address_refuses_what_no_page_sends(served, watch, name):
    method, path, body = REQUESTS[name]
    headers = {"content-type": "application/json"}
    answer = httpx.request(method, served[1] + path, content=body, headers=headers, timeout=30)
    assert 400 <= answer.status_code < 500, answer.text[:300]
    assert len(answer.text) < 1000
    assert "Traceback" not in answer.text
    assert "root:" not in answer.text
    assert list(watch.outside()) == []


def test_a_long_body_is_not_read_to_its_end(served):
    sent = 0

    def parts():
        nonlocal sent
        for _ in range(400):
            sent += 50_000
            yield b" " * 50_000

    with contextlib.suppress(httpx.WriteError):  # the server has closed the connection
        answer = httpx.post(served[1] + JOIN, content=parts(), timeout=30)
        assert answer.status_code == 413
        assert answer.json() == {"detail": f"at most {MAX_BODY:,} bytes are read"}


# ---- Files --------------------------------------------------------------------------------------

PLAYLIST = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2000)
POINTS = {
    "picture.csv": (PICTURE, "not text"),
    "empty.csv": (b"", "at least 2 lines"),
    "words.csv": (b"a,b\nc,d\n", "two finite numbers"),
    "infinite.csv": (b"inf,1\n2,3\n", "two finite numbers"),
    "three.csv": (b"1,2,3\n" * 9, "two numbers"),
    "long.csv": (b"1" * 300_000 + b",2\n", "not a CSV"),
    "points.txt": (b"1,2\n3,4\n", "Invalid file type"),
    "../../above.csv": (b"", "at least 2 lines"),
}
SOUNDS = {
    "text.wav": (b"no sound", "cannot be read"),
    "empty.wav": (b"", "cannot be read"),
    "picture.flac": (PICTURE, "cannot be read"),
    "playlist.m4a": (PLAYLIST, "cannot be read"),
    "program.py": (b"import os", "Invalid file type"),
}


def sentence_on(served, kind, name, file):
    """Upload a file, hand it to the first upload button of a kind, and read what is said of it."""
    demo, url = served
    fn = next(
        each
        for each in demo.fns.values()
        if [type(block) for block in each.inputs[:1]] == [gr.UploadButton]
        and kind in each.inputs[0].file_types
    )
    uploaded = httpx.post(url + "gradio_api/upload", files={"files": (name, file)})
    (path,) = uploaded.raise_for_status().json()
    others = [block.value for block in fn.inputs[1:]]
    session = {"session_hash": name}
    body = {"fn_index": fn._id, "data": [file_of(path), *others], **session}
    httpx.post(url + JOIN, json=body).raise_for_status()
    with httpx.stream("GET", url + "gradio_api/queue/data", params=session) as stream:
        for line in stream.iter_lines():
            message = json.loads(line.removeprefix("data:")) if line else {}
            if message.get("msg") == "process_completed":
                return "" if message["success"] else message["output"]["error"]
    raise AssertionError("the event came to no end")


@pytest.mark.parametrize("name", [*POINTS, *SOUNDS])
def test_a_file_of_a_wrong_kind_is_refused_in_a_sentence(served, watch, name):
    file, reason = (POINTS | SOUNDS)[name]
    sentence = sentence_on(served, ".csv" if name in POINTS else ".wav", name, file)
    assert reason in sentence
    assert is_clear(sentence)
    assert list(watch.outside()) == []


def test_a_file_that_is_too_large_is_not_kept(served):
    large = {"files": ("large.csv", bytes(21_000_000))}
    assert httpx.post(served[1] + "gradio_api/upload", files=large).status_code == 413


def test_a_good_file_is_taken(served):
    assert sentence_on(served, ".csv", "good.csv", b"1,2\n3,4\n5,5\n") == ""
