"""The section Train live of Diffusion (DDPM): a network from nothing to samples."""

from __future__ import annotations

from diffusion.metrics import sliced_wasserstein
from diffusion.objectives import simple_objective, weighted_objective
from diffusion.training import Trainer, update_ema
from ui.components.base import Payload
from ui.controls import facts_table
from ui.live import Film
from ui.live_tab import build_live, opening
from ui.train_ddpm import FILMS, TrainDdpmSettings, facts, payload

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


def show(settings: TrainDdpmSettings, film: Film, run: str) -> tuple[Payload, str]:
    """The player's payload and a table."""
    return payload(settings, film, run), facts_table(facts(settings, film))


SHOWS = [opening(FILMS, show)]


def prepare() -> None:
    """Train what the section opens on."""
    FILMS.prepare(TrainDdpmSettings())


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    build_live(
        TrainDdpmSettings,
        FILMS,
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
