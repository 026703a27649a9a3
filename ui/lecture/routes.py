"""The addresses of a lecture: the truths of its questions, its notes, its rooms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from ui.lecture.rooms import MAX_STUDENTS, Limiter, Room, Rooms, bin_of, histogram
from ui.lecture.scenes import Question, Scene
from ui.lecture.truths import TRUTHS
from ui.shared.qr_code import qr_response
from ui.texts.scripts import fill

MAX_BODY = 16_384  # bytes
MAX_LINK = 300  # characters
PING = 20.0
"""Seconds after which a silent stream says that it is still there, for the proxies on its way."""

Handler = Callable[["LectureRoutes", Request], Awaitable[Response]]


def _refuses(handle: Handler) -> Handler:
    """Answer an error with its sentence and no more."""

    @wraps(handle)
    async def refusing(self: LectureRoutes, request: Request) -> Response:
        try:
            return await handle(self, request)
        except KeyError:
            return JSONResponse({"error": "there is no such room or question"}, 404)
        except PermissionError as error:
            return JSONResponse({"error": str(error)}, 403)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        except OverflowError as error:
            return JSONResponse({"error": str(error)}, 429)

    return refusing


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
        self._truths: dict[int, Future[str | float]] = {}
        self._worker = ThreadPoolExecutor(1, "truths")  # one at a time, beside the page's own work

    def routes(self) -> list[BaseRoute]:
        """For `app_kwargs` of Gradio's launch."""
        rooms = [
            Route("/", self.open, methods=["POST"]),
            Route("/{code}", self.lead, methods=["PUT"]),
            Route("/{code}/places", self.follow),
            Route("/{code}/answers", self.answer, methods=["POST"]),
            Route("/{code}/answers/{scene:int}", self.answers),
            Route("/{code}/qr", self.qr),
        ]
        return [
            Mount(
                "/lecture",
                routes=[
                    Route("/notes", self.notes),
                    Route("/truths/{scene:int}", self.truth),
                    Mount("/rooms", routes=rooms),
                ],
            )
        ]

    async def notes(self, request: Request) -> Response:
        """The lecturer's notes, for a second window."""
        notes = (Path(__file__).parent / "notes.html").read_text(encoding="utf-8")
        return HTMLResponse(fill(notes))

    @_refuses
    async def truth(self, request: Request) -> Response:
        """The truth of a scene's question, computed once."""
        index = request.path_params["scene"]
        scene, question = self._scene(index)
        if index not in self._truths:
            computed = self._worker.submit(TRUTHS[question.truth], scene.settings)
            self._truths[index] = computed
        try:
            truth = await asyncio.shield(asyncio.wrap_future(self._truths[index]))
        except Exception:  # the next one who needs it tries again
            self._truths.pop(index, None)
            raise
        return JSONResponse({"truth": truth, "bin": bin_of(question, question.check(truth))})

    @_refuses
    async def open(self, request: Request) -> Response:
        """Open a room; who gets the secret can lead it."""
        if not self._opened.allows(_client(request)):
            raise OverflowError("too many rooms were opened from here: wait a minute")
        room = self.rooms.open()
        return JSONResponse({"code": room.code, "secret": room.secret}, 201)

    @_refuses
    async def lead(self, request: Request) -> Response:
        """Take a room to another place."""
        room = self._led(request)
        body = await _body(request)
        self.rooms.lead(room, body.get("scene"), body.get("stage"), body.get("view"))
        for follower in self.followers.get(room.code, ()):
            follower.set()
        return JSONResponse({"students": len(self.followers.get(room.code, ()))})

    @_refuses
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

    @_refuses
    async def answer(self, request: Request) -> Response:
        """Take a student's answer."""
        room, body = self._found(request), await _body(request)
        student = body.get("student")
        if not self._answered.allows(f"{room.code} {student!r:.40}"):
            raise OverflowError("too many answers: wait a minute")
        self.rooms.answer(room, student, body.get("scene"), body.get("answer"))
        return JSONResponse({})

    @_refuses
    async def answers(self, request: Request) -> Response:
        """How many gave each answer, for the lecturer."""
        room, index = self._led(request), request.path_params["scene"]
        _, question = self._scene(index)
        given = list(room.answers.get(index, {}).values())
        students = len(self.followers.get(room.code, ()))
        bins = histogram(question, given)
        return JSONResponse({"students": students, "answers": len(given), "bins": bins})

    @_refuses
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

    def _found(self, request: Request) -> Room:
        """The room of the address; who tries many wrong codes has to wait."""
        try:
            return self.rooms.find(request.path_params["code"])
        except KeyError:
            if not self._wrong.allows(_client(request)):
                raise OverflowError("too many wrong codes from here: wait a minute") from None
            raise

    def _led(self, request: Request) -> Room:
        room = self._found(request)
        secret = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.rooms.led_by(room.code, secret)


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        ValueError: if it is none, or too long.
    """
    text = b""
    async for part in request.stream():
        text += part
        if len(text) > MAX_BODY:
            raise ValueError(f"at most {MAX_BODY:,} bytes are read")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the body must be JSON") from None
    if not isinstance(body, dict):
        raise ValueError("the body must be an object")
    return body
