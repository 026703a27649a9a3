"""The addresses of a lecture: the truths of its questions, its notes, its rooms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from ui.lecture.listening import SOUNDS, Draws, score, sound_files
from ui.lecture.requests import body_of, client_of, refuses
from ui.lecture.rooms import (
    MAX_STUDENTS,
    Limiter,
    Room,
    Rooms,
    bin_of,
    check_student,
    histogram,
)
from ui.lecture.scenes import Question, Scene
from ui.lecture.truths import TRUTHS
from ui.shared.qr_code import qr_response
from ui.shared.workers import result
from ui.sound.side_by_side.compute import SideBySideSettings
from ui.texts.scripts import fill

Result = TypeVar("Result")

MAX_LINK = 300  # characters
PING = 20.0
"""Seconds after which a silent stream says that it is still there, for the proxies on its way."""


class LectureRoutes:
    """What the lecture's addresses need to remember.

    Args:
        lecture: gives the scenes.
        shorten: makes the shortest link to a view, or raises ValueError.
    """

    def __init__(
        self, lecture: Callable[[], Sequence[Scene]], shorten: Callable[[str], str]
    ) -> None:
        self.lecture = lecture
        self.rooms = Rooms(lecture, shorten)
        self.followers: dict[str, set[asyncio.Event]] = {}
        self._opened, self._wrong, self._answered = Limiter(10), Limiter(60), Limiter(20)
        self._draws = Draws()
        self._truths: dict[int, Future[str | float]] = {}
        self._sounds: dict[int, Future[dict[str, bytes]]] = {}
        self._worker = ThreadPoolExecutor(1, "truths")  # one at a time, beside the page's own work

    def routes(self) -> list[BaseRoute]:
        """For `app_kwargs` of Gradio's launch."""
        rooms = [
            Route("/", self.open, methods=["POST"]),
            Route("/{code}", self.lead, methods=["PUT"]),
            Route("/{code}/places", self.follow),
            Route("/{code}/answers", self.answer, methods=["POST"]),
            Route("/{code}/answers/{scene:int}", self.answers),
            Route("/{code}/sounds/{scene:int}", self.sound_of_student),
            Route("/{code}/verdicts/{scene:int}", self.verdict_of_student),
            Route("/{code}/qr", self.qr),
        ]
        return [
            Mount(
                "/lecture",
                routes=[
                    Route("/notes", self.notes),
                    Route("/truths/{scene:int}", self.truth),
                    Route("/sounds/{scene:int}/{name}", self.sound),
                    Route("/verdicts/{scene:int}", self.verdict),
                    Mount("/rooms", routes=rooms),
                ],
            )
        ]

    async def notes(self, request: Request) -> Response:
        """The lecturer's notes, for a second window."""
        notes = (Path(__file__).parent / "notes.html").read_text(encoding="utf-8")
        return HTMLResponse(fill(notes))

    @refuses
    async def truth(self, request: Request) -> Response:
        """The truth of a scene's question, computed once."""
        index = request.path_params["scene"]
        scene, question = self._scene(index)
        compute = TRUTHS[question.truth]
        truth = await self._once(self._truths, index, partial(result, compute, scene.settings))
        return JSONResponse({"truth": truth, "bin": bin_of(question, question.check(truth))})

    async def _once(
        self, kept: dict[int, Future[Result]], index: int, compute: Callable[[], Result]
    ) -> Result:
        """What belongs to a scene, computed once."""
        if index not in kept:
            kept[index] = self._worker.submit(compute)
        try:
            return await asyncio.shield(asyncio.wrap_future(kept[index]))
        except Exception:  # the next one who needs it tries again
            kept.pop(index, None)
            raise

    @refuses
    async def sound(self, request: Request) -> Response:
        """A, B, or the X of someone alone, whose number is another for each trial."""
        index, name = request.path_params["scene"], request.path_params["name"]
        return await self._sound(index, self._drawn("", index, request) if name == "X" else name)

    @refuses
    async def sound_of_student(self, request: Request) -> Response:
        """The X of a student in a room."""
        room, index = self._found(request), request.path_params["scene"]
        return await self._sound(index, self._drawn(room.secret, index, request))

    async def _sound(self, index: int, name: str) -> Response:
        settings, question = self._listening(index)
        if name not in SOUNDS:
            raise KeyError(name)
        files = await self._once(
            self._sounds, index, partial(result, sound_files, settings, question.sounds)
        )
        headers = {"Cache-Control": "no-store"}  # X has one address and differs
        return Response(files[name], media_type="audio/wav", headers=headers)

    @refuses
    async def verdict(self, request: Request) -> Response:
        """Whether the answer of someone alone is right."""
        index = request.path_params["scene"]
        _, question = self._listening(index)
        answer = question.check(request.query_params.get("answer"))
        return JSONResponse({"right": answer == self._drawn("", index, request)})

    @refuses
    async def verdict_of_student(self, request: Request) -> Response:
        """Whether a student's answer is right, once the lecturer has shown the view."""
        room, index = self._found(request), request.path_params["scene"]
        self._listening(index)
        if index not in room.shown:
            raise ValueError("this question is still open")
        x = self._drawn(room.secret, index, request)
        return JSONResponse({"right": room.answers[index][request.query_params["student"]] == x})

    def _drawn(self, room: str, index: int, request: Request) -> str:
        student = check_student(request.query_params.get("student"))
        return self._draws.x(room, index, student)

    @refuses
    async def open(self, request: Request) -> Response:
        """Open a room; who gets the secret can lead it."""
        if not self._opened.allows(client_of(request)):
            raise OverflowError("too many rooms were opened from here: wait a minute")
        room = self.rooms.open()
        return JSONResponse({"code": room.code, "secret": room.secret}, 201)

    @refuses
    async def lead(self, request: Request) -> Response:
        """Take a room to another place."""
        room = self._led(request)
        body = await body_of(request)
        self.rooms.lead(room, body.get("scene"), body.get("stage"), body.get("view"))
        for follower in self.followers.get(room.code, ()):
            follower.set()
        return JSONResponse({"students": len(self.followers.get(room.code, ()))})

    @refuses
    async def follow(self, request: Request) -> Response:
        """The places of a room, one after the other, as server-sent events."""
        room = self._found(request)
        if len(self.followers.get(room.code, ())) >= MAX_STUDENTS:
            raise OverflowError(f"{MAX_STUDENTS} students follow already")
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            self._places(room), media_type="text/event-stream", headers=headers
        )

    async def _places(self, room: Room) -> AsyncIterator[str]:
        changed, sent = asyncio.Event(), 0
        followers = self.followers.setdefault(room.code, set())
        followers.add(changed)
        try:
            while self._goes_on(room):
                changed.clear()
                if room.version != sent:
                    sent = room.version
                    yield f"data: {json.dumps(vars(room.place))}\n\n"
                try:
                    await asyncio.wait_for(changed.wait(), PING)
                except TimeoutError:
                    yield ": still there\n\n"
            yield "event: ended\ndata: {}\n\n"
        finally:
            followers.discard(changed)
            if not followers:
                self.followers.pop(room.code, None)

    def _goes_on(self, room: Room) -> bool:
        try:
            return self.rooms.find(room.code) is room
        except KeyError:
            return False

    @refuses
    async def answer(self, request: Request) -> Response:
        """Take a student's answer."""
        room, body = self._found(request), await body_of(request)
        student = body.get("student")
        if not self._answered.allows(f"{room.code} {student!r:.40}"):
            raise OverflowError("too many answers: wait a minute")
        self.rooms.answer(room, student, body.get("scene"), body.get("answer"))
        return JSONResponse({})

    @refuses
    async def answers(self, request: Request) -> Response:
        """How many gave each answer, for the lecturer."""
        room, index = self._led(request), request.path_params["scene"]
        _, question = self._scene(index)
        given = room.answers.get(index, {})
        counted: dict[str, Any]
        if question.sounds:
            xs = {student: self._draws.x(room.secret, index, student) for student in given}
            counted = score([given[student] == xs[student] for student in given])
        else:
            counted = {"bins": histogram(question, given.values())}
        students = len(self.followers.get(room.code, ()))
        return JSONResponse({"students": students, "answers": len(given), **counted})

    @refuses
    async def qr(self, request: Request) -> Response:
        """The QR code of the link to a room, as the lecturer's browser knows the page."""
        room, page = self._found(request), request.query_params.get("page", "")
        if not page.startswith(("http://", "https://")) or not 8 < len(page) <= MAX_LINK:
            raise ValueError(f"page must be an address of at most {MAX_LINK} characters")
        return qr_response(f"{page}?room={room.code}")

    def _scene(self, index: int) -> tuple[Scene, Question]:
        scenes = self.lecture()
        question = scenes[index].question if 0 <= index < len(scenes) else None
        if question is None:
            raise KeyError(index)
        return scenes[index], question

    def _listening(self, index: int) -> tuple[SideBySideSettings, Question]:
        scene, question = self._scene(index)
        if not question.sounds or not isinstance(scene.settings, SideBySideSettings):
            raise KeyError(index)
        return scene.settings, question

    def _found(self, request: Request) -> Room:
        """The room of the address; who tries many wrong codes has to wait."""
        try:
            return self.rooms.find(request.path_params["code"])
        except KeyError:
            if not self._wrong.allows(client_of(request)):
                raise OverflowError("too many wrong codes from here: wait a minute") from None
            raise

    def _led(self, request: Request) -> Room:
        room = self._found(request)
        secret = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.rooms.led_by(room.code, secret)
