import base64
import re

import numpy as np
import pytest
import torch

from diffusion.data import swiss_roll
from ui.components import FieldPlayer
from ui.ddpm.likelihood.compute import HEAT_CELLS, LikelihoodSettings, likelihood_payload
from ui.shared.trajectories import LIMITS


def maps(payload):
    """The maps of a payload (layers, rows, columns), in nats below each one's highest value."""
    packed = payload["heats"]["log p"]["layers"]
    codes = np.frombuffer(base64.b64decode(packed["base64"]), np.uint8).reshape(packed["shape"])
    return packed["offset"] + packed["scale"] * codes


def test_the_map_of_each_frame_is_the_density_at_the_sigma_of_the_walkers():
    payload = likelihood_payload(LikelihoodSettings(sigma=0.3, num_steps=20))
    assert len(payload["layers"]) == len(payload["labels"]) == 21
    axis = torch.linspace(*LIMITS, HEAT_CELLS, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    points = torch.stack([x, y], dim=-1)
    for frame in (0, 10, 20):
        sigma = float(re.search(r"σ = ([\d.]+)", payload["labels"][frame]).group(1))
        level = 1 / (1 + sigma**2)
        exact = swiss_roll.log_prob(points, level, 1 - level).numpy()
        below = np.clip(exact - exact.max(), -12, 0)
        shown = maps(payload)[payload["layers"][frame]]
        assert np.abs(shown - below).max() < 0.2, frame


def test_both_walkers_have_a_name_and_each_frame_says_how_far_apart_they_are():
    payload = likelihood_payload(LikelihoodSettings(num_steps=20))
    assert payload["names"] == ["learned", "exact"]
    assert payload["walkers"]["shape"] == [21, 2, 2]
    assert payload["notes"][0] == "The walkers are 0.000 apart."
    assert len(payload["notes"]) == 21


@pytest.mark.parametrize(("walkers", "names"), [(1, ["a", "b"]), (3, ["a", "b", "c"]), (0, ["a"])])
def test_names_are_for_one_or_two_walkers(walkers, names):
    paths = np.zeros((4, walkers, 2)) if walkers else None
    with pytest.raises(ValueError, match="one or two walkers"):
        FieldPlayer.payload(
            limits=LIMITS,
            run="r",
            alt="a",
            walkers=paths,
            names=names,
            labels=["frame"] * 4 if walkers else [],
        )
