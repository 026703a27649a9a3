import numpy as np
import pytest

from diffusion.plan import Plan
from diffusion.quality import load_table
from synth import render
from ui.forward import ForwardSettings, forward_result, schedules
from ui.lanes import lane
from ui.likelihood import LikelihoodSettings, likelihood_result
from ui.models import checkpoint
from ui.quality import MEASURES, QualitySettings, quality_facts, quality_result
from ui.quality_figure import quality_figure
from ui.reverse import SAMPLERS, ReverseSettings, reverse_result
from ui.schedule_figure import schedule_figure
from ui.score import ScoreSettings, score_result
from ui.waveform import NUM_SAMPLES, WaveformSettings, compose_result, generate_result


def test_score_view_is_finished_and_seeded():
    settings = ScoreSettings(walkers=20, num_steps=30)
    result = score_result(settings)
    assert result.walkers.shape == (31, 20, 2)
    assert np.isfinite(result.heat).all()
    again = score_result.__wrapped__(settings)
    assert np.array_equal(result.walkers, again.walkers)
    other = score_result(ScoreSettings(walkers=20, num_steps=30, seed=1))
    assert not np.array_equal(result.walkers, other.walkers)


def test_score_view_says_when_steps_are_unstable():
    calm = score_result(ScoreSettings(walkers=5, num_steps=3))
    wild = score_result(ScoreSettings(walkers=5, num_steps=3, sigma=0.03, step_size=0.2))
    assert "below it" in " ".join(calm.facts.values())
    assert "unstable" in " ".join(wild.facts.values())


def test_walkers_that_diverge_do_not_break_the_view():
    settings = ScoreSettings(sigma=0.01, step_size=0.2, temperature=2, num_steps=1000, walkers=5)
    result = score_result(settings)
    assert "100.0%" in " ".join(result.facts.values())


def test_score_error_is_measured():
    facts = score_result(ScoreSettings(walkers=2, num_steps=2)).facts
    assert 0 < float(facts["relative error of the learned score at this σ"]) < 0.1


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


def lanes_off(**lanes):
    return ReverseSettings(**{f"sampler_{k}": "none" for k in (2, 3, 4)} | lanes)


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "none"])
def test_reverse_lane_ends_on_the_roll(sampler):
    settings = lanes_off(sampler_1=sampler, steps_1=50, grid_1="karras", num_points=300)
    ((title, lane),) = reverse_result(settings).items()
    assert sampler.split()[0] in title
    assert lane.off.mean() < 0.03
    assert lane.views["x_t"].shape == lane.views["x̂₀"].shape == (len(lane.captions), 300, 2)


def test_lanes_start_from_the_same_noise():
    first, second, *_ = reverse_result(ReverseSettings(num_points=100)).values()
    assert np.array_equal(first.views["x_t"][0], second.views["x_t"][0])
    assert not np.array_equal(first.views["x_t"][-1], second.views["x_t"][-1])


def test_reverse_without_a_lane_says_so():
    with pytest.raises(ValueError, match="at least one lane"):
        reverse_result(lanes_off(sampler_1="none"))


def test_the_default_rho_is_the_checkpoints():
    assert ReverseSettings().rho == checkpoint("swiss-roll-ddpm").config["inference"]["rho"]


def test_a_sampling_can_be_stopped_and_only_a_finished_one_is_kept():
    plan = Plan("oracle", "ddpm", 100)
    lane.cache_clear()
    steps = lane.steps(plan, 2000, 3)
    assert "of 100" in next(steps)
    steps.close()
    assert "of 100" in next(lane.steps(plan, 2000, 3))  # not kept: it starts afresh
    assert list(lane.steps(Plan(num_inference_steps=2), 50, 0)) == []
    kept = lane(Plan(num_inference_steps=2), 50, 0)
    assert lane(Plan(num_inference_steps=2), 50, 0) is kept


@pytest.mark.parametrize("measure", MEASURES)
def test_quality_chart_has_the_measured_point_among_the_curves(measure):
    settings = QualitySettings(measure=measure, num_points=500)
    figure = quality_figure(settings)
    value = getattr(quality_result(settings), MEASURES[measure])
    assert f"Measured now 10: {value:.3g}" in figure
    assert "dpm++2m network 5: " in figure
    assert "dpm++2m oracle 5: " in figure


def test_quality_facts_name_the_best_of_the_table():
    facts = quality_facts(QualitySettings(num_points=500))
    rows = load_table()["rows"]
    best = min(r["sw2"] for r in rows if r["predictor"] == "network" and r["evaluations"] <= 10)
    assert facts["best SW2 ratio within 10 evaluations"].startswith(f"{best:.2f} (")


def test_likelihood_view_is_near_the_exact_density():
    result = likelihood_result(LikelihoodSettings(x=1.3, y=0.0, num_steps=50))
    network, oracle = result.log_likelihoods
    assert oracle == pytest.approx(result.exact, abs=1e-2)
    assert network == pytest.approx(result.exact, abs=0.2)
    assert result.paths.shape == (51, 2, 2)
    assert np.array_equal(result.paths[0, 0], result.paths[0, 1])


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
