"""What the lecture's addresses have in common: errors as sentences, and bodies as JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MAX_BODY = 16_384  # bytes

Routes = TypeVar("Routes")
Handler = Callable[[Routes, Request], Awaitable[Response]]


def refuses(handle: Handler[Routes]) -> Handler[Routes]:
    """Answer an error with its sentence and no more."""

    @wraps(handle)
    async def refusing(self: Routes, request: Request) -> Response:
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


def client_of(request: Request) -> str:
    """The address that a request came from."""
    return request.client.host if request.client else ""


async def body_of(request: Request) -> dict[str, Any]:
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
