"""What *Train score* computes: a network that learns the score of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

import torch
from torch import Tensor, nn

from diffusion import score_of
from diffusion.evaluation.metrics import relative_error
from diffusion.training.live_presets import LiveNetwork, score_training
from diffusion.training.objectives import ScoreMatching, least_loss
from ui.components import Curve, TrainingPlayer
from ui.components.base import Packed, Payload
from ui.score.score_field.fields import EXACT, Subject, field, noised_points, score_at
from ui.shared.cache import computed_once
from ui.shared.controls import frames_per_second
from ui.shared.data import (
    PRIVATE,
    Data,
    HasData,
    distribution_choice,
    distribution_of,
    strokes_text,
)
from ui.shared.drawing import LIMITS
from ui.shared.live_training import LOSS_STRIDE, Growing, Histories, TrainingHistory, train
from ui.shared.settings import Settings, choice, number, seed
from ui.texts import Texts

TEXTS = Texts("train-score")


MAX_FRAMES = 60
GOAL = 0.2

IMPLICIT = "implicit (Hyvärinen)"
METHODS: dict[str, ScoreMatching] = {
    IMPLICIT: "explicit",
    "sliced": "sliced",
    "denoising": "denoising",
}
"""The losses by their names on the page; for Vincent 2011 an *explicit* one needs ∇ log p."""


@dataclass(frozen=True)
class TrainScoreSettings(HasData, Settings):
    """The controls of *Train score*."""

    title: ClassVar[str] = "Train score"
    not_linked: ClassVar[Mapping[str, str | None]] = PRIVATE
    method: str = choice("denoising", tuple(METHODS), old_options={"explicit": IMPLICIT})
    sigma: float = number(0.03, 0.01, 1.0, 0.01)
    width: int = number(96, 16, 128, 16)
    steps: int = number(800, 100, 4000, 100)
    learning_rate: float = number(0.005, 0.0001, 0.02, 0.0001)
    seed: int = seed()
    network: str = choice("residual MLP", get_args(LiveNetwork))
    distribution: str = distribution_choice()
    strokes: str = strokes_text()


@dataclass(frozen=True)
class Exact:
    """What the network is measured against, at one σ.

    Attributes:
        still: the heat map of the exact log-density, arrows of the exact score and data, packed.
        grid: where the arrows start (N, 2).
        points: noisy data (N, 2).
        score: the exact score there (N, 2).
    """

    still: Payload
    grid: Tensor
    points: Tensor
    score: Tensor


@computed_once(maxsize=64)
def exact(data: Data, sigma: float) -> Exact:
    """The exact density and score of data with noise σ."""
    subject = Subject(data, score=EXACT, training_points=1)
    picture, points = field(subject, sigma), noised_points(subject, sigma)
    return Exact(
        still=TrainingPlayer.field(
            LIMITS, picture.heats["log p"], points, picture.arrows_xy, picture.arrows_uv
        ),
        grid=torch.from_numpy(picture.arrows_xy).float(),
        points=points,
        score=score_at(subject, sigma)(points),
    )


def start(settings: TrainScoreSettings) -> Growing:
    """Train from nothing: at each frame the learned field, and its error on data."""
    data = settings.data()
    known = exact(data, settings.sigma)
    trainer = score_training(
        METHODS[settings.method],
        settings.sigma,
        width=settings.width,
        steps=settings.steps,
        learning_rate=settings.learning_rate,
        seed=settings.seed,
        network=settings.network,  # type: ignore[arg-type]  # checked by the settings
        distribution=distribution_of(data),
    )

    @torch.no_grad()
    def look(network: nn.Module) -> tuple[Packed, float]:
        score = score_of(network, settings.sigma)
        picture = TrainingPlayer.arrows(LIMITS, known.grid, score(known.grid))
        return picture, relative_error(score(known.points), known.score)

    stride = LOSS_STRIDE * -(-settings.steps // (LOSS_STRIDE * MAX_FRAMES))
    return (yield from train(trainer, look, stride))


HISTORIES = Histories(start)


def payload(settings: TrainScoreSettings, history: TrainingHistory, run: str) -> Payload:
    """What the player shows of a history."""
    alt = TEXTS.say(
        "alt", distribution=settings.data().label, sigma=settings.sigma, method=settings.method
    )
    return TrainingPlayer.payload(
        exact(settings.data(), settings.sigma).still,
        history.frames,
        history.plain_frames,
        history.frame_steps,
        [
            TEXTS.say("step", step=step, steps=settings.steps, error=error)
            for step, error in zip(history.frame_steps, history.qualities, strict=True)
        ],
        (
            Curve(
                TEXTS["losses"],
                history.loss_steps,
                history.losses,
                mark=_least(settings),
            ),
            Curve(
                TEXTS["errors"],
                history.frame_steps,
                history.qualities,
                history.plain_qualities,
                log=True,
                mark=GOAL,
            ),
        ),
        last_step=settings.steps,
        run=run,
        alt=alt,
        fps=frames_per_second(len(history.frames)),
    )


def facts(settings: TrainScoreSettings, history: TrainingHistory) -> dict[str, str]:
    """The numbers next to the player."""
    losses = f"{history.losses[-1]:.3f}" if history.losses else "–"
    reached = next(
        (
            s
            for s, error in zip(history.frame_steps, history.qualities, strict=True)
            if error <= GOAL
        ),
        None,
    )
    return {
        "steps": TEXTS.say("facts.step_is", step=history.step, steps=settings.steps),
        TEXTS["facts.time"]: f"{history.seconds:.1f} s",
        TEXTS["facts.error"]: f"{history.qualities[-1]:.3f}",
        TEXTS.say("facts.goal", goal=GOAL): TEXTS["facts.not_yet"]
        if reached is None
        else TEXTS.say("facts.reached", step=reached),
        TEXTS["facts.loss"]: f"{losses} ({_least(settings):.3f})",
    }


def _least(settings: TrainScoreSettings) -> float:
    return least_loss(
        exact(settings.data(), settings.sigma).score, settings.sigma, METHODS[settings.method]
    )
