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
from ui.shared.introduction import Introduction, Try
from ui.shared.live_layout import build_live, opening
from ui.shared.live_training import TrainingHistory
from ui.shared.own_data import show_pad
from ui.shared.texts import facts_table

INTRODUCTION = Introduction(
    "A network learns to predict the noise while you watch, and every 200 steps it makes points "
    "from one and the same noise. The lower curve is the SW2 ratio of these points, which is 1 for "
    "real points.",
    (
        Try(
            "Train with the weights of the variational bound",
            "The loss weighs small noise more. After 1,000 steps 10,000 points have an SW2 ratio "
            "near 1.1, and of the simple loss near 1.7.",
            {"objective": "weighted"},
        ),
        Try(
            "Train the tutorial's network with its EMA decay of 0.9",
            "Its SW2 ratio stays above 4 where the residual MLP comes to 1. Choose the plain "
            "weights below the picture: after 200 steps their ratio is twice that of the average.",
            {"network": "softplus MLP", "ema": "0.9"},
        ),
        Try(
            "Train on the variational bound, with a learned mean and variance",
            "After 1,000 steps the SW2 ratio is still above 2: the bound is a harder objective "
            "than the simple loss, and it takes all T steps to sample.",
            {"objective": "variational"},
        ),
    ),
    r"""
$$\mathcal{L} = \mathbb{E}_{t, x_0, \epsilon} \big[ w_t\, \lVert \epsilon -
\epsilon_\theta(x_t, t) \rVert^2 \big]$$

with $x_t = \sqrt{\bar\alpha_t}\, x_0 + \sqrt{1 - \bar\alpha_t}\, \epsilon$ and $t$ drawn uniformly.
""",
    ("Ho et al. 2020",),
)

DETAILS = r"""
The objective **simple** has $w_t = 1$. The objective **weighted** has the weights of the
variational bound, $w_t = \tfrac{\beta_t}{2 \alpha_t (1 - \bar\alpha_t)}$, which are large where the
noise is small. The objective **variational** is the mean of the terms of the bound (Ho et al. 2020,
eq. 5): the network gives mean and log-variance of $p_\theta(x_{t-1} \mid x_t)$, as the first model
of the tutorial does.

The **averaged weights** (EMA) change less from step to step than the **plain weights** of the last
step; *up to 0.999* has the decay $d = \min(0.999, (1 + n)/(10 + n))$ after n steps. At the end the
learning rate is zero, and both make the same points. **Antithetic** steps t give each batch as much
small noise as large.

All pictures begin with the same noise and take 20 network evaluations of DPM-Solver++(2M), or with
the variational objective all T steps of the learned reverse process. So a point moves only because
the network learned. Between two pictures it is drawn on a straight line.
The **SW2 ratio** is the sliced Wasserstein distance of the points to real points, divided by that
among as many real points: at 1 they cannot be distinguished. Fewer points miss larger faults.
"""


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
        details=DETAILS,
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
