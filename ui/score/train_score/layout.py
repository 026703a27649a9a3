"""The section Train live of Score & Langevin: three ways of score matching, as they learn."""

from __future__ import annotations

from diffusion.training.objectives import one_level_objective
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
from ui.shared.texts import facts_table

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$F_\theta$ learns $\nabla \log p_\sigma$, the score of data with noise σ, from points alone. The
distance $\tfrac{\sigma^2}{2}\, \mathbb{E} \lVert F_\theta - \nabla \log p_\sigma \rVert^2$ cannot
be computed from points; each of these can, and differs from it by a constant only:

- **explicit** $\ \sigma^2\, \mathbb{E} [\operatorname{tr} \nabla F_\theta(\tilde x) +
  \tfrac12 \lVert F_\theta(\tilde x) \rVert^2]$
- **sliced** $\ \sigma^2\, \mathbb{E} [v^\top \nabla F_\theta(\tilde x)\, v +
  \tfrac12 \lVert F_\theta(\tilde x) \rVert^2]$, with $v \sim \mathcal{N}(0, I)$
- **denoising** $\ \tfrac12\, \mathbb{E} \lVert \sigma F_\theta(x + \sigma \epsilon) +
  \epsilon \rVert^2$

Colours: the exact log-density. Arrows: the score learned so far. Far from the data the exact arrows
differ: no point to learn from lies there, and the error, a mean over data, does not see it.
"""


def show(settings: TrainScoreSettings, history: TrainingHistory, run: str) -> tuple[Payload, str]:
    """The player's payload and a table."""
    return payload(settings, history, run), facts_table(facts(settings, history))


SHOWS = [opening(HISTORIES, show)]


def prepare() -> None:
    """Train what the section opens on."""
    HISTORIES.prepare(TrainScoreSettings())


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    build_live(
        TrainScoreSettings,
        HISTORIES,
        show,
        text=TEXT,
        rows=(("method", "sigma"), ("width", "steps"), ("learning_rate", "seed")),
        sources=(
            one_level_objective,
            explicit_score_matching,
            sliced_score_matching,
            denoising_score_matching,
            Trainer,
        ),
    )
