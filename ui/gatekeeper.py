"""What stands before all of the server's addresses: it refuses what no page sends."""

from __future__ import annotations

import itertools
import traceback

from gradio.exceptions import Error, InvalidPathError
from gradio.route_utils import FnIndexInferError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.shared.long_results import ARRIVAL

MAX_BODY = 1_000_000  # bytes; a drawing has some ten thousand
LONGEST_SENTENCE = 300  # characters
UPLOAD = "/gradio_api/upload"
"""Where Gradio takes files, whose size `max_file_size` limits."""

NOT_OURS = ("/gradio_api/process_recording", "/gradio_api/deep_link", "/gradio_api/proxy=")
"""Addresses of Gradio for what this page has not: videos, links kept by the server, other apps."""


class Gatekeeper:
    """Middleware that counts requests, limits what is read, and answers each error in one sentence.

    Gradio alone would read a body of any size, and keep it; and what is wrong with a call before
    it comes to its function would be an answer 500 without a word.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.arrivals = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, begun = scope["path"], False
        arrival = ARRIVAL.encode(), str(next(self.arrivals)).encode()
        scope = {**scope, "headers": [arrival, *scope["headers"]]}  # the first of a name counts

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            if path.startswith(NOT_OURS):
                raise HTTPException(404, "there is nothing at this address")
            await self.app(scope, receive if path == UPLOAD else _limited(receive), noted)
        except Exception as error:
            if begun:
                raise
            await _answer_to(error)(scope, receive, send)


def _limited(receive: Receive) -> Receive:
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY:
            raise HTTPException(413, f"at most {MAX_BODY:,} bytes are read")
        return message

    return limited


def _answer_to(error: Exception) -> JSONResponse:
    if isinstance(error, HTTPException):
        status, sentence = error.status_code, error.detail
    elif isinstance(error, Error):
        status, sentence = 400, error.message
    elif isinstance(error, InvalidPathError):
        status, sentence = 400, "only files that were uploaded to this page can be read"
    elif isinstance(error, LookupError | FnIndexInferError):
        status, sentence = 404, "the request names something that is not there"
    elif isinstance(error, ValueError | TypeError):  # a call with too few values, or other names
        status, sentence = 400, str(error).partition("\n")[0][:LONGEST_SENTENCE]
    else:
        traceback.print_exception(error)
        status, sentence = 500, "the server could not answer this request"
    return JSONResponse({"detail": sentence}, status)
