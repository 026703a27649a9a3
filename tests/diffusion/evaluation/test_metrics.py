import math

import pytest
import torch

from diffusion.data.distributions import DISTRIBUTIONS, SWISS_ROLL
from diffusion.evaluation import metrics
from diffusion.evaluation.metrics import (
    angles_between,
    energy_distance,
    energy_distances,
    fraction_off,
    relative_sizes,
)


def test_energy_distance_of_shifted_points_is_known():
    # Two points each: 2 · mean(|a - b|) - mean(|a - a'|) - mean(|b - b'|), by hand.
    a = torch.tensor([[0.0], [1.0]])
    b = torch.tensor([[2.0], [3.0]])
    assert energy_distance(a, b) == pytest.approx(2 * 2 - 0.5 - 0.5)
    assert energy_distances([a, b], b) == pytest.approx([3.0, 0.0])


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_energy_distance_is_the_mean_over_all_pairs(dimensions, generator, monkeypatch):
    monkeypatch.setattr(metrics, "DISTANCES_AT_ONCE", 500)  # in several parts, the last one smaller
    a = torch.randn(70, dimensions, generator=generator)
    b = torch.randn(110, dimensions, generator=generator) + 0.5
    between, within_a, within_b = (
        float(torch.cdist(x.double(), y.double()).mean()) for x, y in ((a, b), (a, a), (b, b))
    )
    assert energy_distance(a, b) == pytest.approx(2 * between - within_a - within_b, rel=1e-5)


def test_energy_distance_tells_near_from_far(generator):
    distribution = DISTRIBUTIONS["two moons"]
    real, fresh = distribution.sample(1_000, generator), distribution.sample(1_000, generator)
    near, far, lost = energy_distances([fresh, fresh + 0.3, fresh * math.nan], real)
    assert 0 <= near < 0.02 < far
    assert lost == math.inf


@pytest.mark.parametrize("distribution", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
def test_share_off_counts_what_is_far_or_not_finite(distribution, generator):
    x = distribution.sample(2_000, generator)
    assert fraction_off(x, distribution, distribution.width) < 0.03
    x[:500] = 4.0
    x[500:1_000] = math.nan
    assert fraction_off(x, distribution, distribution.width) == pytest.approx(0.5, abs=0.03)


def test_noise_widens_what_is_off(generator):
    x = SWISS_ROLL.sample(2_000, generator)
    x = x + 0.1 * torch.randn(x.shape, generator=generator)
    assert fraction_off(x, SWISS_ROLL, SWISS_ROLL.width) > 0.3
    assert fraction_off(x, SWISS_ROLL, math.hypot(SWISS_ROLL.width, 0.1)) < 0.01


def test_angles_and_sizes_of_errors():
    exact = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 0.0], [1.0, 1.0]])
    other = torch.tensor([[0.0, 3.0], [0.0, -2.0], [2.0, 0.0], [1.0, 1.0]])
    assert angles_between(other, exact).tolist() == pytest.approx([90, 180, 0, 0])
    expected = [math.hypot(1, 3), 2, 1, 0]
    assert relative_sizes(other, exact).tolist() == pytest.approx(expected)
