"""The section In two dimensions of the notebook's mistakes: each beside the right way."""

from __future__ import annotations

from typing import Any

from diffusion.mistakes.registry import MISTAKES
from ui.components import Panel, PointPlayer
from ui.mistakes.mistakes_in_2d.compute import LESSONS, MistakesIn2dSettings, mistake_result
from ui.mistakes.shared_layout import lay_out, told
from ui.shared.controls import frames_per_second
from ui.shared.introduction import Introduction
from ui.shared.trajectories import LIMITS

INTRODUCTION = Introduction("", (), "")

TEXT = """
This page follows a tutorial whose code has mistakes that its pictures do not show. Here each runs
now, wrong and right by one line, from one seed. Grey: where the points should end.
SW2 ratio: the distance to such points over that among them; 1 is perfect, and of 500 points chance
alone makes 0.8 to 1.3.
"""


def show(settings: MistakesIn2dSettings) -> tuple[dict[str, Any], str, str, str, str, str]:
    """The player's payload, both lines of code, the lesson, the costs, and the sources."""
    result = mistake_result(settings)
    chosen = MISTAKES[settings.mistake]
    payload = PointPlayer.side_by_side(
        [
            Panel("wrong", {"points": result.wrong}, result.labels),
            Panel("right", {"points": result.right}, result.labels),
        ],
        limits=LIMITS,
        run="mistake " + settings.to_query(),
        alt=f"{settings.mistake}: the wrong run beside the right one",
        background=result.wanted,
        fps=frames_per_second(len(result.labels)),
    )
    return payload, *told(chosen, LESSONS[settings.mistake], result.costs)


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    lay_out(MistakesIn2dSettings, PointPlayer, INTRODUCTION, TEXT, show, old_endpoint="mistake")
