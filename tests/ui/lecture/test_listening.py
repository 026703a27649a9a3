"""Blind listening: X is drawn fairly and kept secret, the class's hits are judged exactly."""

import io
from collections import Counter

import numpy as np
import pytest
import scipy  # and its statistics where they are used: they take a second
import soundfile
from starlette.applications import Starlette
from starlette.testclient import TestClient

from synth import loudness
from ui.lecture.listening import Draws, score, sound_files
from ui.lecture.routes import LectureRoutes
from ui.page import lecture, shorten
from ui.sound.side_by_side.compute import SideBySideSettings

SCENE = next(i for i, scene in enumerate(lecture()) if scene.question and scene.question.sounds)
VIEW = lecture()[SCENE].view
STUDENTS = [f"{k:032x}" for k in range(60)]
QUICK = SideBySideSettings(
    duration=0.4, sampler_1="dpm++2m", steps_1=2, sampler_2="dpm++2m", steps_2=3, sampler_3="none"
)


@pytest.fixture(scope="module")
def files():
    return sound_files(QUICK, (1, 2))


@pytest.fixture
def client(monkeypatch, files):
    monkeypatch.setattr("ui.lecture.routes.sound_files", lambda settings, runs: files)
    with TestClient(Starlette(routes=LectureRoutes(lecture, shorten).routes())) as client:
        yield client


class Class:
    """A room with its lecturer and students."""

    def __init__(self, client):
        self.client = client
        opened = client.post("/lecture/rooms/").json()
        self.path = f"/lecture/rooms/{opened['code']}"
        self.headers = {"Authorization": f"Bearer {opened['secret']}"}

    def go(self, stage):
        place = {"scene": SCENE, "stage": stage, "view": VIEW}
        assert self.client.put(self.path, json=place, headers=self.headers).status_code == 200

    def hear(self, student):
        return self.client.get(f"{self.path}/sounds/{SCENE}", params={"student": student})

    def answer(self, student, answer):
        body = {"student": student, "scene": SCENE, "answer": answer}
        return self.client.post(f"{self.path}/answers", json=body)

    def counts(self):
        return self.client.get(f"{self.path}/answers/{SCENE}", headers=self.headers).json()

    def verdict(self, student):
        return self.client.get(f"{self.path}/verdicts/{SCENE}", params={"student": student})


@pytest.fixture
def room(client):
    room = Class(client)
    room.go(0)
    return room


def test_a_draw_is_fair_stays_and_depends_on_room_scene_student_and_server():
    draws = Draws()
    drawn = [draws.x("room", 1, student) for student in map("{:032x}".format, range(2_000))]
    assert scipy.stats.binomtest(Counter(drawn)["A"], 2_000).pvalue > 1e-9
    assert drawn[:50] == [draws.x("room", 1, f"{k:032x}") for k in range(50)]
    for other, room, scene in ((draws, "other", 1), (draws, "room", 2), (Draws(), "room", 1)):
        same = sum(other.x(room, scene, f"{k:032x}") == drawn[k] for k in range(2_000))
        assert 850 < same < 1_150  # 1,000 ± 22 if they have nothing to do with each other


@pytest.mark.parametrize("hits", [0, 1, 7, 15, 29, 30])
def test_the_p_value_of_a_class_is_that_of_the_one_sided_binomial_test(hits):
    found = score([True] * hits + [False] * (30 - hits))
    assert (found["hits"], found["hit_rate"]) == (hits, hits / 30)
    exact = scipy.stats.binomtest(hits, 30, alternative="greater").pvalue
    assert found["p_value"] == pytest.approx(exact, rel=1e-12)


def test_without_answers_there_is_no_p_value():
    assert score([]) == {"hits": 0, "hit_rate": None, "p_value": None}


def test_the_two_sounds_differ_but_not_in_length_or_loudness(files):
    waves = {name: soundfile.read(io.BytesIO(file)) for name, file in files.items()}
    assert list(waves) == ["A", "B"]
    (a, rate), (b, _) = waves.values()
    assert (rate, len(a), len(files["A"])) == (22_050, len(b), len(files["B"]))
    assert not np.allclose(a, b, atol=1e-3)
    assert loudness(a[None])[0] == pytest.approx(loudness(b[None])[0], abs=0.05)


def test_a_run_that_is_not_in_use_has_no_sound():
    with pytest.raises(ValueError, match="run 3 is not in use"):
        sound_files(QUICK, (1, 3))


def test_each_student_hears_an_x_of_their_own_and_always_the_same(client, room, files):
    heard = [room.hear(student) for student in STUDENTS]
    assert {each.content for each in heard} == set(files.values())
    assert [room.hear(student).content for student in STUDENTS] == [each.content for each in heard]
    kinds = {tuple((k, v) for k, v in each.headers.items()) for each in heard}
    assert len(kinds) == 1  # nothing but the sound says which one it is
    assert heard[0].headers["cache-control"] == "no-store"
    for name in "AB":
        assert client.get(f"/lecture/sounds/{SCENE}/{name}").content == files[name]


