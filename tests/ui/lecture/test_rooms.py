"""Rooms: who may lead, what is counted, and what is refused."""

import re

import pytest

from ui.lecture.rooms import (
    ALPHABET,
    BINS,
    IDLE,
    LIFETIME,
    MAX_ROOMS,
    MAX_STUDENTS,
    Limiter,
    Rooms,
    bin_of,
    histogram,
)
from ui.lecture.scenes import Question
from ui.page import lecture, shorten

NUMBER = next(
    i for i, scene in enumerate(lecture()) if scene.question and not scene.question.choices
)
PLAIN = next(i for i, scene in enumerate(lecture()) if not scene.question)
VIEW = "?tab=score-field&sigma=0.2"
STUDENTS = [f"{k:032x}" for k in range(MAX_STUDENTS + 1)]


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(clock):
    return Rooms(lecture, shorten, clock)


@pytest.fixture
def room(rooms):
    room = rooms.open()
    rooms.lead(room, NUMBER, 0, lecture()[NUMBER].view)
    return room


def test_a_code_is_short_and_has_no_letters_that_look_alike(rooms):
    codes = {rooms.open().code for _ in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch(r"[2-9A-HJKMNP-Z]{6}", code) for code in codes)
    assert len(ALPHABET) ** 6 > 5e8


def test_only_the_secret_leads(rooms, room):
    assert rooms.led_by(room.code.lower(), room.secret) is room
    other = rooms.open()
    for secret in ("", room.code, other.secret, room.secret[:-1], "é"):
        with pytest.raises(PermissionError):
            rooms.led_by(room.code, secret)
    with pytest.raises(KeyError):
        rooms.led_by("AAAAAA", room.secret)


def test_a_place_is_new_only_if_it_differs_and_its_link_is_short(rooms, room):
    rooms.lead(room, PLAIN, 2, VIEW)
    version = room.version
    rooms.lead(room, PLAIN, 2, VIEW + "&seed=0&walkers=150")
    assert (room.version, room.place.view) == (version, VIEW)
    rooms.lead(room, PLAIN, 2, VIEW + "&seed=1")
    assert room.version == version + 1


@pytest.mark.parametrize(
    ("scene", "stage", "view"),
    [
        (-1, 2, VIEW),
        (10_000, 2, VIEW),
        (True, 2, VIEW),
        ("0", 2, VIEW),
        (0, 3, VIEW),
        (0, None, VIEW),
        (0, 2, "javascript:alert(1)"),
        (0, 2, "https://example.org/?tab=none"),
        (0, 2, "?tab=score-field&sigma=1e9"),
        (0, 2, VIEW + "&strokes=" + "A" * 9_000),
        (0, 2, ["?tab=score-field"]),
    ],
)
def test_a_place_that_does_not_exist_is_refused(rooms, room, scene, stage, view):
    before = room.place
    with pytest.raises(ValueError, match=r"must be|names no section"):
        rooms.lead(room, scene, stage, view)
    assert room.place == before


def test_a_student_has_one_answer_which_may_change_until_the_answers_are_shown(rooms, room):
    rooms.answer(room, STUDENTS[0], NUMBER, 1)
    rooms.answer(room, STUDENTS[1], NUMBER, 2)
    rooms.answer(room, STUDENTS[0], NUMBER, 3)
    assert room.answers[NUMBER] == {STUDENTS[0]: 3, STUDENTS[1]: 2}
    rooms.lead(room, NUMBER, 1, lecture()[NUMBER].view)
    with pytest.raises(ValueError, match="not open"):
        rooms.answer(room, STUDENTS[0], NUMBER, 1)


@pytest.mark.parametrize(
    ("student", "scene", "answer", "reason"),
    [
        ("x", NUMBER, 1, "32 hexadecimal digits"),
        (None, NUMBER, 1, "32 hexadecimal digits"),
        (STUDENTS[0] + "0", NUMBER, 1, "32 hexadecimal digits"),
        (STUDENTS[0], NUMBER + 1, 1, "not open"),
        (STUDENTS[0], None, 1, "not open"),
        (STUDENTS[0], NUMBER, "<b>1</b>", "must be a number"),
        (STUDENTS[0], NUMBER, float("nan"), "must be a number"),
        (STUDENTS[0], NUMBER, {"a": 1}, "must be a number"),
    ],
)
def test_an_answer_that_is_not_valid_is_refused(rooms, room, student, scene, answer, reason):
    with pytest.raises(ValueError, match=reason):
        rooms.answer(room, student, scene, answer)
    assert not room.answers.get(NUMBER)


def test_a_room_takes_so_many_answers_and_no_more(rooms, room):
    for student in STUDENTS[:MAX_STUDENTS]:
        rooms.answer(room, student, NUMBER, 1)
    with pytest.raises(ValueError, match="answers already"):
        rooms.answer(room, STUDENTS[-1], NUMBER, 1)
    rooms.answer(room, STUDENTS[0], NUMBER, 2)  # who has answered may still change it


def test_rooms_end_after_some_hours(rooms, room, clock):
    clock.now = LIFETIME - 1
    assert rooms.find(room.code) is room
    clock.now = LIFETIME + 1
    with pytest.raises(KeyError):
        rooms.find(room.code)


def test_a_flood_of_rooms_is_refused_and_a_room_that_is_led_stays(rooms, room, clock):
    for _ in range(MAX_ROOMS - 1):
        rooms.open()
    with pytest.raises(ValueError, match="in use"):
        rooms.open()
    clock.now = IDLE + 1
    rooms.lead(room, PLAIN, 2, VIEW)
    for _ in range(MAX_ROOMS - 1):
        rooms.open()  # in the place of one that nobody has led for a while
    assert rooms.find(room.code) is room


def test_the_histogram_counts_every_answer_once():
    question = Question("", "", (), 0, 100, "")
    bars = histogram(question, [0, 9.9, 10, 55, 100])
    assert [count for _, count in bars] == [2, 1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert bars[1][0] == "10 to 20"
    assert [bin_of(question, value) for value in (0, 10, 55, 100)] == [0, 1, 5, BINS - 1]
    wide = Question("", "", (), 0, 12_000, "")
    assert histogram(wide, [])[1] == ("1,200 to 2,400", 0)
    choice = Question("", "", ("a", "b"))
    assert histogram(choice, ["b", "b"]) == [("a", 0), ("b", 2)]
    assert bin_of(choice, "b") == 1


def test_a_limit_is_that_of_a_minute(clock):
    limiter = Limiter(2, clock)
    assert [limiter.allows("a") for _ in range(3)] == [True, True, False]
    assert limiter.allows("b")
    clock.now = 61
    assert limiter.allows("a")
