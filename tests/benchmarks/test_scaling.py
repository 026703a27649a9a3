"""What a training and many visitors take is counted right."""

import json

import pytest

from benchmarks import scaling
from diffusion.catalog import recipe


@pytest.fixture(scope="module")
def counted():
    return scaling.count(recipe(scaling.BASE).batch_size)


def test_operations_and_bytes_are_those_of_each_crop(counted):
    half = scaling.count(128)
    assert half.weights == counted.weights == 15_810_401
    assert 2 * half.operations == counted.operations
    assert 2 * half.kept_bytes == pytest.approx(counted.kept_bytes, rel=0.01)
    assert 25e9 < counted.kept_bytes < 35e9


def test_a_rate_gives_the_time_of_a_training(counted):
    *_, (name, step, hours) = scaling.speeds(counted, 1e14)
    assert name == "as measured"
    assert step == pytest.approx(counted.operations / 1e14)
    assert hours == pytest.approx(1_000_000 * step / 3600)
    for seconds, gpus in scaling.exchange(counted, step).values():
        assert step / gpus == pytest.approx(seconds)


def test_the_training_hears_its_crops(counted):
    rows = scaling.training_rows(counted, hours=1_000)
    heard = 1_000_000 * 256 * 24 * 300 / 22_050 / 3600
    assert rows["hours of sound that the training hears"] == f"{heard:,.0f}"
    assert rows["passes over 1,000 hours"] == f"{heard / 1_000:.1f}"


@pytest.fixture
def measured(tmp_path):
    texts = {
        "request_costs": "| section | CPU seconds |\n|---|---|\n| Score field | 0.5 |\n",
        "classroom": "| lesson | answers | repeats |\n|---|---|---|\n| lecture | 100 | 60% |\n",
        "followers": "| followers | CPU of one core |\n|---|---|\n| 0 | 4.0% |\n| 200 | 6.0% |\n",
    }
    file = tmp_path / "benchmarks.json"
    results = {name: {"text": text} for name, text in texts.items()}
    file.write_text(json.dumps({"results": results}))
    return file


def test_visitors_cost_what_is_not_there_already(measured):
    rows = scaling.visitor_rows(measured, visitors=800)
    assert rows["answers a second to 800 visitors"] == "100"  # one in eight seconds
    assert rows["lecture: cores for the others"] == "20"  # 100 · 0.4 · 0.5 s
    assert rows["cores for 800 followers of rooms"] == "0.08"


def test_without_measurements_it_says_what_to_run(tmp_path):
    with pytest.raises(ValueError, match="run python -m benchmarks classroom followers"):
        scaling.visitor_rows(tmp_path / "none.json", visitors=1)
