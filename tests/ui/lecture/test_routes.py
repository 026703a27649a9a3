"""The addresses of a lecture, as any program may call them."""

import json
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ui.lecture.requests import MAX_BODY
from ui.lecture.routes import LectureRoutes
from ui.page import lecture, shorten

PLACE = {"scene": 0, "stage": 2, "view": "?tab=score-field&sigma=0.2"}
QUESTION = next(i for i, scene in enumerate(lecture()) if scene.name.endswith("additive"))
OPEN = {"scene": QUESTION, "stage": 0, "view": lecture()[QUESTION].view}
STUDENT = "0123456789abcdef" * 2


@pytest.fixture
def client():
    with TestClient(Starlette(routes=LectureRoutes(lecture, shorten).routes())) as client:
        yield client


@pytest.fixture
def room(client):
    room = client.post("/lecture/rooms/").json()
    room["path"] = f"/lecture/rooms/{room['code']}"
    room["headers"] = {"Authorization": f"Bearer {room['secret']}"}
    return room


def test_the_lecturer_leads_and_nobody_else(client, room):
    assert client.put(room["path"], json=PLACE, headers=room["headers"]).json() == {"students": 0}
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": room["code"]}):
        refused = client.put(room["path"], json=PLACE, headers=headers)
        assert (refused.status_code, "secret" in refused.text) == (403, False)
        assert client.get(f"{room['path']}/answers/{QUESTION}", headers=headers).status_code == 403


def test_answers_are_counted_for_the_lecturer(client, room):
    client.put(room["path"], json=OPEN, headers=room["headers"])
    for student, answer in ((STUDENT, 3), (STUDENT[::-1], 1100), (STUDENT, 1000)):
        body = {"student": student, "scene": QUESTION, "answer": answer}
        assert client.post(f"{room['path']}/answers", json=body).status_code == 200
    counts = client.get(f"{room['path']}/answers/{QUESTION}", headers=room["headers"]).json()
    assert counts["answers"] == 2
    assert [count for _, count in counts["bins"]] == [0, 0, 0, 0, 2, 0, 0, 0, 0, 0]
    truth = client.get(f"/lecture/truths/{QUESTION}").json()
    assert truth["bin"] == 4
    assert truth["truth"] == pytest.approx(1090.5, abs=0.1)


@pytest.mark.parametrize("body", [b"", b"[]", b"[" * 5000, b'{"scene": NaN}', b"\xff", b"null"])
def test_what_is_no_place_is_refused_in_one_sentence(client, room, body):
    refused = client.put(room["path"], content=body, headers=room["headers"])
    assert refused.status_code == 400
    assert list(refused.json()) == ["error"]


def test_a_long_body_is_not_read_to_its_end(client, room):
    body = json.dumps({"view": "?" + "a" * MAX_BODY})
    refused = client.put(room["path"], content=body, headers=room["headers"])
    assert (refused.status_code, refused.json()) == (
        400,
        {"error": "at most 16,384 bytes are read"},
    )


def test_there_is_no_such_room_or_question(client):
    for path in ("rooms/AAAAAA/places", "rooms/AAAAAA/qr?page=http://a", "truths/0", "truths/999"):
        assert client.get(f"/lecture/{path}").status_code == 404


def test_who_tries_many_codes_has_to_wait(client, room):
    codes = [client.get(f"/lecture/rooms/AAAA{k:02d}/places").status_code for k in range(70)]
    assert codes[:60] == [404] * 60
    assert set(codes[60:]) == {429}
    assert client.put(room["path"], json=PLACE, headers=room["headers"]).status_code == 200


def test_a_flood_of_rooms_or_answers_is_refused(client, room):
    client.put(room["path"], json=OPEN, headers=room["headers"])
    body = {"student": STUDENT, "scene": QUESTION, "answer": 1}
    answers = [client.post(f"{room['path']}/answers", json=body).status_code for _ in range(25)]
    assert answers == [200] * 20 + [429] * 5
    rooms = [client.post("/lecture/rooms/").status_code for _ in range(12)]
    assert rooms == [201] * 9 + [429] * 3  # one was opened before


def test_the_qr_code_is_that_of_the_link_alone(client, room):
    image = client.get(f"{room['path']}/qr", params={"page": "https://example.org/"})
    assert image.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(image.text).tag.endswith("svg")
    assert room["secret"] not in image.text
    for page in ("", "javascript:alert(1)", "https://" + "a" * 400):
        assert client.get(f"{room['path']}/qr", params={"page": page}).status_code == 400


def test_the_notes_have_a_page(client):
    assert "BroadcastChannel" in client.get("/lecture/notes").text


HOSTILE = [
    None,
    "",
    [],
    {"path": "/etc/passwd"},
    -1,
    1e308,
    float("nan"),
    float("inf"),
    10**400,
    "/etc/passwd",
    "../../x",
    "\ud800",
    "\0",
    "?tab=score-field&sigma=nan",
    "?" + "a" * 9_000,
    "a" * 15_000,
    True,
]


@pytest.mark.parametrize("name", PLACE)
def test_a_hostile_place_is_refused_in_a_sentence(client, room, name):
    for value in HOSTILE:
        body = json.dumps(PLACE | {name: value})
        refused = client.put(room["path"], content=body, headers=room["headers"])
        assert refused.status_code == 400, value
        assert len(refused.json()["error"]) < 300


@pytest.mark.parametrize("name", ["student", "scene", "answer"])
def test_a_hostile_answer_is_refused_in_a_sentence(client, room, name):
    client.put(room["path"], json=OPEN, headers=room["headers"])
    for value in HOSTILE:
        body = {"student": STUDENT, "scene": QUESTION, "answer": 1000} | {name: value}
        refused = client.post(f"{room['path']}/answers", content=json.dumps(body))
        assert refused.status_code in (400, 429), value
        assert len(refused.json()["error"]) < 300
    counts = client.get(f"{room['path']}/answers/{QUESTION}", headers=room["headers"]).json()
    assert counts["answers"] == 0


@pytest.mark.parametrize("code", ["..%2f..%2fetc%2fpasswd", "A" * 5000, "%00", "%F0%9F%98%80"])
def test_a_hostile_code_is_no_room(client, code):
    for method, path in (("GET", "places"), ("POST", "answers"), ("GET", "qr?page=http://a")):
        refused = client.request(method, f"/lecture/rooms/{code}/{path}")
        assert refused.status_code == 404
        assert len(refused.text) < 300
