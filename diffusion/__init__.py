"""Diffusion models, small and exact: schedules, oracles, networks, training and samplers.

Everything here runs without a user interface. `python -m diffusion` is its command line.
"""

from diffusion import distributions, swiss_roll
from diffusion.checkpoints import Checkpoint, load
from diffusion.denoising import add_noise
from diffusion.langevin import annealed_langevin, langevin
from diffusion.samplers import iterate, sample
from diffusion.schedule import NoiseSchedule
from diffusion.score_matching import score_of
from diffusion.solvers import State

__all__ = [
    "Checkpoint",
    "NoiseSchedule",
    "State",
    "add_noise",
    "annealed_langevin",
    "distributions",
    "iterate",
    "langevin",
    "load",
    "sample",
    "score_of",
    "swiss_roll",
]
