"""The page is made once, and is what Gradio would send but for what no browser reads."""

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui import ready_files
from ui.first_files import first_files, shown_kinds
from ui.gradio_scripts import ASSETS, mended_scripts
from ui.ready_page import UNREAD, ReadyPage, improved

DATA = r'<script type="application/json" id="{}">(.*?)</script>'


def component(number, kind, **props):
    return {"id": number, "type": kind, "props": props, **dict.fromkeys(UNREAD, "for programs")}


def config(*components, layout=()):
    return {"components": list(components), "layout": {"id": 0, "children": list(layout)}}


def gradio_page(described, api="<b> & </script>"):
    def text(value):
        return json.dumps(value).replace("<", "\\u003c")

    return (
        '<head><base href="./" /><script>window.gradio_config = '
        f"{text(described)};</script><script>window.gradio_api_info = {text(api)};</script></head>"
    )


def data(page, name):
    (found,) = re.findall(DATA.format(name), page)
    return json.loads(found)


def test_the_descriptions_are_data_without_what_is_for_programs():
    described = config(component(1, "html", value="</script><!-- ü 'x'; \\"), layout=[{"id": 1}])
    page = improved(gradio_page(described))
    (found,) = data(page, "gradio_config")["components"]
    assert found == {"id": 1, "type": "html", "props": {"value": "</script><!-- ü 'x'; \\"}}
    assert data(page, "gradio_api_info") == "<b> & </script>"
    assert "window.gradio_config = {" not in page
    assert page.index("modulepreload") < page.index("application/json")


def test_the_page_of_another_gradio_stays_as_it_is():
    page = "<head><script>window.gradio_config = [1];</script></head>"
    assert improved(page) == page


@pytest.fixture
def asked():
    """A client of a page that `ReadyPage` keeps, and the hosts for which it was made."""
    made = []

    def page(request):
        made.append(request.headers["host"])
        if request.headers["host"] == "broken":
            return HTMLResponse("no page", 503)
        return HTMLResponse(gradio_page({**config(), "root": f"http://{made[-1]}"}))

    app = Starlette(routes=[Route("/", page, methods=["GET", "POST"]), Route("/other", page)])
    app.add_middleware(ReadyPage)
    return TestClient(app), made


def test_the_page_is_made_once_for_each_address_of_the_server(asked):
    client, made = asked
    for host in ("one", "two", "one", "two"):
        for encoding in ("gzip", "identity"):
            answer = client.get("/", headers={"host": host, "accept-encoding": encoding})
            assert data(answer.text, "gradio_config")["root"] == f"http://{host}"
            assert answer.headers.get("content-encoding") == {"gzip": "gzip"}.get(encoding)
            assert answer.headers["vary"] == "accept-encoding"
    assert made == ["one", "two"]
    client.get("/", headers={"host": "one", "x-forwarded-proto": "https"})
    assert made == ["one", "two", "one"]


def test_what_is_not_the_page_is_handed_on(asked):
    client, made = asked
    for _ in range(2):
        assert client.get("/?deep_link=a", headers={"host": "one"}).status_code == 200
        assert client.post("/", headers={"host": "one"}).status_code == 200
        assert client.get("/other", headers={"host": "one"}).status_code == 200
        answer = client.get("/", headers={"host": "broken"})
        assert (answer.status_code, answer.text) == (503, "no page")
    assert len(made) == 8  # none of them was kept


def test_closed_and_hidden_parts_need_no_scripts():
    kinds = ("tabs", "tabitem", "slider", "tabitem", "audio", "accordion", "code", "button")
    described = config(
        *(component(number, kind) for number, kind in enumerate(kinds, 1)),
        component(9, "json", visible=False),
        component(10, "video", visible="hidden"),
        layout=[
            {
                "id": 1,
                "children": [
                    {"id": 2, "children": [{"id": 3}, {"id": 6, "children": [{"id": 7}]}]},
                    {"id": 4, "children": [{"id": 5}]},
                ],
            },
            *({"id": number} for number in (8, 9, 10)),
        ],
    )
    shown = {"column", "tabs", "tabitem", "slider", "accordion", "button", "video"}
    assert shown_kinds(described) == shown | {"code"}  # an accordion is open if it does not say
    described["components"][5]["props"]["open"] = False
    assert shown_kinds(described) == shown


def test_the_files_of_a_kind_are_named_with_what_they_need():
    names = first_files(config(component(1, "slider"), layout=[{"id": 1}]))
    assert len(names) == len(set(names))
    assert all((ASSETS / name).is_file() for name in names)
    others = set(first_files(config(component(1, "audio"), layout=[{"id": 1}])))
    assert any(name.startswith("StaticAudio") for name in others - set(names))
    assert not any(name.startswith("StaticAudio") for name in names)


# ---- Files --------------------------------------------------------------------------------------


@pytest.fixture
def files():
    return TestClient(Starlette(routes=ready_files.file_routes()))


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_each_file_is_what_is_on_the_disk_or_mended(files, encoding):
    names = [*mended_scripts(), *first_files(config())]
    for name in 2 * names:
        answer = files.get(f"/assets/{name}", headers={"accept-encoding": encoding})
        expected = mended_scripts().get(name, "").encode() or (ASSETS / name).read_bytes()
        assert answer.content == expected
        packed = encoding == "gzip" and not name.endswith(".woff2")
        assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
    types = {"js": "text/javascript", "css": "text/css", "woff2": "font/woff2"}
    for name in names:
        kind = files.get(f"/assets/{name}").headers["content-type"]
        assert kind.split(";")[0] == types[name.split(".")[-1]]


def test_a_file_is_read_and_compressed_once(files, monkeypatch):
    read = []
    content = ready_files._content
    monkeypatch.setattr(ready_files, "_content", lambda name: read.append(name) or content(name))
    name = first_files(config())[0]
    assert [files.get(f"/assets/{name}").status_code for _ in range(3)] == [200] * 3
    assert read == [name]


@pytest.mark.parametrize("name", ["no.js", "..%2findex.html", "%2e%2e", "..%2f..%2f..%2froutes.py"])
def test_nothing_else_is_read(files, name):
    assert files.get(f"/assets/{name}").status_code == 404
