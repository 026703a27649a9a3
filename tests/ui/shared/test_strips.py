"""Strips of ten panels: what the sections put into them, and the picture that is downloaded."""

import numpy as np
import pytest

from ui.components.base import decode, encode_positions
from ui.ddpm.forward.compute import ForwardSettings, forward_result, forward_strip
from ui.ddpm.reverse.compute import ReverseSettings, reverse_strip
from ui.ddpm.train_ddpm import compute as train_ddpm
from ui.ddpm.train_ddpm.compute import TrainDdpmSettings, training_strip
from ui.score.score_field.compute import ScoreFieldSettings
from ui.score.score_field.strip import walk_strip
from ui.shared.strips import PANELS, Strip, strip_figure


def test_each_panel_is_drawn_once_under_its_title():
    drawn = []
    titles = [["a", "b"], ["c"]]
    strip = Strip(
        "name", "text", titles, lambda axes, *at: drawn.append((axes, *at)), ("one", "two")
    )
    figure = strip_figure(strip)
    assert [at for _, *at in drawn] == [[0, 0], [0, 1], [1, 0]]
    assert [axes.get_title() for axes, *_ in drawn] == ["a", "b", "c"]
    assert [axes.get_ylabel() for axes, *_ in drawn] == ["one", "", "two"]
    assert [axes.axison for axes in figure.axes] == [True, True, True, False]


def points_in(axes):
    return np.asarray(axes.collections[-1].get_offsets())


def test_the_forward_strip_shows_each_schedule_from_data_to_noise():
    settings = ForwardSettings(num_train_timesteps=50)
    strip, result = forward_strip(settings), forward_result(settings)
    axes = strip_figure(strip).axes
    assert len(axes) == PANELS * len(strip.rows)
    for row, name in enumerate(strip.rows):
        first, last = axes[PANELS * row], axes[PANELS * (row + 1) - 1]
        assert np.array_equal(points_in(first), result.forward.views[name][0])
        assert np.array_equal(points_in(last), result.forward.views[name][-1])
        assert last.get_title() == "t = 50 of 50"
    assert "50-steps" in strip.name
    assert "squaredcos_cap_v2" in strip.description


def test_the_reverse_strip_has_a_row_for_each_run():
    settings = ReverseSettings(steps_1=4, sampler_3="none", sampler_4="none", num_points=50)
    strip = reverse_strip(settings)
    assert [len(row) for row in strip.titles] == [5, PANELS]  # four steps have five states
    assert strip.titles[0][-1] == "4 of 4 steps, √ᾱ = 1.000"
    assert strip.name == "reverse-x_t-ddpm-4-ddim-10-seed-0"
    assert len(strip_figure(strip).axes) == 2 * PANELS


@pytest.mark.parametrize("dynamics", ["Langevin", "annealed Langevin"])
def test_the_strip_of_a_walk_says_step_and_sigma(dynamics):
    settings = ScoreFieldSettings(dynamics=dynamics, num_steps=40, walkers=7, score="exact")
    strip = walk_strip(settings)
    (titles,) = strip.titles
    assert len(titles) == PANELS
    assert titles[0].startswith("step 0 of 40, σ = ")
    assert titles[-1] == "step 40 of 40, σ = 0.1"
    last = strip_figure(strip).axes[-1]
    assert points_in(last).shape == (7, 2)


def test_the_strip_of_a_training_shows_both_weights(monkeypatch):
    monkeypatch.setattr(train_ddpm, "NUM_POINTS", 100)
    monkeypatch.setattr(train_ddpm, "NUM_POINTS_AT_THE_END", 200)
    settings = TrainDdpmSettings(width=16, steps=200, num_train_timesteps=50, seed=5)
    with pytest.raises(ValueError, match="press Train first"):
        training_strip(settings)
    train_ddpm.HISTORIES.prepare(settings)
    strip = training_strip(settings)
    history = train_ddpm.HISTORIES.so_far(settings)
    axes = strip_figure(strip).axes
    assert strip.rows == ("averaged weights", "plain weights")
    assert np.array_equal(points_in(axes[1]), decode(history.frames[-1]))
    assert np.array_equal(points_in(axes[3]), decode(history.plain_frames[-1]))


def test_what_was_packed_is_read_again(generator):
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    assert np.allclose(decode(encode_positions(points, (-1, 1))), points, atol=2 / 65_535)
