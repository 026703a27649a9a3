"""From noise to data: every sampler by its name, each a generator of `State`.

`iterate` and `sample` run them on a noise predictor; `langevin` and `annealed_langevin` need only
a score.
"""

from diffusion.sampling.langevin import annealed_langevin, langevin
from diffusion.sampling.learned_variance import learned_reverse
from diffusion.sampling.samplers import (
    SAMPLERS,
    Sampler,
    iterate,
    num_evaluations,
    sample,
)
from diffusion.sampling.solvers import (
    Denoiser,
    State,
    ddim,
    ddpm,
    dpm_solver_pp_2m,
    euler,
    heun,
    langevin_steps,
)
from diffusion.sampling.start import NotNoiseWarning

__all__ = [
    "SAMPLERS",
    "Denoiser",
    "NotNoiseWarning",
    "Sampler",
    "State",
    "annealed_langevin",
    "ddim",
    "ddpm",
    "dpm_solver_pp_2m",
    "euler",
    "heun",
    "iterate",
    "langevin",
    "langevin_steps",
    "learned_reverse",
    "num_evaluations",
    "sample",
]
