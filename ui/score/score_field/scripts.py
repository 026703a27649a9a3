"""What *Score field* does in the browser, without the server."""

from __future__ import annotations

PREVIEW = """(sigma) => {
  document.querySelector("#score-player [data-run]")
    ?.dispatchEvent(new CustomEvent("preview", { detail: sigma }));
  return []; }"""
"""JavaScript that shows the field of another σ while its slider moves."""
