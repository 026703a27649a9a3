"""Field and walkers, without a browser: what it computes against the exact distributions."""

import re

import numpy as np
import pytest

from ui.score.score_field.compute import ANNEALED, ScoreFieldSettings, score_results
from ui.score.score_field.fields import EMPIRICAL, EXACT, LEARNED, data_bound
from ui.shared.cache import RememberLast
from ui.shared.data import DRAWN
from ui.shared.drawing import encode_strokes, heart

DISTRIBUTIONS = ("swiss roll", "two moons", "rings", "eight Gaussians", "checkerboard", DRAWN)


def fact(result, name):
    """The first number of a fact."""
    (text,) = (value for key, value in result.facts.items() if name in key)
    return float(re.match(r"inf|[\d.e-]+", text).group())


def test_view_is_finished_and_seeded():
    settings = ScoreFieldSettings(walkers=20, num_steps=30)
    result = score_results.last(settings)
    assert result.walkers.shape == (31, 20, 2)
    assert len(result.notes) == len(result.labels) == result.num_frames == 31
    assert np.isfinite(result.heats["log p"].values).all()
    score_results.cache_clear()
    assert np.array_equal(result.walkers, score_results.last(settings).walkers)
    other = score_results.last(ScoreFieldSettings(walkers=20, num_steps=30, seed=1))
    assert not np.array_equal(result.walkers, other.walkers)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_walkers_reach_every_distribution(distribution):
    # The exact score at a noise where steps mix: fewer than 5 % off, exact samples less than 2 %.
    result = score_results.last(
        ScoreFieldSettings(
            distribution=distribution,
            score=EXACT,
            sigma=0.1,
            num_steps=150,
            start_std=1,
            walkers=200,
        )
    )
    assert fact(result, "from the data") < 5
    assert float(result.notes[0].split("data ")[1].strip("%")) > 10
    assert fact(result, "energy distance") < 0.3
    assert list(result.heats) == ["log p"]


def test_without_a_network_the_exact_score_is_shown_and_said_so():
    learned, exact = (
        score_results.last(ScoreFieldSettings(distribution="rings", score=score, num_steps=20))
        for score in (LEARNED, EXACT)
    )
    assert np.array_equal(learned.walkers, exact.walkers)
    assert "no network learned: rings" in learned.facts["learned score"]
    assert "learned score" not in exact.facts


def test_the_error_of_the_learned_score_is_small_and_drawn():
    result = score_results.last(ScoreFieldSettings(walkers=2, num_steps=2))
    assert 0 < fact(result, "relative error of the learned score") < 0.1
    assert 0 < fact(result, "angle") < 3
    assert {"log p", "error", "angle"} == set(result.heats)
    # Where the data is (near the largest log p) the error is small.
    likely = result.heats["log p"].values[0] > -1
    assert np.median(result.heats["error"].values[likely]) < np.log10(0.1)


def test_the_empirical_score_memorises_at_small_noise_only():
    def memorised(sigma, score=EMPIRICAL):
        result = score_results.last(
            ScoreFieldSettings(
                distribution="eight Gaussians", score=score, sigma=sigma, training_points=30,
                dynamics=ANNEALED, num_steps=200,
                step_size=0.5 * sigma**2, start_std=1, sigma_max=2, num_sigmas=6, walkers=100,
            )
        )  # fmt: skip
        shares = [text for key, text in result.facts.items() if "training points" in key]
        return [float(share) for text in shares for share in re.findall(r"(\d+)%", text)]

    known, by_the_exact_score = memorised(0.02)
    assert known > 70
    assert by_the_exact_score < 30
    assert memorised(0.5)[0] < 10
    assert memorised(0.02, EXACT) == []  # it knows none


def test_more_training_points_generalise():
    errors = [
        fact(
            score_results.last(
                ScoreFieldSettings(
                    score=EMPIRICAL, training_points=n, num_steps=2, walkers=2, sigma=0.2
                )
            ),
            "relative error of the empirical",
        )
        for n in (10, 1000)
    ]
    assert errors[1] < 0.3 * errors[0]


