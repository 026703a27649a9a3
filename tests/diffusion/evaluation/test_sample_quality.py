import json
import math

import pytest
import torch

import diffusion
from diffusion.__main__ import main
from diffusion.data import swiss_roll
from diffusion.evaluation import metrics
from diffusion.evaluation.sample_quality import (
    EVALUATIONS,
    SEEDS,
    RealPoints,
    load_table,
    plans,
    steps_for,
)
from diffusion.sampling.config import SamplingConfig
from diffusion.sampling.samplers import SAMPLERS, num_evaluations


def sets(count, n=500, seed=5):
    generator = torch.Generator().manual_seed(seed)
    return [swiss_roll.sample(n, generator) + 0.05 for _ in range(count)]


def test_quality_is_the_ratio_to_real_of_each_metric():
    generated, real = sets(2), RealPoints(500)
    quality = real.quality(generated)
    for name, distance in (("sw2", metrics.sliced_wasserstein), ("mmd2", metrics.squared_mmd)):
        expected = metrics.ratio_to_real(distance, generated, real.sets)
        assert getattr(quality, name) == pytest.approx(expected, rel=1e-9)


def test_real_points_cannot_be_told_from_real():
    generator = torch.Generator().manual_seed(7)
    quality = RealPoints(2_000).quality([swiss_roll.sample(2_000, generator) for _ in range(4)])
    # Over 40 seeds: 0.86 to 1.21 and 0.87 to 1.22.
    assert 0.7 < quality.sw2 < 1.5
    assert 0.7 < quality.mmd2 < 1.5
    assert quality.off < 0.006


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_budget_is_kept(sampler):
    for budget in EVALUATIONS["network"]:
        steps = steps_for(sampler, budget)
        assert num_evaluations(sampler, steps) <= budget < num_evaluations(sampler, steps + 1)


def test_the_shipped_table_has_every_plan_and_reaches_the_goals():
    table = load_table()
    assert (table["num_points"], table["seeds"]) == (10_000, list(SEEDS))
    assert [row["evaluations"] for row in table["rows"]] == [plan.evaluations for plan in plans()]

    def row(sampler, evaluations, grid):
        (found,) = (
            row
            for row in table["rows"]
            if (row["predictor"], row["sampler"], row["evaluations"], row["grid"])
            == ("network", sampler, evaluations, grid)
        )
        return found

    full = row("ddpm", 100, "trailing")
    assert full["sw2"] <= 1.4
    assert full["mmd2"] <= 1.4
    assert full["off"] <= 0.004
    for evaluations, sw2, mmd2 in ((20, 1.3, 1.2), (10, 1.35, 1.6)):
        best = row("dpm++2m", evaluations, "karras")
        assert best["sw2"] <= sw2
        assert best["mmd2"] <= mmd2
    assert row("ddim", 10, "karras")["sw2"] <= 2.9


def test_a_seed_of_the_shipped_table_is_measured_again():
    row = next(
        row
        for row in load_table()["rows"]
        if (row["predictor"], row["sampler"], row["grid"], row["evaluations"])
        == ("network", "dpm++2m", "karras", 10)
    )
    plan = SamplingConfig(sampler="dpm++2m", num_inference_steps=10, grid="karras")
    model = diffusion.load("swiss-roll-ddpm")
    quality = RealPoints(10_000).quality([plan.sample(model, 10_000, SEEDS[0])])
    measured = {name: of_each[0] for name, of_each in row["seeds"].items()}
    assert quality.sw2 == pytest.approx(measured["sw2"], rel=0.01)
    assert quality.mmd2 == pytest.approx(measured["mmd2"], rel=0.01)
    assert quality.off == pytest.approx(measured["off"], abs=2e-4)


def test_the_command_writes_what_it_prints(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("diffusion.evaluation.sample_quality.plans", lambda: plans()[:2])
    file = tmp_path / "quality.json"
    assert main(["quality", "--points", "100", "--out", str(file)]) == 0
    table = json.loads(file.read_text())
    assert len(table["rows"]) == len(capsys.readouterr().out.splitlines()) == 2
    assert table["command"] == "python -m diffusion quality --points 100 --out FILE"


@pytest.mark.parametrize("n", [1, 7, 400])
def test_squared_mmd_equals_the_sum_over_all_pairs(n):
    a, b = (x.double() for x in sets(2, n))

    def kernel(a, b):
        return torch.exp(-(torch.cdist(a, b) ** 2) / (2 * metrics.RBF_BANDWIDTH**2)).mean()

    direct = float(kernel(a, a) + kernel(b, b) - 2 * kernel(a, b))
    assert metrics.squared_mmd(a, b) == pytest.approx(direct, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("wrong", [{"predictor": "guess"}, {"grid": "cosine"}])
def test_a_plan_refuses_unknown_options(wrong):
    ((_, value),) = wrong.items()
    with pytest.raises(ValueError, match=value):
        SamplingConfig(**wrong)


def test_the_oracle_in_the_place_of_the_network_makes_better_points():
    model = diffusion.load("swiss-roll-ddpm")
    real = RealPoints(2_000)
    network, oracle = (
        real.quality([SamplingConfig(predictor, "ddpm", 50, "karras").sample(model, 2_000, 0)])
        for predictor in ("network", "oracle")
    )
    assert oracle.mmd2 < network.mmd2 * 1.1
    assert oracle.off <= network.off


def test_projections_are_sorted_as_pytorch_sorts_them(generator):
    x = torch.randn(301, 2, generator=generator)
    x[7, 0], x[8] = math.inf, math.nan
    directions = torch.randn(2, 256, generator=torch.Generator().manual_seed(0))
    expected = (x @ (directions / directions.norm(dim=0))).sort(dim=0).values
    assert torch.equal(metrics.sorted_projections(x).nan_to_num(9), expected.nan_to_num(9))


def test_the_ratio_of_sets_that_are_sorted_once_is_the_same(generator):
    real = [torch.randn(200, 2, generator=generator) for _ in range(3)]
    generated = torch.randn(200, 2, generator=generator) + 0.1
    expected = metrics.ratio_to_real(metrics.sliced_wasserstein, [generated], real)
    assert metrics.SlicedWassersteinRatio(real)(generated) == expected
