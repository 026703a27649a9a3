import numpy as np
import pytest

from synth import render
from ui.forward import ForwardSettings, forward_result, schedules
from ui.reverse import ReverseSettings, reverse_result
from ui.schedule_figure import schedule_figure
from ui.waveform import NUM_SAMPLES, WaveformSettings, compose_result, generate_result


def test_forward_view_uses_one_noise_for_all_schedules():
    result = forward_result(ForwardSettings(num_train_timesteps=40))
    assert set(result.views) == {"linear", "scaled_linear", "sigmoid", "squaredcos_cap_v2"}
    first = [view[0] for view in result.views.values()]
    assert all(np.array_equal(first[0], each) for each in first)
    assert result.views["linear"].shape == (41, 600, 2)


def test_forward_view_says_which_schedules_fall_short():
    facts = forward_result(ForwardSettings(beta_end=0.01)).facts
    assert "does not reach noise" in facts["linear"]
    assert "does not reach noise" not in facts["squaredcos_cap_v2"]


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "euler", "heun", "dpm++2m"])
def test_reverse_view_ends_on_the_roll(sampler):
    result = reverse_result(ReverseSettings(sampler=sampler, num_points=300))
    off = float(result.facts["points more than 0.09 from the curve"].split("%")[0])
    assert off < 3
    assert result.views["x_t"].shape == result.views["x̂₀"].shape == (51, 300, 2)


def test_figure_has_a_text_alternative():
    figure = schedule_figure(schedules(ForwardSettings()))
    assert 'role="img" aria-label="Signal left over time' in figure
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
