"""The oracle of the tutorial's family of sounds: E[ε | x_t] from the family itself, not learned.

A sound of the family has one of 20 pitches, up to 20 partials, one of 100 filters and an
inharmonicity: 40,000 curves. Two things are approximate. The gain, which makes the peak 1, is taken
from a Gaussian, as every peak would have to be rendered; and combs are weighed by their steady
partials, so that of one to three partials through a narrow filter, where the filter's ringing is
the louder part, the comb may be missed.
"""

from __future__ import annotations

from functools import cache

import torch

from diffusion.checkpoints import Checkpoint
from diffusion.networks.note import NotePredictor
from diffusion.networks.resonances import ResonanceMixture
from diffusion.waveform.notes import Notes, fit_sizes
from diffusion.waveform.recipes import RECIPES
from synth.priors import FILTER_STEP_HZ

NETWORK = "waveform-wavegrad"
FITTED_SOUNDS = 1_000


@cache
def note_oracle() -> Checkpoint:
    """The oracle, with the schedules of `waveform-wavegrad`: it is sampled in the same way.

    `python -m benchmarks.sounds_from_nothing` measures it beside that network.
    """
    frequencies, qualities = torch.arange(1, 11) * FILTER_STEP_HZ, torch.arange(1.0, 11)
    resonances = ResonanceMixture(
        frequencies.repeat_interleave(len(qualities)), qualities.repeat(len(frequencies))
    )
    fit_sizes(resonances, Notes.random(FITTED_SOUNDS, seed=0))
    recipe = next(recipe for recipe in RECIPES if recipe.name == NETWORK)
    network = NotePredictor(resonances).eval().requires_grad_(False)
    return Checkpoint(network, recipe.noise_schedule(), recipe.config())
