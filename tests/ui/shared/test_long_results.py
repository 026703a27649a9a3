import threading
import time
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest

from diffusion.mistakes.registry import MISTAKES
from diffusion.mistakes.tutorial_lines import TUTORIAL_LINES
from diffusion.sampling.config import SamplingConfig
from synth import loudness
from ui.ddpm.likelihood.compute import LikelihoodSettings, likelihood_result
from ui.ddpm.reverse.compute import SAMPLERS, ReverseSettings, reverse_result
from ui.ddpm.sample_quality.compute import plan_quality
from ui.ddpm.variational_bound.compute import VariationalBoundSettings, bound_result
from ui.ddpm.variational_bound.figure import bound_figure
from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings, mistake_result
from ui.mistakes.mistakes_in_2d.layout import TEXTS
from ui.shared import long_results
from ui.shared.long_results import Visit, until_newer, visit_of
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import sampler_run
from ui.sound.from_nothing.compute import NETWORKS, FromNothingSettings, generate_result
from ui.sound.networks import LAPPED


def test_bound_view_has_every_process_above_the_exact_one():
    large = bound_result(VariationalBoundSettings(num_points=300))
    small = bound_result(VariationalBoundSettings(num_points=300, variance_type="fixed_small"))
    assert list(large.bounds) == ["learned", "simple", "exact score", "least"]
    least = large.bounds["least"].total
    assert large.bounds["learned"].total == small.bounds["learned"].total > least
    assert large.bounds["learned"].total < large.bounds["simple"].total - 0.05
    for found in large.bounds.values():  # over seeds the difference spreads by 0.02
        assert float(found.excess.sum()) == pytest.approx(found.total - large.exact, abs=0.1)
        assert float(found.excess.min()) >= 0
    assert small.bounds["simple"].total > large.bounds["simple"].total + 3
    assert 'role="img" aria-label="Terms of the bound' in bound_figure(large.bounds)


def test_mistakes_are_shown_beside_the_right_way():
    assert set(MISTAKES) == set(TUTORIAL_LINES)
    assert all(TEXTS[f"lessons.{name}"] for name in MISTAKES)
    result = mistake_result(MistakesIn2dSettings(mistake="β for √β"))
    assert result.wrong.shape == result.right.shape == (51, 500, 2)
    assert np.array_equal(result.wrong[0], result.right[0])
    wrong, right = result.costs["SW2 ratio"]
    assert wrong > 3 * right


def runs_off(**runs):
    return ReverseSettings(**{f"sampler_{k}": "none" for k in (2, 3, 4)} | runs)


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "none"])
def test_reverse_run_ends_on_the_roll(sampler):
    settings = runs_off(sampler_1=sampler, steps_1=50, grid_1="karras", num_points=300)
    ((title, run),) = reverse_result(settings).items()
    assert sampler.split()[0] in title
    assert run.off.mean() < 0.03
    assert run.views["x_t"].shape == run.views["x̂₀"].shape == (len(run.captions), 300, 2)


def test_runs_start_from_the_same_noise():
    first, second, *_ = reverse_result(ReverseSettings(num_points=100)).values()
    assert np.array_equal(first.views["x_t"][0], second.views["x_t"][0])
    assert not np.array_equal(first.views["x_t"][-1], second.views["x_t"][-1])


def test_reverse_without_a_run_says_so():
    with pytest.raises(ValueError, match="at least one run"):
        reverse_result(runs_off(sampler_1="none"))


def test_the_default_rho_is_the_checkpoints():
    assert ReverseSettings().rho == checkpoint("swiss-roll-ddpm").config["inference"]["rho"]


def test_a_sampling_can_be_stopped_and_only_a_finished_one_is_kept():
    plan = SamplingConfig("oracle", "ddpm", 100)
    sampler_run.cache_clear()
    steps = sampler_run.steps(plan, 2000, 3)
    assert "of 100" in next(steps)
    steps.close()
    assert "of 100" in next(sampler_run.steps(plan, 2000, 3))  # not kept: it starts afresh
    kept = sampler_run(SamplingConfig(num_inference_steps=2), 50, 0)
    assert sampler_run(SamplingConfig(num_inference_steps=2), 50, 0) is kept


@pytest.mark.parametrize("long", [sampler_run, plan_quality])
def test_a_sampling_can_be_stopped_within_a_second_at_any_time(long):
    plan = SamplingConfig("oracle", "langevin", 3, "karras")  # the longest steps there are
    long.cache_clear()
    times = [time.thread_time()]  # of this thread: others may have the machine meanwhile
    times += [time.thread_time() for _ in long.steps(plan, 2000, 0)]
    assert np.diff([*times, time.thread_time()]).max() < 1


def test_likelihood_view_is_near_the_exact_density():
    result = likelihood_result(LikelihoodSettings(x=1.3, y=0.0, num_steps=50))
    network, oracle = result.log_likelihoods
    assert oracle == pytest.approx(result.exact, abs=1e-2)
    assert network == pytest.approx(result.exact, abs=0.2)
    assert result.paths.shape == (51, 2, 2)
    assert np.array_equal(result.paths[0, 0], result.paths[0, 1])