def test_an_annealed_walk_goes_down_the_sigmas():
    settings = ScoreFieldSettings(
        distribution="two moons",
        dynamics=ANNEALED,
        sigma=0.05,
        step_size=0.002,
        num_steps=100,
        num_sigmas=5,
        start_std=1,
    )
    result = score_results.last(settings)
    assert result.layers[0] == 0
    assert result.layers[-1] == 4
    assert len(result.heats["log p"].values) == 5
    assert result.labels[-1] == "step 100 of 100, σ = 0.05"
    assert fact(result, "from the data") < 3
    with pytest.raises(ValueError, match="first σ of annealed Langevin must be above"):
        score_results.last(ScoreFieldSettings(dynamics=ANNEALED, sigma=1.0, sigma_max=0.5))


@pytest.mark.parametrize(("factor", "sentence"), [(0.8, "below it"), (1.3, "unstable")])
@pytest.mark.parametrize("dynamics", ["Langevin", ANNEALED])
@pytest.mark.parametrize("distribution", ["two moons", "checkerboard"])
def test_the_view_says_when_steps_are_unstable(factor, sentence, dynamics, distribution):
    settings = ScoreFieldSettings(
        distribution=distribution, dynamics=dynamics, score=EXACT, sigma=0.1
    )
    calm = score_results.last(
        ScoreFieldSettings(**{**vars(settings), "step_size": 0.001, "num_steps": 20})
    )
    bound = fact(calm, "stability bound")
    assert bound <= data_bound(settings.subject(), 0.1) * 1.1
    step_size = round(factor * bound, 4)
    changed = {**vars(settings), "step_size": step_size, "num_steps": 20, "walkers": 2}
    facts = score_results.last(ScoreFieldSettings(**changed)).facts
    assert sentence in " ".join(facts.values())


@pytest.mark.parametrize(
    ("sigma", "temperature"),
    [(0.01, 2), (0.05, 1)],  # by the second they end at 1e18 and not beyond all numbers
)
def test_walkers_that_diverge_do_not_break_the_view(sigma, temperature):
    settings = ScoreFieldSettings(
        sigma=sigma, step_size=0.2, temperature=temperature, num_steps=300, walkers=5
    )
    result = score_results.last(settings)
    assert fact(result, "from the data") == 100
    assert result.notes[-1].startswith("energy distance inf")
    bound = fact(result, "stability bound")
    assert bound < 0.2
    assert result.unstable.startswith("The step size ε = 0.2 is above the stability bound 4/L = ")
    assert float(result.unstable.split("= ")[-1].rstrip(".")) == bound
    assert score_results.last(ScoreFieldSettings(walkers=2, num_steps=2)).unstable == ""


def test_a_drawing_changes_only_the_view_of_a_drawing():
    line = encode_strokes([heart()[0][:10]])
    subjects = {
        name: [ScoreFieldSettings(distribution=name, strokes=s).subject() for s in (line, line[:6])]
        for name in ("rings", DRAWN)
    }
    assert subjects["rings"][0] == subjects["rings"][1]
    assert subjects[DRAWN][0] != subjects[DRAWN][1]


def test_a_long_walk_comes_in_parts_that_grow(monkeypatch):
    monkeypatch.setattr("ui.score.score_field.compute.PART_SECONDS", 0.0)
    parts = list(score_results(ScoreFieldSettings(walkers=3, num_steps=9, seed=77)))
    assert [len(part.labels) for part in parts] == list(range(1, 11))
    whole = parts[-1]
    for part in parts:
        assert np.array_equal(part.walkers, whole.walkers[: len(part.labels)])
        assert part.notes == whole.notes[: len(part.labels)]


def test_only_whole_results_are_remembered():
    calls = []

    def count(to):
        calls.append(to)
        yield from range(to)

    counted = RememberLast(count, maxsize=2)
    stopped = counted(5)
    assert next(stopped) == 0
    stopped.close()
    assert list(counted(5)) == [0, 1, 2, 3, 4]  # the stopped one was forgotten
    assert list(counted(5)) == [4]
    assert counted.last(5) == 4
    assert counted.last(3) == counted.last(3) == 2
    assert counted.last(4) == 3
    assert calls == [5, 5, 3, 4]
    assert list(counted(5)) == [0, 1, 2, 3, 4]  # the oldest of three was dropped


def test_sigmas_that_do_not_fall_are_named_as_on_the_page():
    sentence = r"^first σ of annealed Langevin must be above the noise σ of the data, 1, got 0.5$"
    with pytest.raises(ValueError, match=sentence):
        ScoreFieldSettings(dynamics=ANNEALED, sigma=1.0, sigma_max=0.5).sigmas()
