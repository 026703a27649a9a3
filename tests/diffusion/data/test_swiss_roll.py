"""The distribution that the networks learn; what holds for all is in test_distributions.py."""

import math

import pytest
import torch
from sklearn.datasets import make_swiss_roll

from diffusion.data import swiss_roll
from diffusion.evaluation.metrics import sliced_wasserstein


def test_sampler_has_scikit_learns_distribution(generator):
    reference, _ = make_swiss_roll(10_000, noise=0.3, random_state=0)
    theirs = torch.tensor(reference[:, [0, 2]] / 10)
    ours = [swiss_roll.sample(10_000, generator).double() for _ in range(4)]
    floor = max(sliced_wasserstein(ours[0], other) for other in ours[1:])
    assert sliced_wasserstein(ours[0], theirs) < 2 * floor
    assert sliced_wasserstein(ours[0] + 0.1, theirs) > 2 * floor  # the test can fail


def test_oracle_predicts_the_mean_noise(generator):
    # E[ε | x_t] at one x_t, by weighting samples x_0 with q(x_t | x_0).
    level = 0.6
    x_t = torch.tensor([[0.1, 0.3]], dtype=torch.float64)
    x_0 = swiss_roll.sample(400_000, generator).double()
    noise = (x_t - level * x_0) / math.sqrt(1 - level**2)
    weights = torch.softmax(-noise.square().sum(dim=1) / 2, dim=0)
    expected = weights @ noise
    eps = swiss_roll.Oracle()(x_t, torch.tensor([level], dtype=torch.float64))
    assert torch.allclose(eps[0], expected, atol=0.01)


def test_oracle_takes_mixed_levels(generator):
    oracle = swiss_roll.Oracle()
    x_t = torch.randn(4, 2, generator=generator)
    levels = torch.tensor([0.3, 0.9, 0.3, 0.99], dtype=torch.float64)
    mixed = oracle(x_t, levels)
    one_by_one = torch.cat([oracle(x_t[i : i + 1], levels[i : i + 1]) for i in range(4)])
    assert mixed.dtype == x_t.dtype
    assert torch.equal(mixed, one_by_one)
    for_all = oracle(x_t, levels[1:2].expand(4))
    assert torch.equal(for_all, oracle(x_t, levels[1:2].repeat(4)))


def test_distance_to_curve():
    on_it = swiss_roll.curve(torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64))
    assert float(swiss_roll.distance_to_curve(on_it).max()) < 1e-3
    centre = torch.zeros(1, 2)
    assert float(swiss_roll.distance_to_curve(centre)) == pytest.approx(0.15 * math.pi, abs=0.01)
