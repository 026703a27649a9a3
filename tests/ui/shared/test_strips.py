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
from ui.sound.from_nothing.compute import FromNothingSettings, generate_result
from ui.sound.from_nothing.layout import generated_strip
from ui.sound.sound_designer.compute import SoundDesignerSettings, gallery
from ui.sound.sound_designer.displays import gallery_strip
from ui.sound.vocoder.compute import SIGMAS, VocoderSettings, vocode
from ui.sound.vocoder.displays import vocoder_strip
from ui.sound.vocoder.subject import Subject


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
    assert strip.name == "reverse-x_t-swiss-roll-ddpm-4-ddim-10-seed-0"
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


def wave_in(axes):
    return axes.lines[-1].get_ydata()


def middle(wave):
    start = (len(wave) - 661) // 2  # 30 ms at 22,050 Hz
    return wave[start : start + 661]


def test_the_strip_of_a_sound_shows_it_in_noise_and_on_its_way_back():
    settings = VocoderSettings(duration=0.5, steps="12")
    strip, (*_, result) = vocoder_strip(settings), vocode(settings, settings.subject())
    assert [len(row) for row in strip.titles] == [1 + len(SIGMAS), PANELS, PANELS]
    assert strip.titles[0][0] == "x₀\nthe sound itself"
    assert strip.titles[0][-1].startswith("σ = 10\n")
    assert strip.titles[1][-1] == "0 steps to go\n√ᾱ = 1.0000"
    axes = strip_figure(strip).axes
    assert len({each.get_ylim() for each in axes if each.axison}) == 1
    for panel, wave in ((axes[0], settings.subject().wave), (axes[-1], result.wave())):
        assert np.corrcoef(wave_in(panel), middle(wave[0]))[0, 1] == pytest.approx(1, abs=1e-6)
    assert strip.name == "vocoder-harmonic-dpm++2m-12-seed-0-x_t-and-x0"
    assert "f₀ = 174.6 Hz" in strip.description


def test_the_strip_of_ones_own_sound_shows_that_one():
    wave = np.sin(2 * np.pi * 300 * np.arange(11_025) / 22_050)[None].astype(np.float32)
    strip = vocoder_strip(VocoderSettings(), Subject(wave, None, "own", "Your own sound, 0.50 s"))
    shown = wave_in(strip_figure(strip).axes[0])
    assert np.corrcoef(shown, middle(wave[0]))[0, 1] == pytest.approx(1, abs=1e-6)
    assert "Your own sound, 0.50 s" in strip.description


def test_the_strip_of_a_generated_sound_has_both_views():
    settings = FromNothingSettings(num_inference_steps=12)
    strip, result = generated_strip(settings), generate_result(settings)
    axes = strip_figure(strip).axes
    assert list(strip.rows) == ["x_t", "x̂₀"]
    for row, view in enumerate(result.views.values()):
        for panel, frame in ((PANELS * row, 0), (PANELS * (row + 1) - 1, -1)):
            assert np.array_equal(wave_in(axes[panel]), middle(np.asarray(view.sounds)[frame]))
    assert "ddpm-12" in strip.name


@pytest.mark.parametrize("prior", ["wide", "harmonic", "notebook"])
def test_the_strip_of_the_gallery_shows_ten_sounds_of_its_prior(prior):
    strip = gallery_strip(SoundDesignerSettings(prior=prior, seed=3))
    drawn = gallery(3, prior)
    axes = strip_figure(strip).axes
    assert len(axes) == PANELS == len(drawn.sounds)
    for panel, wave in zip(axes, drawn.waves, strict=True):
        assert np.array_equal(wave_in(panel), middle(wave))
    assert strip.name == f"sounds-of-prior-{prior}-seed-3"


def test_what_was_packed_is_read_again(generator):
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    assert np.allclose(decode(encode_positions(points, (-1, 1))), points, atol=2 / 65_535)
