"""The section *Train DDPM*: a network from nothing to samples."""

from __future__ import annotations

from diffusion.evaluation.metrics import sliced_wasserstein
from diffusion.networks.softplus_mlp import ConditionalSoftplusMLP, SoftplusReverseMLP
from diffusion.training.objectives import (
    random_timesteps,
    simple_objective,
    variational_objective,
    weighted_objective,
)
from diffusion.training.trainer import Trainer, update_ema
from ui.components.base import Payload
from ui.ddpm.train_ddpm.compute import (
    HISTORIES,
    TrainDdpmSettings,
    facts,
    payload,
    training_strip,
)
from ui.shared.introduction import Introduction
from ui.shared.live_layout import build_live, opening
from ui.shared.live_training import TrainingHistory
from ui.shared.own_data import show_pad
from ui.shared.texts import facts_table
from ui.texts import Texts

TEXTS = Texts("train-ddpm")

INTRODUCTION = Introduction(
    TrainDdpmSettings,
    {
        "weighted": {"objective": "weighted"},
        "tutorial_network": {"network": "softplus MLP", "ema": "0.9"},
        "variational": {"objective": "variational"},
    },
    ("Ho et al. 2020",),
)


def show(settings: TrainDdpmSettings, history: TrainingHistory, run: str) -> tuple[Payload, str]:
    """The player's payload and a table."""
    return payload(settings, history, run), facts_table(facts(settings, history))


SHOWS = [opening(HISTORIES, show), show_pad]


def prepare() -> None:
    """Train what the section opens on."""
    HISTORIES.prepare(TrainDdpmSettings())


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    build_live(
        TrainDdpmSettings,
        HISTORIES,
        show,
        introduction=INTRODUCTION,
        details=TEXTS["details"],
        rows=(
            ("objective", "network"),
            ("ema", "timesteps"),
            ("num_train_timesteps", "width"),
            ("steps", "learning_rate"),
            ("seed",),
        ),
        sources=(
            simple_objective,
            weighted_objective,
            variational_objective,
            random_timesteps,
            ConditionalSoftplusMLP,
            SoftplusReverseMLP,
            Trainer,
            update_ema,
            sliced_wasserstein,
        ),
        strip_of=training_strip,
    )
