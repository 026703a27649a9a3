import re
from statistics import mean

import pytest
import torch

from diffusion.evaluation.sample_quality import NUM_FRESH, SEEDS, RealPoints, load_table
from ui.ddpm.sample_quality.compute import (
    BUDGETS,
    MEASURES,
    SampleQualitySettings,
    distance_to_real,
    measured,
    quality_facts,
    quality_result,
    too_concentrated,
)
from ui.ddpm.sample_quality.figure import quality_figure
from ui.shared.sampler_runs import real_band

each_measure = pytest.mark.parametrize("measure", MEASURES)
TOO_CONCENTRATED = "too concentrated"
CONCENTRATED = SampleQualitySettings(
    measure="fraction off the curve", sampler="ddpm", steps=50, grid="karras", num_points=3000
)


@each_measure
def test_the_chart_has_the_measured_point_among_the_curves(measure):
    settings = SampleQualitySettings(measure=measure, num_points=500)
    figure = quality_figure(settings)
    value = getattr(quality_result(settings), MEASURES[measure])
    assert f"Measured now 10: {value:.3g}" in figure
    assert "dpm++2m network 5: " in figure
    assert "dpm++2m oracle 5: " in figure
    low, high = measured()["real"][MEASURES[measure]]
    assert f"Real points {low:.3g} to {high:.3g}" in figure


def test_every_row_of_the_table_has_the_quality_of_each_seed_and_their_mean():
    for row in load_table()["rows"]:
        for key in MEASURES.values():
            assert len(row["seeds"][key]) == len(SEEDS)
            assert row[key] == pytest.approx(mean(row["seeds"][key]), abs=1e-4)


def test_the_error_bars_reach_from_the_lowest_to_the_highest_seed(monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "matplotlib.axes.Axes.vlines", lambda _, x, low, high, **__: drawn.append((x, low, high))
    )
    quality_figure(SampleQualitySettings(num_points=500))
    rows = [row for row in measured()["rows"] if row["grid"] == "karras"]
    expected = {(r["evaluations"], *_ends(r["seeds"]["sw2"])) for r in rows}
    assert {each for bars in drawn for each in zip(*bars, strict=True)} == expected


def _ends(values):
    return min(values), max(values)


@pytest.mark.parametrize("num_points", [500, 2000])
def test_the_band_holds_most_real_sets_and_narrows_with_their_size(num_points):
    real = RealPoints(num_points)
    band = real_band(num_points)
    inside = 0
    for seed in range(NUM_FRESH):
        fresh = real.distribution.sample(num_points, torch.Generator().manual_seed(900 + seed))
        inside += band["sw2"][0] <= real.quality([fresh]).sw2 <= band["sw2"][1]
    assert inside >= 0.6 * NUM_FRESH
    low, high = measured()["real"]["off"]
    assert low < 0.0027 < high
    assert high - low < band["off"][1] - band["off"][0]


@each_measure
def test_the_best_row_is_the_closest_to_real_points_and_never_too_concentrated(measure):
    key = MEASURES[measure]
    facts = quality_facts(SampleQualitySettings(num_points=500, measure=measure))
    rows = [row for row in measured()["rows"] if row["predictor"] == "network"]
    for budget in BUDGETS:
        words = facts[f"{measure} closest to real points with NFE ≤ {budget}"]
        affordable = [row for row in rows if row["evaluations"] <= budget]
        (best,) = (row for row in affordable if words.split(";")[0].endswith(_named(row)))
        gap = distance_to_real(best[key], key)
        for row in affordable:
            other = distance_to_real(row[key], key)
            assert (gap, best["evaluations"]) <= (other, row["evaluations"])
        if gap == 0 and key == "off":
            assert not too_concentrated(best[key], measured()["real"])


def _named(row):
    return f"({row['sampler']}, {row['grid']}, NFE {row['evaluations']})"


def test_fewer_points_off_the_curve_than_of_real_ones_are_said_to_be_too_concentrated():
    quality = quality_result(CONCENTRATED)
    assert quality.off < real_band(3000)["off"][0]
    said, real = list(quality_facts(CONCENTRATED).values())[:2]
    assert said.endswith(f"off the curve: {TOO_CONCENTRATED}")
    assert TOO_CONCENTRATED not in real
    figure = quality_figure(CONCENTRATED)
    assert re.search(rf"ddpm network .*50: [\d.e-]+ \({TOO_CONCENTRATED}\)", figure)
    assert f"now: {TOO_CONCENTRATED}" in figure  # a comment of the SVG is what its letters say
    good = SampleQualitySettings(measure="fraction off the curve", num_points=500)
    assert TOO_CONCENTRATED not in next(iter(quality_facts(good).values()))
