"""The section *Train score*: three ways of score matching, as they learn."""

from __future__ import annotations

from diffusion.networks.softplus_mlp import SoftplusMLP
from diffusion.training.objectives import one_sigma_objective
from diffusion.training.score_matching import (
    denoising_score_matching,
    explicit_score_matching,
    sliced_score_matching,
)
from diffusion.training.trainer import Trainer
from ui.components.base import Payload
from ui.score.train_score.compute import HISTORIES, TrainScoreSettings, facts, payload
from ui.shared.introduction import Introduction
from ui.shared.live_layout import build_live, opening
from ui.shared.live_training import TrainingHistory
from ui.shared.own_data import show_pad
from ui.shared.texts import facts_table
from ui.texts import Texts

TEXTS = Texts("train-score")

INTRODUCTION = Introduction(
    TrainScoreSettings,
    {
        "tutorial_sigma": {"sigma": 0.01, "steps": 400},
        "sliced": {"method": "sliced"},
        "tutorial_network": {"network": "softplus MLP", "sigma": 0.3, "steps": 400},
    },
    ("Hyvärinen 2005", "Vincent 2011", "Song et al. 2019"),
)


def show(settings: TrainScoreSettings, history: TrainingHistory, run: str) -> tuple[Payload, str]:
    """The player's payload and a table."""
    return payload(settings, history, run), facts_table(facts(settings, history))


SHOWS = [opening(HISTORIES, show), show_pad]


def prepare() -> None:
    """Train what the section opens on."""
    HISTORIES.prepare(TrainScoreSettings())


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    build_live(
        TrainScoreSettings,
        HISTORIES,
        show,
        introduction=INTRODUCTION,
        details=TEXTS["details"],
        rows=(
            ("method", "sigma"),
            ("network", "width"),
            ("steps", "learning_rate"),
            ("seed",),
        ),
        sources=(
            one_sigma_objective,
            explicit_score_matching,
            sliced_score_matching,
            denoising_score_matching,
            SoftplusMLP,
            Trainer,
        ),
    )
