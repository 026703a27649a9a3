"""The section *Train score*: three ways of score matching, as they learn."""

from __future__ import annotations

from diffusion.networks.softplus_mlp import SoftplusMLP
from diffusion.training.objectives import one_level_objective
from diffusion.training.score_matching import (
    denoising_score_matching,
    explicit_score_matching,
    sliced_score_matching,
)
from diffusion.training.trainer import Trainer
from ui.components.base import Payload
from ui.score.train_score.compute import HISTORIES, TrainScoreSettings, facts, payload
from ui.shared.introduction import Introduction, Try
from ui.shared.live_layout import build_live, opening
from ui.shared.live_training import TrainingHistory
from ui.shared.own_data import show_pad
from ui.shared.texts import facts_table

INTRODUCTION = Introduction(
    "A network learns the score of data with noise σ while you watch: the arrows show "
    "what it has learned so far. The colours are the exact log-density, and the second curve is "
    "the error relative to the exact score: 1 is as bad as answering zero.",
    (
        Try(
            "Train with the tutorial's σ = 0.01",
            "The error stays near 1, which is that of a network that answers zero, although the "
            "loss is close to that of the exact score: the noise in the target hides the score.",
            {"sigma": 0.01, "steps": 400},
        ),
        Try(
            "Train by sliced score matching",
            "The error falls as with denoising, and no noisy target is needed; but each step takes "
            "about twice as long, because it differentiates the network.",
            {"method": "sliced"},
        ),
        Try(
            "Train the tutorial's network with σ = 0.3",
            "Its error stays above 0.6. The residual MLP comes below 0.1 in as many steps, for a "
            "score as smooth as this is easy to learn.",
            {"network": "softplus MLP", "sigma": 0.3, "steps": 400},
        ),
    ),
    r"""
$$\tfrac{\sigma^2}{2}\, \mathbb{E} \lVert F_\theta(\tilde x) - \nabla \log p_\sigma(\tilde x)
\rVert^2$$

is what each method minimises, up to a constant, without knowing $\nabla \log p_\sigma$. Denoising
(the default): $\ \tfrac12\, \mathbb{E} \lVert \sigma F_\theta(x + \sigma \epsilon) + \epsilon
\rVert^2$.
""",
    (
        "Hyvärinen 2005",
        "Vincent 2011",
        "Song et al. 2019",
    ),
)

DETAILS = r"""
The network $F_\theta$ learns $\nabla \log p_\sigma$, the score of data with noise σ, from points
alone. The distance in the equation cannot be computed from points. Each of these losses can, and
it differs from that distance by a constant only:

- **implicit** (Hyvärinen 2005)
  $\ \sigma^2\, \mathbb{E} [\operatorname{tr} \nabla F_\theta(\tilde x) +
  \tfrac12 \lVert F_\theta(\tilde x) \rVert^2]$
- **sliced** $\ \sigma^2\, \mathbb{E} [v^\top \nabla F_\theta(\tilde x)\, v +
  \tfrac12 \lVert F_\theta(\tilde x) \rVert^2]$, with $v \sim \mathcal{N}(0, I)$
- **denoising** $\ \tfrac12\, \mathbb{E} \lVert \sigma F_\theta(x + \sigma \epsilon) +
  \epsilon \rVert^2$

Far from the data the learned arrows differ from the exact ones, because no point to learn from
lies there. The error is a mean over data and does not see it. The **averaged weights** (EMA) change
less from step to step than the **plain weights** of the last step.
"""


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
        details=DETAILS,
        rows=(
            ("method", "sigma"),
            ("network", "width"),
            ("steps", "learning_rate"),
            ("seed",),
        ),
        sources=(
            one_level_objective,
            explicit_score_matching,
            sliced_score_matching,
            denoising_score_matching,
            SoftplusMLP,
            Trainer,
        ),
    )
