"""What the browser computes of a mixture of Gaussians is what Python computes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.data.distributions import DISTRIBUTIONS, GaussianMixture, drawing
from tests.ui.components.test_components import decode
from ui.components import FieldPlayer, Mixture, field_player
from ui.shared.drawing import LIMITS, heart

CELLS = 32
SCRIPTS = "\n".join(
    (Path(field_player.__file__).parent / name).read_text(encoding="utf-8")
    for name in ("common.js", "mixture.js")
)
COMPUTE = """(inputs) => {
%s
  const [packed, limits, cells, sigma, places, apart] = inputs;
  const mixture = new Mixture(packed);
  const score = mixture.score(Float64Array.from(places), sigma);
  return {
    score: Array.from(score),
    reach: Array.from(reachOf(score, apart)),
    logProbs: Array.from(mixture.logProbs(limits, cells, sigma), (value) => Math.max(value, -1e9)),
  }; }"""
KNOWN = {
    **{name: each for name, each in DISTRIBUTIONS.items() if name != "checkerboard"},
    "drawing": drawing(heart()),
    "training points": GaussianMixture(DISTRIBUTIONS["rings"].sample(50), width=0.0),
}


def grid(count):
    low, high = LIMITS
    axis = torch.linspace(low, high, count + 1, dtype=torch.float64)
    y, x = torch.meshgrid(*2 * [(axis[1:] + axis[:-1]) / 2], indexing="ij")
    return torch.stack([x, y], dim=-1)


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("sigma", [0.01, 0.1, 1.0])
def test_the_browser_computes_the_same_field(blank, name, sigma):
    distribution = KNOWN[name]
    centres, log_weights = distribution.gaussians(0.01**2)
    starts = grid(21).reshape(-1, 2)
    score = distribution.score(starts, noise_variance=sigma**2)
    payload = FieldPlayer.payload(
        limits=LIMITS,
        run="1",
        alt="",
        mixtures={"log p": Mixture(centres.numpy(), log_weights.numpy(), distribution.width)},
        arrows_xy=starts.numpy(),
        arrows_uv=score.numpy(),
    )
    packed, apart = payload["mixtures"]["log p"], (LIMITS[1] - LIMITS[0]) / 21
    places = starts.ravel().tolist()
    found = blank.evaluate(COMPUTE % SCRIPTS, [packed, LIMITS, CELLS, sigma, places, apart])

    errors = np.abs(np.reshape(found["score"], (-1, 2)) - score.numpy()).max()
    assert errors < 1e-4 * float(score.abs().max())
    reach = decode(payload["arrows"]["reach"])
    assert np.abs(np.reshape(found["reach"], (-1, 2)) - reach).max() < 1e-4
    exact = distribution.log_prob(grid(CELLS), noise_variance=sigma**2)
    exact = (exact - exact.max()).numpy()
    shown = exact > -12
    log_probs = np.reshape(found["logProbs"], (CELLS, CELLS))
    assert np.abs(log_probs - exact)[shown].max() < 1e-3
    assert (log_probs[~shown] < -11.9).all()
