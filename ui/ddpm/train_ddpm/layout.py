"""The section Train live of Diffusion (DDPM): a network from nothing to samples."""

from __future__ import annotations

from diffusion.evaluation.metrics import sliced_wasserstein
from diffusion.training.objectives import simple_objective, weighted_objective
from diffusion.training.trainer import Trainer, update_ema
from ui.components.base import Payload
from ui.ddpm.train_ddpm.compute import HISTORIES, TrainDdpmSettings, facts, payload
from ui.shared.introduction import Introduction
from ui.shared.live_layout import build_live, opening
from ui.shared.live_training import TrainingHistory
from ui.shared.texts import facts_table

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
A network learns to predict the noise in $x_t = \sqrt{\bar\alpha_t}\, x_0 +
\sqrt{1 - \bar\alpha_t}\, \epsilon$, with t drawn uniformly:

$$\mathcal{L} = \mathbb{E}_{t, x_0, \epsilon} \big[ w_t\, \lVert \epsilon -
\epsilon_\theta(x_t, t) \rVert^2 \big]$$

**simple**: $w_t = 1$. **weighted**: the weights of the variational bound,
$w_t = \tfrac{\beta_t}{2 \alpha_t (1 - \bar\alpha_t)}$, which are large where the noise is small.

Every 200 steps it makes points from **one and the same noise** (DPM-Solver++(2M), 20 evaluations),
so that a point moves only because the network learned; between two of these pictures it is drawn on
a straight line. The **SW2 ratio** is their distance to
real points over that among as many real ones: at 1 they cannot be told apart, but the fewer they
are, the larger the faults that this misses.
"""


def show(settings: TrainDdpmSettings, history: TrainingHistory, run: str) -> tuple[Payload, str]:
    """The player's payload and a table."""
    return payload(settings, history, run), facts_table(facts(settings, history))


SHOWS = [opening(HISTORIES, show)]


def prepare() -> None:
    """Train what the section opens on."""
    HISTORIES.prepare(TrainDdpmSettings())


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    build_live(
        TrainDdpmSettings,
        HISTORIES,
        show,
        text=TEXT,
        rows=(
            ("weighting", "ema"),
            ("num_train_timesteps", "width"),
            ("steps", "learning_rate"),
            ("seed",),
        ),
        sources=(simple_objective, weighted_objective, Trainer, update_ema, sliced_wasserstein),
    )
