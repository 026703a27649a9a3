"""What *Score field* does in the browser, without the server."""

from __future__ import annotations

import json

from diffusion.data.distributions import DISTRIBUTIONS
from ui.score.score_field.fields import DRAWN, EXACT, scores_of

PREVIEW = """(sigma) => {
  document.querySelector("#score-player [data-run]")
    ?.dispatchEvent(new CustomEvent("preview", { detail: sigma }));
  return []; }"""
"""JavaScript that shows the field of another σ while its slider moves."""


def offer_script() -> str:
    """JavaScript that offers the scores of the chosen distribution.

    Choices that Python changes would become the only ones that Gradio accepts in this session, and
    old links and tries name others.
    """
    offered = {name: scores_of(name) for name in (*DISTRIBUTIONS, DRAWN)}
    return (
        "(distribution, score) => {"
        f" const offered = {json.dumps(offered)}[distribution];"
        f" const value = offered.includes(score) ? score : {json.dumps(EXACT)};"
        " const choices = offered.map((name) => [name, name]);"
        " return {__type__: 'update', choices, value}; }"
    )
