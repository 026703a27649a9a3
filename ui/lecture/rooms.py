"""Rooms in which students follow a lecturer: codes, who may lead, and what students answered.

Everything stays in memory, and a room ends some hours after it was opened. Nothing is known of a
student but a random number that their browser chose.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cachetools import TTLCache

from ui.lecture.scenes import Question, Scene
from ui.shared.control_types import readable
from ui.texts import Texts

SHARED = Texts("shared")

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""The codes consist of these, without 0, O, 1, I and L, which look alike on a projector."""

CODE_LENGTH = 6
"""31⁶ = 887 million codes: with 100 rooms and 60 wrong ones a minute, a guess takes months."""

LIFETIME = 4 * 3600.0  # seconds
IDLE = 600.0
"""Seconds without a change after which a room makes place for another one, if all are taken."""

MAX_ROOMS, MAX_STUDENTS = 100, 500
MAX_VIEW = 8_000  # characters: a drawing has up to 4,000
BINS = 10
SHOWS = 2
"""The stage of a place at which its view is shown."""
STUDENT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Place:
    """Where the lecturer is.

    Attributes:
        scene: its index.
        stage: 0 for a question, 1 for the answers of the class, 2 for the view.
        view: the link to what the lecturer sees.
    """

    scene: int
    stage: int
    view: str


@dataclass
class Room:
    """A room.

    Attributes:
        code: which students type.
        secret: which leads.
        changed: when it was led last, in seconds.
        place: where the lecturer is.
        version: grows with each new place.
        answers: by scene and student.
        shown: the scenes whose view was shown.
    """

    code: str
    secret: str
    changed: float
    place: Place = field(default_factory=lambda: Place(0, 0, ""))
    version: int = 0
    answers: dict[int, dict[str, str | float]] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)


class Rooms:
    """All rooms of a server.

    Args:
        lecture: gives the scenes.
        shorten: makes the shortest link to a view, or raises ValueError.
        clock: seconds.
    """

    def __init__(
        self,
        lecture: Callable[[], Sequence[Scene]],
        shorten: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lecture = lecture
        self._shorten = shorten
        self._clock = clock
        self._rooms: TTLCache[str, Room] = TTLCache(MAX_ROOMS, LIFETIME, timer=clock)

    def open(self) -> Room:
        """A new room.

        Raises:
            ValueError: if there are too many.
        """
        self._rooms.expire()
        if len(self._rooms) >= MAX_ROOMS:
            self._close_idle()
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        room = Room(code, secrets.token_urlsafe(24), self._clock())
        self._rooms[code] = room
        return room

    def _close_idle(self) -> None:
        oldest = min(self._rooms.values(), key=lambda room: room.changed)
        if self._clock() - oldest.changed < IDLE:
            raise ValueError(f"all {MAX_ROOMS} rooms are in use: try again later")
        del self._rooms[oldest.code]

    def find(self, code: str) -> Room:
        """The room of a code, in upper or lower case.

        Raises:
            KeyError: if there is none, or if it has ended.
        """
        return self._rooms[code.upper()]

    def led_by(self, code: str, secret: str) -> Room:
        """The room, for its lecturer.

        Raises:
            KeyError: if there is none.
            PermissionError: if the secret is another.
        """
        room = self.find(code)
        if not secrets.compare_digest(room.secret.encode(), secret.encode()):
            raise PermissionError("only the browser that opened the room can lead it")
        return room

    def lead(self, room: Room, scene: object, stage: object, view: object) -> None:
        """Go to a place, with all who follow; see `Place`.

        Raises:
            ValueError: if there is no such place.
        """
        most = len(self._lecture()) - 1
        if type(scene) is not int or not 0 <= scene <= most:
            raise ValueError(f"scene must be an integer in [0, {most}], got {scene!r:.40}")
        if type(stage) is not int or not 0 <= stage <= 2:
            raise ValueError(f"stage must be an integer in [0, 2], got {stage!r:.40}")
        if not isinstance(view, str) or len(view) > MAX_VIEW:
            raise ValueError(f"view must be a link of at most {MAX_VIEW:,} characters")
        place = Place(scene, stage, self._shorten(view))
        room.changed = self._clock()
        if stage == SHOWS:
            room.shown.add(scene)
        if place != room.place:
            room.place = place
            room.version += 1

    def answer(self, room: Room, student: object, scene: object, answer: object) -> None:
        """Keep a student's answer to the question that is open; a later one replaces it.

        Raises:
            ValueError: if the question is not open, or if the student or the answer is not valid.
                One of blind listening stays closed: with the view each student heard which X was.
        """
        student = check_student(student)
        question = self._lecture()[room.place.scene].question
        if scene != room.place.scene or room.place.stage > 0 or question is None:
            raise ValueError("this question is not open")
        if question.sounds and scene in room.shown:
            raise ValueError("this room knows X already: another test needs a new room")
        answers = room.answers.setdefault(room.place.scene, {})
        if student not in answers and len(answers) >= MAX_STUDENTS:
            raise ValueError(f"the room has {MAX_STUDENTS} answers already")
        answers[student] = question.check(answer)


def check_student(student: object) -> str:
    """The random number that a student's browser chose.

    Raises:
        ValueError: if it is none.
    """
    if not isinstance(student, str) or not STUDENT.fullmatch(student):
        raise ValueError("student must be 32 hexadecimal digits")
    return student


def histogram(question: Question, answers: Iterable[str | float]) -> list[tuple[str, int]]:
    """How many gave each answer: of a number, in ten equal intervals of its range."""
    if question.choices:
        counts = Counter(answers)
        return [(choice, counts[choice]) for choice in question.choices]
    width = (question.high - question.low) / BINS
    edges = [question.low + i * width for i in range(BINS + 1)]
    bins = Counter(bin_of(question, float(answer)) for answer in answers)
    ends = pairwise(map(readable, edges))
    names = [SHARED.say("interval", low=low, high=high) for low, high in ends]
    return [(name, bins[i]) for i, name in enumerate(names)]


def bin_of(question: Question, value: str | float) -> int:
    """Which entry of the histogram a value belongs to."""
    if question.choices:
        return question.choices.index(str(value))
    return min(int((float(value) - question.low) / (question.high - question.low) * BINS), BINS - 1)


class Limiter:
    """At most some calls a minute for each name; those of the last minute's start are counted."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._calls: TTLCache[str, list[int]] = TTLCache(10_000, 60.0, timer=clock)

    def allows(self, name: str) -> bool:
        """Count one more call; whether it is still within the limit."""
        count = self._calls.get(name)
        if count is None:
            count = self._calls[name] = [0]
        count[0] += 1
        return count[0] <= self.most
