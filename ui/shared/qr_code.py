"""QR codes of links."""

from __future__ import annotations

from io import BytesIO

import segno
from starlette.responses import Response

MAX_LINK = 1_000
"""Characters: a code of more can hardly be read from a screen."""


def qr_response(link: str) -> Response:
    """The QR code of a link, as SVG.

    Raises:
        ValueError: if it is no address of a page, or too long.
    """
    if not link.startswith(("http://", "https://")) or not 8 < len(link) <= MAX_LINK:
        raise ValueError(f"a link must be an address of at most {MAX_LINK:,} characters")
    image = BytesIO()
    code = segno.make(link, micro=False)
    code.save(image, kind="svg", border=4, light="#fff", omitsize=True)
    return Response(image.getvalue(), media_type="image/svg+xml")
