"""The title that a visitor gives a view, in its link as `title=…`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

MAX_TITLE = 80
"""Characters: a line on a laptop."""


def title_of(query: Mapping[str, str]) -> str:
    """The title in the query of a link; "" if it has none.

    Raises:
        ValueError: if it is too long, or has characters that are not seen (line breaks, controls).
    """
    title = query.get("title", "").strip()
    if len(title) > MAX_TITLE:
        raise ValueError(
            f"the title of a view must have at most {MAX_TITLE} characters, got {len(title)}"
        )
    if any(unicodedata.category(each)[0] == "C" or each in "\u2028\u2029" for each in title):
        raise ValueError("the title of a view must be one line of characters that are seen")
    return title


def in_markdown(text: str) -> str:
    """A text that Markdown shows as it is: nobody's title becomes a link, a tag or a formula."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
