"""What *Score field* shows of its settings: the player's payload, a table and the drawing pad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ui.components import FieldPlayer
from ui.score.score_field.compute import SIGMA_MIN, ScoreFieldSettings, ScoreResult, score_results
from ui.score.score_field.fields import EMPIRICAL, EXACT, mixtures_of, score_name
from ui.shared.controls import frames_per_second
from ui.shared.drawing import LIMITS
from ui.shared.texts import facts_table
from ui.texts import Texts

TEXTS = Texts("score-field")


def show_parts(settings: ScoreFieldSettings) -> Iterator[tuple[dict[str, Any], str, str]]:
    """The player's payload, a table and the progress, of the walk so far."""
    for result in score_results(settings):
        yield _shown(settings, result)


def show(settings: ScoreFieldSettings) -> tuple[dict[str, Any], str, str]:
    """The player's payload, a table and how far it is, of the whole walk."""
    return _shown(settings, score_results.last(settings))


def _shown(settings: ScoreFieldSettings, result: ScoreResult) -> tuple[dict[str, Any], str, str]:
    done = len(result.labels) == result.num_frames
    far = TEXTS["finished"] if done else TEXTS.say("computed_up_to", label=result.labels[-1])
    return _payload(settings, result), facts_table(result.facts), far


def _payload(settings: ScoreFieldSettings, result: ScoreResult) -> dict[str, Any]:
    score = settings.subject().score
    mixtures = mixtures_of(settings.subject(), SIGMA_MIN)
    arrows_of = {EXACT: "log p", EMPIRICAL: "empirical"}.get(score, "")
    return FieldPlayer.payload(
        limits=LIMITS,
        run=settings.to_query(),
        alt=TEXTS.say(
            "alt",
            score=score_name(score),
            distribution=settings.data().label,
            sigma=settings.sigma,
            walkers=settings.walkers,
            x=settings.x,
            y=settings.y,
            dynamics=TEXTS.option("dynamics", settings.dynamics),
            num_steps=settings.num_steps,
        ),
        heats=result.heats,
        arrows_xy=result.arrows_xy,
        arrows_uv=result.arrows_uv,
        data=result.data,
        walkers=result.walkers,
        labels=result.labels,
        layers=result.layers,
        notes=result.notes,
        mixtures=mixtures,
        arrows_of=arrows_of if arrows_of in mixtures else "",
        unstable=result.unstable,
        fps=frames_per_second(result.num_frames),
        drop_hint=TEXTS["drop_hint"],
    )
