"""What *Likelihood* computes."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from diffusion.data import swiss_roll
from diffusion.process.denoising import NoisePredictor
from diffusion.process.likelihood import FlowState, flow, log_likelihood, log_spaced
from ui.components import FieldPlayer, Heat
from ui.score.score_field.fields import log_prob_heat
from ui.shared.cache import computed_once
from ui.shared.controls import frames_per_second
from ui.shared.models import checkpoint, frames_to_keep
from ui.shared.settings import Settings, number
from ui.shared.texts import scientific
from ui.shared.trajectories import LIMITS, Array
from ui.texts import Texts

TEXTS = Texts("likelihood")


SIGMA_MAX = 40.0
HEAT_CELLS = 96
MAX_FRAMES = 51
FRAMES_A_MAP = 2  # each map serves as many frames: σ grows by a tenth from one to the next
WALKERS = ("learned", "exact")


@dataclass(frozen=True)
class LikelihoodSettings(Settings):
    """The controls of *Likelihood*: a point, the noise on the data, and the solver's steps."""

    title: ClassVar[str] = "Likelihood"
    x: float = number(0.0, *LIMITS, 0.01)
    y: float = number(1.4, *LIMITS, 0.01)
    sigma: float = number(0.1, 0.02, 1.0, 0.01)
    num_steps: int = number(60, 10, 400, 10)


@dataclass(frozen=True)
class Flows:
    """The paths of a point from data to noise, by the network and by the exact predictor.

    Attributes:
        paths: x_t (frames, 2 predictors, 2).
        sigmas: the noise at each frame.
        log_likelihoods: by the network and by the exact predictor, in nats.
        exact: the log-density by quadrature.
    """

    paths: Array
    sigmas: list[float]
    log_likelihoods: tuple[float, float]
    exact: float


@computed_once(maxsize=64)
def likelihood_result(settings: LikelihoodSettings) -> Flows:
    """Follow the point by two predictors of ε, and add up the change of volume on the way."""
    point = torch.tensor([[settings.x, settings.y]], dtype=torch.float64)
    sigmas = log_spaced(settings.sigma, SIGMA_MAX, settings.num_steps)
    predictors: tuple[NoisePredictor, ...] = (_network(), swiss_roll.Oracle())
    ways = [list(flow(predictor, point, sigmas)) for predictor in predictors]
    kept = frames_to_keep(len(sigmas), MAX_FRAMES)
    moments = swiss_roll.moments()
    network, oracle = (float(log_likelihood(way[-1], moments)) for way in ways)
    return Flows(
        paths=torch.stack([torch.cat([_x_t(way[i]) for way in ways]) for i in kept]).numpy(),
        sigmas=[sigmas[i] for i in kept],
        log_likelihoods=(network, oracle),
        exact=float(swiss_roll.log_prob(point, noise_variance=settings.sigma**2)),
    )


def likelihood_payload(settings: LikelihoodSettings) -> dict[str, Any]:
    """What `FieldPlayer` shows of the paths, over the exact log-density."""
    result = likelihood_result(settings)
    return FieldPlayer.payload(
        limits=LIMITS,
        run="likelihood " + settings.to_query(),
        alt=TEXTS.say("alt", x=settings.x, y=settings.y),
        heats={"log p": _maps(tuple(result.sigmas[::FRAMES_A_MAP]))},
        layers=[frame // FRAMES_A_MAP for frame in range(len(result.sigmas))],
        walkers=result.paths,
        names=WALKERS,
        notes=[TEXTS.say("apart", distance=distance) for distance in _distances(result.paths)],
        labels=[
            TEXTS.say("place", sigma=sigma, sqrt_alpha_cumprod=_sqrt_alpha_cumprod(sigma))
            for sigma in result.sigmas
        ],
        fps=frames_per_second(len(result.sigmas)),
        drop_hint=TEXTS["drop_hint"],
    )


def likelihood_facts(settings: LikelihoodSettings) -> dict[str, str]:
    """The log-likelihoods and the exact log-density."""
    result = likelihood_result(settings)
    network, oracle = result.log_likelihoods
    return {
        TEXTS["facts.network"]: TEXTS.say(
            "facts.network_is", log_prob=network, error=network - result.exact
        ),
        TEXTS["facts.oracle"]: TEXTS.say(
            "facts.oracle_is",
            log_prob=oracle,
            error=_signed(oracle - result.exact),
            steps=settings.num_steps,
        ),
        TEXTS["facts.exact"]: TEXTS.say("facts.exact_is", log_prob=result.exact),
    }


def _signed(difference: float) -> str:
    return ("−" if difference < 0 else "+") + scientific(abs(difference))


@lru_cache(maxsize=1)
def _network() -> NoisePredictor:
    """The trained network in float64 on the CPU, so that only the solver rounds."""
    network: NoisePredictor = copy.deepcopy(checkpoint("swiss-roll-ddpm").network).cpu().double()
    return network


def _sqrt_alpha_cumprod(sigma: float) -> float:
    return 1 / math.hypot(1, sigma)


def _x_t(state: FlowState) -> Tensor:
    """√ᾱ y, which stays in the picture while y grows with σ."""
    return _sqrt_alpha_cumprod(state.sigma) * state.y


def _distances(paths: Array) -> Array:
    """Between the two walkers, (frames,)."""
    distances: Array = np.linalg.norm(paths[:, 0] - paths[:, 1], axis=-1)
    return distances


@computed_once(maxsize=32)
def _maps(sigmas: tuple[float, ...]) -> Heat:
    """The maps of the exact log-density of x_t, one for each σ."""
    axis = torch.linspace(*LIMITS, HEAT_CELLS, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    points = torch.stack([x, y], dim=-1)
    alphas_cumprod = [_sqrt_alpha_cumprod(sigma) ** 2 for sigma in sigmas]
    return log_prob_heat([swiss_roll.log_prob(points, each, 1 - each) for each in alphas_cumprod])
