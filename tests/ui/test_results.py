import numpy as np
import pytest

from diffusion.mistakes import MISTAKES
from synth import render
from ui.bound import BoundSettings, bound_result
from ui.bound_figure import bound_figure
from ui.forward import ForwardSettings, forward_result, schedules
from ui.mistakes import LESSONS, MistakesSettings, mistake_result
from ui.reverse import ReverseSettings, reverse_result
from ui.schedule_figure import schedule_figure
from ui.waveform import NUM_SAMPLES, WaveformSettings, compose_result, generate_result


def test_forward_view_uses_one_noise_for_all_schedules():
    result = forward_result(ForwardSettings(num_train_timesteps=40))
    assert result.forward.views["linear"].shape == (41, 600, 2)
    assert result.backward.views["linear"].shape == (26, 600, 2)
    for film in (result.forward, result.backward):
        assert set(film.views) == {"linear", "scaled_linear", "sigmoid", "squaredcos_cap_v2"}
        first = [view[0] for view in film.views.values()]
        assert all(np.array_equal(first[0], each) for each in first)


def test_a_schedule_short_of_noise_fails_even_with_the_exact_score():
    # The tutorial's range of β, T = 100; the cosine schedule does not depend on it.
    ends = forward_result(ForwardSettings()).ends
    good = ends.pop("squaredcos_cap_v2")
    assert good.kl < 1e-6
    assert good.sw2_ratio < 1.4
    for end in ends.values():
        assert end.kl > 0.08
        assert end.sw2_ratio > 2
    longer = forward_result(ForwardSettings(beta_end=0.25)).ends
    assert all(end.kl < 1e-5 and end.sw2_ratio < 1.6 for end in longer.values())


def test_bound_view_has_every_process_above_the_exact_one():
    large = bound_result(BoundSettings(num_points=300))
    small = bound_result(BoundSettings(num_points=300, variance_type="fixed_small"))
    assert list(large.bounds) == ["learned", "simple", "exact score", "least"]
    least = large.bounds["least"].total
    assert large.bounds["learned"].total == small.bounds["learned"].total > least
    assert large.bounds["learned"].total < large.bounds["simple"].total - 0.05
    assert small.bounds["simple"].total > large.bounds["simple"].total + 3
    assert 'role="img" aria-label="Terms of the bound' in bound_figure(large.bounds)


def test_mistakes_are_shown_beside_the_right_way():
    assert set(LESSONS) == set(MISTAKES)
    result = mistake_result(MistakesSettings(mistake="β for √β"))
    assert result.wrong.shape == result.right.shape == (51, 500, 2)
    assert np.array_equal(result.wrong[0], result.right[0])
    wrong, right = result.costs["SW2 ratio"]
    assert wrong > 3 * right


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "euler", "heun", "dpm++2m"])
def test_reverse_view_ends_on_the_roll(sampler):
    result = reverse_result(ReverseSettings(sampler=sampler, num_points=300))
    off = float(result.facts["points more than 0.09 from the curve"].split("%")[0])
    assert off < 3
    assert result.views["x_t"].shape == result.views["x̂₀"].shape == (51, 300, 2)


def test_figure_has_a_text_alternative():
    figure = schedule_figure(schedules(ForwardSettings()))
    assert 'role="img" aria-label="β_t, ᾱ_t and the logarithm of the SNR' in figure
    assert "<svg" in figure


def test_composed_sound_is_the_renderers():
    settings = WaveformSettings(f0=220, num_harmonics=5, duration=0.2)
    played = compose_result(settings).sounds["sound"][0]
    rendered = render(settings.sound(), 0.2)[0]
    assert np.corrcoef(played, rendered)[0, 1] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("sampler", ["ddim", "dpm++2m"])
def test_generated_sound_is_nearer_the_family_than_noise(sampler):
    result = generate_result(WaveformSettings(sampler=sampler, num_inference_steps=30))
    assert result.sounds["x_t"].shape == (21, NUM_SAMPLES)
    # Energy above 5 kHz, where the family has next to none: -3 dB in noise, far less in a sound.
    power = np.abs(np.fft.rfft(result.sounds["x_t"][[0, -1]])) ** 2
    high = power[:, power.shape[1] // 2 :].sum(axis=1) / power.sum(axis=1)
    assert high[0] > 0.4
    assert high[1] < 0.01


def test_every_step_is_equally_loud():
    sounds = generate_result(WaveformSettings(num_inference_steps=30)).sounds["x_t"]
    rms = np.sqrt(np.mean(sounds**2, axis=1))
    assert rms.max() / rms.min() < 1.5
