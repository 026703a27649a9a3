"""The section *Mistakes in 2D*: each mistake and the right way."""

from __future__ import annotations

from typing import Any

from diffusion.mistakes.registry import MISTAKES
from diffusion.mistakes.tutorial_lines import TUTORIAL_LINES
from ui.components import Panel, PointPlayer
from ui.mistakes.costs import measure_all
from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings, mistake_result
from ui.mistakes.shared_layout import explained, lay_out
from ui.shared.controls import frames_per_second
from ui.shared.introduction import Introduction
from ui.shared.trajectories import LIMITS
from ui.texts import Texts

TEXTS = Texts("mistakes-in-2d")

INTRODUCTION = Introduction(
    MistakesIn2dSettings,
    {
        "uniform_noise": {"mistake": "uniform noise"},
        "short_schedule": {"mistake": "schedule short of noise"},
        "decoder": {"mistake": "decoder for pixels"},
    },
)


def show(settings: MistakesIn2dSettings) -> tuple[dict[str, Any], str, str, str, str, str]:
    """The player's payload, the lines of code, the lesson, the costs, and the sources."""
    result = mistake_result(settings)
    chosen = MISTAKES[settings.mistake]
    payload = PointPlayer.side_by_side(
        [
            Panel("wrong", {"points": result.wrong}, result.labels),
            Panel("right", {"points": result.right}, result.labels),
        ],
        limits=LIMITS,
        run="mistake " + settings.to_query(),
        alt=TEXTS.say("alt", mistake=TEXTS.option("mistake", settings.mistake)),
        background=result.wanted,
        fps=frames_per_second(len(result.labels)),
    )
    name = settings.mistake
    low, high = result.real_band
    names = {"SW2 ratio": TEXTS.say("ratio", low=low, high=high)}
    costs = {names.get(measure, measure): cost for measure, cost in result.costs.items()}
    return payload, *explained(chosen, TUTORIAL_LINES[name], TEXTS[f"lessons.{name}"], costs)


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    lay_out(
        MistakesIn2dSettings,
        PointPlayer,
        INTRODUCTION,
        TEXTS["details"],
        show,
        old_endpoint="mistake",
        overview=measure_all(
            MistakesIn2dSettings, MISTAKES, lambda each: mistake_result(each).costs
        ),
    )
