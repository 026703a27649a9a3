"""The section *Train DDPM*: a network from nothing to samples."""

from __future__ import annotations

from diffusion.evaluation.metrics import sliced_wasserstein
from diffusion.training.objectives import simple_objective, weighted_objective
from diffusion.training.trainer import Trainer, update_ema
from ui.components.base import Payload
from ui.ddpm.train_ddpm.compute import HISTORIES, TrainDdpmSettings, facts, payload
from ui.shared.introduction import Introduction, Try
from ui.shared.live_layout import build_live, opening
from ui.shared.live_training import TrainingHistory
from ui.shared.texts import facts_table

INTRODUCTION = Introduction(
    "A network learns to predict the noise while you watch, and every 200 steps it makes points "
    "from one and the same noise. The lower curve is the SW2 ratio of these points, which is 1 for "
    "real points.",
    (
        Try(
            "Train for only 400 steps",
            "The spiral is there already, but 10,000 points still tell it from the real one: their "
            "SW2 ratio is near 4.",
            {"steps": 400},
        ),
        Try(
            "Train with the weights of the variational bound",
            "The loss weighs small noise more. After 1,000 steps 10,000 points have an SW2 ratio "
            "near 1.1, and of the simple loss near 1.7.",
            {"weighting": "weighted"},
        ),
        Try(
            "Sample with the plain weights, without the average",
            "After 200 steps the ratio is about 3 instead of 2, because single steps still move "
            "the weights; at the end the learning rate is zero, and the average gains nothing.",
            {"ema": "off"},
        ),
    ),
    r"""
$$\mathcal{L} = \mathbb{E}_{t, x_0, \epsilon} \big[ w_t\, \lVert \epsilon -
\epsilon_\theta(x_t, t) \rVert^2 \big]$$

with $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$ and t drawn uniformly.
""",
)

DETAILS = r"""
The objective **simple** has $w_t = 1$. The objective **weighted** has the weights of the
variational bound, $w_t = \tfrac{\beta_t}{2 \alpha_t (1 - \bar\alpha_t)}$, which are large where the
noise is small.

All pictures begin with the same noise and take 20 network evaluations of DPM-Solver++(2M), so a
point moves only because the network learned. Between two pictures it is drawn on a straight line.
The **SW2 ratio** is the sliced Wasserstein distance of the points to real points, divided by that
among as many real points: at 1 they cannot be distinguished. Fewer points miss larger faults.
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
        introduction=INTRODUCTION,
        details=DETAILS,
        rows=(
            ("weighting", "ema"),
            ("num_train_timesteps", "width"),
            ("steps", "learning_rate"),
            ("seed",),
        ),
        sources=(simple_objective, weighted_objective, Trainer, update_ema, sliced_wasserstein),
    )
