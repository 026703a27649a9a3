"""Every recipe by its name, and how its checkpoint is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from diffusion.checkpoints import Checkpoint, load
from diffusion.evaluation.sample_quality import NUM_POINTS
from diffusion.evaluation.swiss_roll_metrics import (
    Metrics,
    ddpm_metrics,
    score_metrics,
    variational_metrics,
)
from diffusion.training import swiss_roll_recipes
from diffusion.training.recipe import Recipe
from diffusion.waveform import recipes as waveform_recipes
from diffusion.waveform.unconditional_metrics import simple_metrics, waveform_metrics
from diffusion.waveform.vocoder_metrics import vocoder_metrics

NUM_FRAMES = 96

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (*swiss_roll_recipes.RECIPES, *waveform_recipes.RECIPES)
}


def recipe(name: str) -> Recipe:
    """A recipe by its name.

    Raises:
        ValueError: if there is none of that name.
    """
    if name not in RECIPES:
        raise ValueError(f"there is no recipe {name!r}; there are: {', '.join(RECIPES)}")
    return RECIPES[name]


def evaluate(
    name: str,
    num_points: int = NUM_POINTS,
    num_frames: int = NUM_FRAMES,
    device: str = "cpu",
) -> Metrics:
    """Measure a checkpoint, mean of three seeds.

    Args:
        name: of the checkpoint, or its folder.
        num_points: generated points, and points in each real set.
        num_frames: generated sounds; of a vocoder's, at most the 48 to report on.
        device: where the network computes.

    Raises:
        ValueError: if there is no such checkpoint, or its recipe has no metrics.
    """
    checkpoint = load(name, device)
    measures: dict[str, Callable[[Checkpoint], Metrics]] = {
        "swiss-roll-score": partial(score_metrics, num_points=num_points),
        "swiss-roll-ddpm": partial(ddpm_metrics, num_points=num_points),
        "swiss-roll-variational": partial(variational_metrics, num_points=num_points),
        "waveform-wavegrad": partial(waveform_metrics, num_frames=num_frames),
        "waveform-harmonic": partial(waveform_metrics, num_frames=num_frames),
        "waveform-simple": partial(simple_metrics, num_frames=num_frames),
        "vocoder-wavegrad": partial(vocoder_metrics, num_sounds=num_frames),
        "vocoder-harmonic": partial(vocoder_metrics, num_sounds=num_frames),
        "vocoder-wavegrad-small": partial(vocoder_metrics, num_sounds=num_frames),
        "vocoder-wavegrad-base": partial(vocoder_metrics, num_sounds=num_frames),
    }
    recipe = str(checkpoint.config.get("recipe"))
    if recipe not in measures:
        raise ValueError(f"no metrics are known for the recipe {recipe!r} of {name!r}")
    return measures[recipe](checkpoint)
