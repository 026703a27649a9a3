import math
import re
from dataclasses import fields
from urllib.parse import parse_qsl

import pytest
import torch

from diffusion.data.distributions import DISTRIBUTIONS
from ui.ddpm.forward.compute import ForwardSettings
from ui.ddpm.likelihood.compute import LikelihoodSettings
from ui.ddpm.reverse.compute import ReverseSettings
from ui.ddpm.sample_quality.compute import SampleQualitySettings
from ui.ddpm.train_ddpm.compute import TrainDdpmSettings
from ui.score.score_field.compute import ScoreFieldSettings
from ui.score.train_score.compute import TrainScoreSettings
from ui.shared.control_types import Number
from ui.shared.controls import make_control
from ui.shared.data import DRAWN, ROLL, Data
from ui.shared.drawing import encode_strokes
from ui.shared.settings import control_of
from ui.sound.from_nothing.compute import FromNothingSettings
from ui.sound.sound_designer.compute import SoundDesignerSettings

ALL = (
    ScoreFieldSettings,
    TrainScoreSettings,
    ForwardSettings,
    ReverseSettings,
    SampleQualitySettings,
    LikelihoodSettings,
    TrainDdpmSettings,
    SoundDesignerSettings,
    FromNothingSettings,
)


@pytest.mark.parametrize("settings_class", ALL)
def test_every_number_is_checked(settings_class):
    for field in fields(settings_class):
        name, control = field.name, control_of(field)
        bad = ["nonsense"]
        if isinstance(control, Number):
            bad = [control.low - 1, control.high * 2 + 1, math.nan, math.inf, None, "", "a", [1]]
            if isinstance(control.step, int):
                bad.append(control.low + 0.5)
        for value in bad:
            with pytest.raises(ValueError, match=f"^{re.escape(control.label)} must be"):
                settings_class(**{name: value})


@pytest.mark.parametrize("bad", ["ab", "abc..abc", "abc.", "ab c", "äöü", "a" * 4_002, 3, None])
def test_a_text_is_checked(bad):
    with pytest.raises(ValueError, match="your drawing must be"):
        ScoreFieldSettings(strokes=bad)


def test_a_pad_may_be_empty():
    assert ScoreFieldSettings(strokes="").strokes == ""


def test_the_sentence_names_value_and_range():
    with pytest.raises(
        ValueError, match=r"^noise σ of the data must be a number in \[0.01, 1\], got 7$"
    ):
        ScoreFieldSettings(sigma="7")
    with pytest.raises(ValueError, match=r"^seed must be an integer in .*, got nothing$"):
        ScoreFieldSettings(seed=None)
    with pytest.raises(ValueError, match=r"in \[0.000001, 0.01\], got 0.25$"):
        ForwardSettings(beta_start=0.25)


def test_an_emptied_box_and_an_unknown_option_reach_the_settings():
    for name, value in (("sigma", None), ("seed", None), ("distribution", "torus")):
        assert make_control(ScoreFieldSettings, name).preprocess(value) == value


@pytest.mark.parametrize("settings_class", ALL)
def test_every_box_knows_its_range(settings_class):
    for field in fields(settings_class):
        if isinstance(control := control_of(field), Number):
            box = make_control(settings_class, field.name)
            if control.log:
                assert (box.props["low"], box.props["high"]) == (control.low, control.high)
            else:
                assert (box.minimum, box.maximum) == (control.low, control.high)
                assert box.step == control.step


def test_unknown_parameters_of_a_link_are_ignored():
    assert ScoreFieldSettings.from_query({"tab": "score-field", "utm": "x"}) == ScoreFieldSettings()


# ---- One's own data -----------------------------------------------------------------------------

TRAININGS = [TrainScoreSettings, TrainDdpmSettings]


@pytest.mark.parametrize("settings_class", TRAININGS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_link_to_a_training_names_a_distribution_that_all_have(settings_class, name):
    chosen = settings_class(distribution=name, seed=3)
    query = dict(parse_qsl(chosen.to_query()))
    assert query["distribution"] == name
    assert "strokes" not in query
    assert settings_class.from_query(query) == chosen


@pytest.mark.parametrize("settings_class", TRAININGS)
def test_no_link_to_a_training_names_a_drawing(settings_class):
    drawing = encode_strokes([torch.tensor([[-1.0, 0.0], [1.0, 0.5]])])
    own = settings_class(distribution=DRAWN, strokes=drawing, seed=3)
    assert own.data() == Data(DRAWN, drawing)
    query = dict(parse_qsl(own.to_query()))
    assert drawing not in query.values()
    assert settings_class.from_query(query) == settings_class(seed=3)
    with pytest.raises(ValueError, match="your drawing is empty"):
        settings_class(distribution=DRAWN, strokes="").data()


@pytest.mark.parametrize("settings_class", [*TRAININGS, ReverseSettings])
def test_a_link_of_an_earlier_version_means_the_swiss_roll(settings_class):
    assert settings_class.from_query({"tab": settings_class.tab, "seed": "3"}).data() == ROLL
