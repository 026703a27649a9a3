import numpy as np
import pytest
import torch

from diffusion.evaluation.metrics import fraction_off
from ui.components import LogSlider
from ui.ddpm.forward.compute import (
    NOISE_ALPHA_CUMPROD,
    NUM_POINTS,
    ForwardSettings,
    forward_result,
    schedules,
    steps_back,
    until_noise,
)
from ui.ddpm.forward.figures import schedule_figure
from ui.shared.controls import make_control
from ui.shared.data import DRAWN, distribution_of
from ui.shared.drawing import encode_strokes

TUTORIAL = ForwardSettings(num_train_timesteps=100, beta_end=0.01)


def test_all_schedules_add_one_noise_and_both_players_show_the_same_times():
    result = forward_result(ForwardSettings(num_train_timesteps=40))
    for animation in (result.forward, result.backward):
        assert set(animation.views) == {"linear", "scaled_linear", "sigmoid", "squaredcos_cap_v2"}
        first = [view[0] for view in animation.views.values()]
        assert all(view.shape == (31, NUM_POINTS, 2) for view in animation.views.values())
        assert all(np.array_equal(first[0], each) for each in first)
    assert result.forward.labels == result.backward.labels[::-1]
    assert result.forward.labels[0] == "t = 0 of 40"
    assert result.forward.labels[-1] == "t = 40 of 40"


def test_a_schedule_short_of_noise_fails_even_with_the_exact_score():
    # The cosine schedule does not depend on the range of β.
    ends = dict(forward_result(TUTORIAL).ends)
    good = ends.pop("squaredcos_cap_v2")
    assert good.kl < 1e-6
    assert good.sw2_ratio < 1.4
    for end in ends.values():
        assert end.kl > 0.08
        assert end.sw2_ratio > 2


# As far as β goes, ᾱ falls to 1e-150. Fifty steps over all of it left twelve for where the data
# appear, and gave a ratio of 3.1 (beyond ᾱ = 1e-76, NaN).
@pytest.mark.parametrize(
    ("steps", "beta_end"), [(100, 0.25), (1000, 0.2), (700, 0.5), (1000, 0.5), (60, 0.5)]
)
def test_a_schedule_that_reaches_noise_comes_back_however_far_it_goes_on(steps, beta_end):
    result = forward_result(ForwardSettings(num_train_timesteps=steps, beta_end=beta_end))
    assert all(np.isfinite(view).all() for view in result.backward.views.values())
    for end in result.ends.values():
        assert end.kl < 1e-4
        assert end.sw2_ratio < 1.5


def test_no_step_back_but_the_first_is_taken_in_pure_noise():
    for steps, beta_end in ((10, 0.01), (60, 0.5), (1000, 0.5)):
        settings = ForwardSettings(num_train_timesteps=steps, beta_end=beta_end)
        for schedule in schedules(settings).values():
            count = steps_back(schedule)
            *visited, _ = until_noise(schedule).inference_alphas_cumprod(count).tolist()
            assert len(visited) == min(count, 50, steps)
            assert all(each >= NOISE_ALPHA_CUMPROD for each in visited[1:])
            reached = visited[0] < NOISE_ALPHA_CUMPROD
            assert reached == (float(schedule.alphas_cumprod[-1]) < NOISE_ALPHA_CUMPROD)


def test_figure_has_a_text_alternative():
    figure = schedule_figure(schedules(ForwardSettings()))
    assert 'role="img" aria-label="β_t, ᾱ_t and the logarithm of the SNR' in figure
    assert "<svg" in figure


def test_only_the_sliders_of_beta_are_logarithmic_and_they_need_a_positive_range():
    kinds = {name: type(make_control(ForwardSettings, name)) for name in ForwardSettings.names()}
    logarithmic = {name for name, kind in kinds.items() if kind is LogSlider}
    assert logarithmic == {"beta_start", "beta_end"}
    for low, high in ((0, 1), (2, 1)):
        with pytest.raises(ValueError, match="0 < low < high"):
            LogSlider(low, high, 1, "β")


@pytest.mark.parametrize("distribution", ["two moons", "eight Gaussians", "checkerboard", DRAWN])
def test_every_distribution_comes_back_by_its_own_exact_score(distribution):
    settings = ForwardSettings(distribution=distribution)
    data = distribution_of(settings.data())
    result = forward_result(settings)
    for name, end in result.ends.items():
        assert 0 <= end.kl < 1e-4
        assert end.sw2_ratio < 1.7
        ends = torch.from_numpy(result.backward.views[name][-1])
        assert fraction_off(ends, data, data.width) < 0.05
    strangers = torch.from_numpy(forward_result(ForwardSettings()).backward.views["sigmoid"][-1])
    assert fraction_off(strangers, data, data.width) > 0.3


def test_only_the_distribution_of_a_drawing_depends_on_the_drawing():
    other = encode_strokes([torch.tensor([[-1.0, 0.0], [1.0, 0.5]], dtype=torch.float64)])
    for distribution, differs in (("two moons", False), (DRAWN, True)):
        chosen = [
            ForwardSettings(num_train_timesteps=10, distribution=distribution, **each)
            for each in ({}, {"strokes": other})
        ]
        first, second = (forward_result(each).forward.views["linear"] for each in chosen)
        assert np.array_equal(first, second) != differs