def test_a_class_is_judged_by_what_each_student_heard(room, files):
    for student in STUDENTS[:20]:
        x = "A" if room.hear(student).content == files["A"] else "B"
        wrong = student in STUDENTS[15:20]
        assert room.answer(student, "BA"[x == "B"] if wrong else x).json() == {}
    exact = scipy.stats.binomtest(15, 20, alternative="greater").pvalue
    counts = room.counts()
    assert counts.pop("p_value") == pytest.approx(exact, rel=1e-12)
    assert counts == {"students": 0, "answers": 20, "hits": 15, "hit_rate": 0.75}

    for stage in (0, 1):  # nobody learns it while answers count
        room.go(stage)
        refused = room.verdict(STUDENTS[0])
        assert (refused.status_code, refused.json()) == (
            400,
            {"error": "this question is still open"},
        )
    room.go(2)
    assert room.verdict(STUDENTS[0]).json() == {"right": True}
    assert room.verdict(STUDENTS[19]).json() == {"right": False}
    assert room.verdict(STUDENTS[20]).status_code == 404

    room.go(0)  # who has seen the view knows X
    refused = room.answer(STUDENTS[19], "A")
    assert (refused.status_code, "knows X already" in refused.text) == (400, True)
    assert room.counts()["hits"] == 15


def test_a_class_that_has_not_answered_has_no_hits(room):
    assert room.counts() == {
        "students": 0,
        "answers": 0,
        "hits": 0,
        "hit_rate": None,
        "p_value": None,
    }


def test_alone_the_answer_is_judged_by_the_server(client, files):
    seen = set()
    for student in STUDENTS:
        sound = client.get(f"/lecture/sounds/{SCENE}/X", params={"student": student}).content
        for answer in "AB":
            query = {"student": student, "answer": answer}
            judged = client.get(f"/lecture/verdicts/{SCENE}", params=query).json()
            assert judged == {"right": sound == files[answer]}
        seen.add(sound)
    assert len(seen) == 2


def test_a_room_says_nothing_of_another_or_of_who_is_alone(client, room, files):
    other = Class(client)
    alone = [client.get(f"/lecture/sounds/{SCENE}/X?student={each}").content for each in STUDENTS]
    here, there = ([each.hear(student).content for student in STUDENTS] for each in (room, other))
    for first, second in ((alone, here), (alone, there), (here, there)):
        assert 0 < sum(a == b for a, b in zip(first, second, strict=True)) < len(STUDENTS)


@pytest.mark.parametrize("student", ["", "x", "0" * 31, "0" * 33, "A" * 32, "../../etc/passwd"])
def test_who_is_no_student_hears_no_x(client, room, student):
    for refused in (
        room.hear(student),
        client.get(f"/lecture/sounds/{SCENE}/X", params={"student": student}),
        client.get(f"/lecture/verdicts/{SCENE}", params={"student": student, "answer": "A"}),
    ):
        assert refused.status_code == 400
        assert list(refused.json()) == ["error"]


def test_other_scenes_and_names_have_no_sounds(client, room):
    student = {"student": STUDENTS[0], "answer": "A"}
    for scene, name in ((SCENE, "C"), (SCENE, "a"), (0, "A"), (1, "A"), (999, "X")):
        assert client.get(f"/lecture/sounds/{scene}/{name}", params=student).status_code == 404
    for path in ("/lecture/verdicts/1", f"{room.path}/verdicts/1", f"{room.path}/sounds/1"):
        assert client.get(path, params=student).status_code == 404
    assert client.get(f"/lecture/rooms/AAAAAA/sounds/{SCENE}", params=student).status_code == 404
    assert client.get(f"/lecture/truths/{SCENE}").status_code == 404


@pytest.mark.parametrize("answer", ["X", "", None, 1, True, ["A"], {"A": 1}, "A" * 9_000])
def test_an_answer_that_is_neither_a_nor_b_is_refused(client, room, answer):
    refused = room.answer(STUDENTS[0], answer)
    assert (refused.status_code, len(refused.text) < 300) == (400, True)
    if isinstance(answer, str):
        query = {"student": STUDENTS[0], "answer": answer}
        assert client.get(f"/lecture/verdicts/{SCENE}", params=query).status_code == 400
    assert room.counts()["answers"] == 0


def test_a_flood_of_answers_is_refused(room):
    answers = [room.answer(STUDENTS[0], "A").status_code for _ in range(25)]
    assert answers == [200] * 20 + [429] * 5
    assert room.counts()["answers"] == 1
