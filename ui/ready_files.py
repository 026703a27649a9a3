"""Gradio's files, each read and compressed once, with the mended scripts in place of its own.

A page fetches eighty of them. Gradio looks for each on the disk and compresses it for each
visitor, four milliseconds of the processor for a file.
"""

from __future__ import annotations

import gzip
import mimetypes
import os
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ui.gradio_scripts import ASSETS, mended_scripts
from ui.shared.bounded import LastResults

DAY = 86_400  # seconds that a browser keeps a file: its name stays when a mend changes
MOST = 400
TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
"""The same always: what Python guesses depends on the system's lists, and Gradio changes it."""

COMPRESSED = (".js", ".css", ".svg", ".json")
"""Fonts and pictures are compressed as they are."""


def file_routes() -> list[BaseRoute]:
    """Answer with what is in `assets`; for `app_kwargs` of Gradio's launch."""
    files = Files()
    return [Route("/assets/{name}", files.answer)]


class Files:
    """The files that were fetched last, as they are sent."""

    def __init__(self) -> None:
        self.names = frozenset(os.listdir(ASSETS))
        self.kept: LastResults[tuple[str, bool], bytes] = LastResults(MOST)

    async def answer(self, request: Request) -> Response:
        """The file of a name, smaller for a browser that can read it so."""
        name = request.path_params["name"]
        if name not in self.names:
            raise HTTPException(404, "there is no such file")
        accepted = "gzip" in request.headers.get("accept-encoding", "")
        compressed = accepted and name.endswith(COMPRESSED)
        key = name, compressed
        if key not in self.kept:
            content = _content(name)
            self.kept[key] = gzip.compress(content) if compressed else content
        headers = {"cache-control": f"max-age={DAY}", "vary": "accept-encoding"}
        if compressed:
            headers["content-encoding"] = "gzip"
        return Response(self.kept[key], media_type=_type_of(name), headers=headers)


def _type_of(name: str) -> str | None:
    return TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]


def _content(name: str) -> bytes:
    mended = mended_scripts().get(name)
    return mended.encode() if mended else (ASSETS / name).read_bytes()
