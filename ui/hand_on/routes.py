"""The addresses from which a view is taken along: its Python, its notebook, its QR code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from ui.hand_on.notebook import notebook
from ui.hand_on.titles import title_of
from ui.shared.qr_code import qr_response
from ui.shared.section import Section
from ui.shared.settings import Settings

PAGE = re.compile(r"https?://[\w.:\[\]/%~-]{1,290}", re.ASCII)
"""Without a query, which is that of the view."""

Handler = Callable[["HandOnRoutes", Request], Response]


def _refuses(handle: Handler) -> Handler:
    """Answer what is not understood with its sentence and no more."""

    @wraps(handle)
    def refusing(self: HandOnRoutes, request: Request) -> Response:
        try:
            return handle(self, request)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)

    return refusing


class HandOnRoutes:
    """Each answers from its address alone; Starlette calls them in threads, beside its own work.

    Args:
        sections: gives those of the page.
    """

    def __init__(self, sections: Callable[[], Sequence[Section]]) -> None:
        self.sections = sections

    def routes(self) -> list[BaseRoute]:
        """For `app_kwargs` of Gradio's launch."""
        paths = {"/python": self.python, "/notebook": self.notebook, "/qr": self.qr}
        return [Mount("/hand-on", routes=[Route(path, each) for path, each in paths.items()])]

    @_refuses
    def python(self, request: Request) -> Response:
        """The program of the view `?tab=…`."""
        section, settings = self._view(request)
        return PlainTextResponse(section.as_python(settings))

    @_refuses
    def notebook(self, request: Request) -> Response:
        """The notebook of the view `?tab=…`; `page` is the address of the page."""
        section, settings = self._view(request)
        page = request.query_params.get("page", "")
        if not PAGE.fullmatch(page):  # it becomes a link in a file that this server hands out
            raise ValueError("page must be the address of a page")
        title = title_of(request.query_params)
        titled = f"&{urlencode({'title': title})}" if title else ""
        content = notebook(section, settings, page + settings.to_link() + titled, title)
        return JSONResponse(content, media_type="application/x-ipynb+json")

    @_refuses
    def qr(self, request: Request) -> Response:
        """The QR code of `link`."""
        return qr_response(request.query_params.get("link", ""))

    def _view(self, request: Request) -> tuple[Section, Any]:
        query = dict(request.query_params)
        for section in self.sections():
            kind: type[Settings] = section.settings
            if kind.is_at(query.get("tab")):
                return section, kind.from_query(query)
        raise ValueError(f"no section of the page is at tab={query.get('tab')!s:.40}")