@pytest.mark.parametrize("sampler", ["ddim", "dpm++2m"])
def test_generated_sound_is_nearer_the_family_than_noise(sampler):
    result = generate_result(
        FromNothingSettings(sampler=sampler, num_inference_steps=30, network=LAPPED)
    )
    assert result.views["x_t"].sounds.shape == (21, 8_192)
    # Energy above 5 kHz, where the family has next to none: -3 dB in noise, far less in a sound.
    power = np.abs(np.fft.rfft(result.views["x_t"].sounds[[0, -1]])) ** 2
    high = power[:, power.shape[1] // 2 :].sum(axis=1) / power.sum(axis=1)
    assert high[0] > 0.4
    assert high[1] < 0.01


@pytest.mark.parametrize("network", NETWORKS)
def test_every_step_is_equally_loud(network):
    settings = FromNothingSettings(num_inference_steps=30, network=network)
    sounds = generate_result(settings).views["x_t"].sounds
    assert np.ptp(loudness(np.asarray(sounds), 22_050)) < 0.1  # LU


# ---- The last run of a visitor wins -------------------------------------------------------------


ANN = Visit("ann")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(long_results, "PATIENCE", 0.0)


@pytest.mark.usefixtures("impatient")
def test_a_newer_run_of_the_same_visitor_ends_the_older():
    older = until_newer(ANN, "score", iter(range(9)))
    elsewhere = until_newer(ANN, "reverse", iter(range(9)))
    other = until_newer(Visit("bob"), "score", iter(range(9)))
    nobody = until_newer(None, "score", iter(range(9)))
    assert [next(run) for run in (older, elsewhere, other, nobody)] == [0, 0, 0, 0]
    newer = until_newer(ANN, "score", iter(range(3)))
    assert next(newer) == 0
    assert list(older) == []
    assert list(newer) == [1, 2]
    for run in (elsewhere, other, nobody):
        assert list(run) == list(range(1, 9))


@pytest.mark.usefixtures("impatient")
def test_a_run_that_is_ended_before_its_first_part_changes_nothing():
    newer = until_newer(ANN, "score", iter([["y", "another"], ["y", "longer"]]))

    def overtaken():
        next(newer)
        yield ["x", "a picture"]
        yield ["x", "a longer one"]

    older = until_newer(ANN, "score", overtaken())
    assert list(older) == [[gr.skip(), gr.skip()]]
    assert list(newer) == [["y", "longer"]]


@pytest.mark.parametrize("ended", [False, True])
def test_a_run_that_was_requested_earlier_and_begins_later_changes_nothing(ended):
    newer = until_newer(Visit(f"ended: {ended}", 7), "score", iter(["newer", "whole"]))
    assert next(newer) == "newer"
    if ended:
        assert list(newer) == ["whole"]
    older = until_newer(Visit(f"ended: {ended}", 6), "score", iter(["older"]))
    assert list(older) == [gr.skip()]
    assert list(newer) == ([] if ended else ["whole"])
    assert next(until_newer(Visit(f"ended: {ended}", 8), "score", iter(["last"]))) == "last"


def begun_in_a_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join(0.3)
    return thread


def test_a_newer_run_begins_when_the_older_has_ended():
    older = until_newer(ANN, "score", iter(["first", "second"]))
    assert next(older) == "first"
    shown = []
    newer = until_newer(ANN, "score", iter(["newer"]))
    thread = begun_in_a_thread(lambda: shown.append(next(newer)))
    assert shown == []
    assert list(older) == []  # Gradio sends "first" again now
    thread.join()
    assert shown == ["newer"]


def test_a_newer_run_that_did_not_wait_ends_after_the_older(monkeypatch):
    older = until_newer(ANN, "score", iter(["first", "second"]))
    next(older)
    newer = until_newer(ANN, "score", iter(["newer"]))
    monkeypatch.setattr(long_results, "PATIENCE", 0.0)
    assert next(newer) == "newer"
    monkeypatch.setattr(long_results, "PATIENCE", 60)
    ended = []
    thread = begun_in_a_thread(lambda: ended.append(list(newer)))
    assert ended == []
    older.close()
    thread.join()
    assert ended == [[]]  # Gradio sends "newer" again now


def test_a_page_that_has_gone_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr(long_results, "PATIENCE", 0.05)
    gone = until_newer(ANN, "score", iter(range(2)))
    next(gone)
    assert next(until_newer(ANN, "score", iter(["newer"]))) == "newer"
    closed = until_newer(ANN, "other", iter(range(2)))
    next(closed)
    closed.close()
    monkeypatch.setattr(long_results, "PATIENCE", 60)
    assert next(until_newer(ANN, "other", iter(["newer"]))) == "newer"


def test_the_calls_of_a_program_do_not_end_one_another():
    headers = {"x-gradio-user": "api"}
    assert visit_of(SimpleNamespace(session_hash="ann", headers=headers)) is None
    headers = {"x-gradio-user": "app"}
    assert visit_of(SimpleNamespace(session_hash="ann", headers=headers)) == Visit("ann")
    headers |= {"x-arrival": "12"}
    assert visit_of(SimpleNamespace(session_hash="ann", headers=headers)) == Visit("ann", 12)
