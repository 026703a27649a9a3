"""Diffusion models, small and exact: schedules, oracles, networks, training and samplers.

Everything here runs without a user interface. `python -m diffusion` is its command line.
"""

from diffusion.checkpoints import Checkpoint, load
from diffusion.data import distributions, swiss_roll
from diffusion.process.denoising import add_noise
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.score import score_of
from diffusion.sampling.langevin import annealed_langevin, langevin
from diffusion.sampling.samplers import iterate, sample
from diffusion.sampling.solvers import State
from diffusion.sampling.start import NotNoiseWarning

__all__ = [
    "Checkpoint",
    "NoiseSchedule",
    "NotNoiseWarning",
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


def __dir__() -> list[str]:
    """What is public: submodules that an import has left here are not."""
    return __all__
