"""The recipes of the swiss roll: each trains one network, and its checkpoint has the same name."""

from __future__ import annotations

from typing import Any

from torch import nn

from diffusion.data import swiss_roll
from diffusion.evaluation.previews import points_preview, score_preview
from diffusion.training.batches import Objective
from diffusion.training.objectives import (
    score_objective,
    simple_objective,
    variational_objective,
)
from diffusion.training.recipe import Recipe

HUNDRED_STEPS: dict[str, Any] = {
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 100,
    "beta_start": 1e-5,
    "beta_end": 0.25,
}


def _swiss_roll_score(recipe: Recipe, network: nn.Module) -> Objective:
    return score_objective(swiss_roll.sample, recipe.batch_size, sigma_min=0.005, sigma_max=3.0)


def _swiss_roll_ddpm(recipe: Recipe, network: nn.Module) -> Objective:
    return simple_objective(swiss_roll.sample, recipe.batch_size, recipe.noise_schedule())


def _swiss_roll_variational(recipe: Recipe, network: nn.Module) -> Objective:
    return variational_objective(swiss_roll.sample, recipe.batch_size, recipe.noise_schedule())


RECIPES = (
    Recipe(
        name="swiss-roll-score",
        summary="denoising score matching on the swiss roll, at every noise level 0.005 … 3",
        network={"kind": "ResidualMLP", "width": 128, "blocks": 5},
        schedule=HUNDRED_STEPS,
        steps=10_000,
        batch_size=512,
        learning_rate=3e-3,
        prepare=_swiss_roll_score,
        preview=score_preview,
    ),
    Recipe(
        name="swiss-roll-ddpm",
        summary="DDPM with the simple loss on the swiss roll, 100 steps",
        network={"kind": "ResidualMLP", "width": 128, "blocks": 5},
        schedule=HUNDRED_STEPS,
        steps=12_000,
        batch_size=512,
        learning_rate=3e-3,
        prepare=_swiss_roll_ddpm,
        preview=points_preview,
        inference={"sigma_min": 0.02, "sigma_max": 1.0, "rho": 3.0},
    ),
    Recipe(
        name="swiss-roll-variational",
        summary="the variational bound on the swiss roll: learned mean and variance, 100 steps",
        network={"kind": "ReverseMLP", "width": 128, "blocks": 4},
        schedule=HUNDRED_STEPS,
        steps=12_000,
        batch_size=512,
        learning_rate=2e-3,
        prepare=_swiss_roll_variational,
        preview=points_preview,
    ),
)
