"""The section *Mistakes in 2D*: each mistake and the right way."""

from __future__ import annotations

from typing import Any

from diffusion.mistakes.registry import MISTAKES
from diffusion.mistakes.tutorial_lines import TUTORIAL_LINES
from ui.components import Panel, PointPlayer
from ui.mistakes.costs import measure_all
from ui.mistakes.mistakes_in_2d.compute import LESSONS, MistakesIn2dSettings, mistake_result
from ui.mistakes.shared_layout import explained, lay_out
from ui.shared.controls import frames_per_second
from ui.shared.introduction import Introduction, Try
from ui.shared.trajectories import LIMITS

INTRODUCTION = Introduction(
    "This page follows a tutorial whose code and text have mistakes that its pictures do not show. "
    "Each runs now, wrong and right, from one seed, and differs in the line shown.",
    (
        Try(
            "Draw uniform noise in Langevin dynamics",
            "The walkers drift to the upper right: the SW2 ratio is above 15, where the right way "
            "has a ratio that real points have too.",
            {"mistake": "uniform noise"},
        ),
        Try(
            "Start from noise that the schedule does not reach",
            "Nearly every point ends on the curve, but not in the right places along it.",
            {"mistake": "schedule short of noise"},
        ),
        Try(
            "Use a decoder for pixels on points",
            "Points with a coordinate beyond ±1 move off the roll, which are 31 % of all.",
            {"mistake": "decoder for pixels"},
        ),
    ),
    r"""
$$\text{SW2 ratio} = \frac{\mathbb{E}\, d(\text{points}, \text{wanted})}
{\mathbb{E}\, d(\text{wanted}, \text{wanted}')}$$

where $d$ is the sliced Wasserstein-2 distance.
""",
)

DETAILS = """
Grey points show where the points should end. An SW2 ratio of 1 is perfect. Real points have other
ratios too, since 500 points are a random sample: the table gives the least and the largest of 20
such sets. Within this range the measure cannot distinguish a run from real points. Where a right
run is above it, the text of the mistake says why. In Langevin dynamics the reason is mixing: more
steps lower the ratio, while the same Σε in steps of half the size changes it by no more than
sampling noise (`python -m benchmarks.langevin_mixing` prints these ratios).

Of real points 0.27 % are off the curve; a lower fraction is not
a virtue, since DDPM with the variance fixed_small makes the roll too thin, even with the
exact score.
"""


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
        alt=f"{settings.mistake}: the wrong and the right run",
        background=result.wanted,
        fps=frames_per_second(len(result.labels)),
    )
    name = settings.mistake
    low, high = result.real_band
    names = {"SW2 ratio": f"SW2 ratio (real points: {low:.2f} to {high:.2f})"}
    costs = {names.get(measure, measure): cost for measure, cost in result.costs.items()}
    return payload, *explained(chosen, TUTORIAL_LINES[name], LESSONS[name], costs)


SHOWS = [show]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    lay_out(
        MistakesIn2dSettings,
        PointPlayer,
        INTRODUCTION,
        DETAILS,
        show,
        old_endpoint="mistake",
        overview=measure_all(
            MistakesIn2dSettings, MISTAKES, lambda each: mistake_result(each).costs
        ),
    )
