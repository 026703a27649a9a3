"""A view as a Jupyter notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ui.hand_on.titles import in_markdown
from ui.shared.python_code import program
from ui.shared.section import Section
from ui.shared.settings import Settings
from ui.sound.sound_views import SAMPLE_RATE

HOW_TO_RUN = """
## To run this notebook

It needs Python 3.11 and the packages `diffusion` and `synth`. In the folder of the project,

    pip install . notebook

installs them with the trained networks. The notebook downloads nothing.
"""


def notebook(section: Section, settings: Settings, link: str, title: str = "") -> dict[str, Any]:
    """A notebook of format 4.5 that computes the numbers of a view.

    Args:
        section: whose view it is.
        settings: of the view.
        link: to the view on the page.
        title: of the view, if it has one.

    Returns:
        What the file has as JSON.
    """
    introduction = section.introduction
    heading = settings.heading()
    if title:
        heading = f"{in_markdown(title)}\n\n## {heading}"
    begin = [f"# {heading}", introduction.what_you_see, f"[This view on the page]({link})"]
    return {
        "cells": [
            _markdown("begin", "\n\n".join(begin)),
            _markdown("equation", f"## Equation\n\n{introduction.equation}"),
            _markdown("install", HOW_TO_RUN.strip()),
            _code("code", section.as_python(settings)),
            *([_code("listen", _listen(section.heard))] if section.heard else []),
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _listen(heard: Sequence[str]) -> str:
    return program(
        "from IPython.display import Audio, display",
        f"""
        for sound in [{", ".join(heard)}]:
            display(Audio(sound, rate={SAMPLE_RATE}))
        """,
    )


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(name: str, program: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": program.rstrip(),
    }
