"""The strip of *Score field*: walkers at ten steps of Langevin dynamics."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from ui.score.score_field.compute import PLAIN, ScoreFieldSettings, score_results
from ui.score.score_field.fields import score_name
from ui.shared.drawing import LIMITS
from ui.shared.figures import INK, STYLES
from ui.shared.models import frames_to_keep
from ui.shared.strips import PANELS, Strip
from ui.shared.trajectories import draw_points
from ui.texts import Texts

TEXTS = Texts("score-field")


def walk_strip(settings: ScoreFieldSettings) -> Strip:
    """The walkers in the field of the score, at ten steps of the walk."""
    result = score_results.last(settings)
    kept = frames_to_keep(len(result.labels), PANELS)
    sigma = f", σ = {settings.sigma:g}" if settings.dynamics == PLAIN else ""

    sizes = np.linalg.norm(result.arrows_uv, axis=1, keepdims=True)
    arrows = result.arrows_uv / (sizes + 1e-9) * np.log1p(sizes)  # as long as the tutorial's

    def draw(axes: Axes, row: int, column: int) -> None:
        axes.quiver(*result.arrows_xy.T, *arrows.T, color=INK, width=0.004)
        axes.scatter(result.data[:, 0], result.data[:, 1], s=0.3, color=STYLES[1][0], alpha=0.4)
        draw_points(axes, result.walkers[kept[column]], LIMITS)

    score = settings.subject().score
    return Strip(
        name=f"score-field-{settings.distribution}-{score}-{settings.dynamics}-sigma-"
        f"{settings.sigma:g}-seed-{settings.seed}".replace(" ", "-"),
        description=TEXTS.say(
            "strip",
            walkers=settings.walkers,
            count=len(kept),
            dynamics=TEXTS.option("dynamics", settings.dynamics),
            score=score_name(score),
        ),
        titles=[[result.labels[frame] + sigma for frame in kept]],
        draw=draw,
    )
