"""The page as the browser gets it: made once, small on its way, and quickly read.

Gradio makes it anew for each visitor, in a tenth of a second of the processor, with its description
of 780 components as a program that the browser compiles. Here it is made once for each address
under which the server is known, and the description is data. The files that the browser will fetch
are named at its top, so that they come while it is read.
"""

from __future__ import annotations

import gzip
import json
import re
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.first_files import first_files
from ui.shared.bounded import LastResults

ADDRESSES = 6
"""Under how many the page is kept; the server has one as a rule."""

NAMED_BY = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
"""Headers from which Gradio finds its own address, which is in the page."""

DATA = re.compile(r"<script>window\.(gradio_config|gradio_api_info) = (.*?);</script>", re.DOTALL)

BASE = re.compile(r"<base [^>]*>")
"""What the addresses of files are relative to."""

UNREAD = ("api_info", "api_info_as_input", "api_info_as_output", "example_inputs", "skip_api")
"""What a component's description has for programs, which read them at another address."""


class ReadyPage:
    """Middleware that keeps the page. It has no users: Gradio would put their names into it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.pages: LastResults[tuple[str | None, ...], tuple[bytes, bytes]] = LastResults(
            ADDRESSES, megabytes=20
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page that is kept, or hand the request on."""
        if not _asks_for_page(scope):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = (scope["scheme"], scope.get("root_path"), *map(headers.get, NAMED_BY))
        if key not in self.pages:
            answer = await self._answer(scope, receive)
            if answer[0]["status"] != HTTPStatus.OK:
                for message in answer:
                    await send(message)
                return
            page = improved(b"".join(each.get("body", b"") for each in answer).decode()).encode()
            self.pages[key] = page, gzip.compress(page)
        page, packed = self.pages[key]
        if "gzip" in headers.get("accept-encoding", ""):
            sent = HTMLResponse(packed, headers={"content-encoding": "gzip"})
        else:
            sent = HTMLResponse(page)
        sent.headers["vary"] = "accept-encoding"
        await sent(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> list[Message]:
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, collect)
        return messages


def _asks_for_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
        return False
    return b"deep_link" not in scope["query_string"]  # Gradio's own links, kept by the server


def improved(page: str) -> str:
    """Gradio's page, with its descriptions as data and its files named at the top."""
    found = {name: json.loads(text) for name, text in DATA.findall(page)}
    config = found.get("gradio_config")
    if not config or "layout" not in config:  # of another Gradio
        return page
    for component in config["components"]:
        for name in UNREAD:
            component.pop(name, None)
    links = "".join(map(_link, first_files(config)))
    page = DATA.sub(lambda match: _as_data(match[1], found[match[1]]), page)
    return BASE.sub(lambda match: match[0] + links, page, count=1)


def _as_data(name: str, value: Any) -> str:
    """A script of data, which the browser does not compile, and what reads it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    read = f'JSON.parse(document.getElementById("{name}").textContent)'
    return (
        f'<script type="application/json" id="{name}">{text}</script>'
        f"<script>window.{name} = {read};</script>"
    )


def _link(name: str) -> str:
    if name.endswith(".js"):
        return f'<link rel="modulepreload" crossorigin href="./assets/{name}">'
    kind = "style" if name.endswith(".css") else "font"
    return f'<link rel="preload" as="{kind}" crossorigin href="./assets/{name}">'
