import gc
import itertools
import re
import threading
import weakref
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from diffusion.training.live_presets import Progress
from ui.components import Curve, Heat, TrainingPlayer
from ui.components.base import decode
from ui.ddpm.train_ddpm import compute as train_ddpm
from ui.ddpm.train_ddpm.compute import TrainDdpmSettings
from ui.score.train_score import compute as train_score
from ui.score.train_score.compute import TrainScoreSettings
from ui.shared import live_training as live
from ui.shared.data import DRAWN, ROLL, distribution_of, real_points
from ui.shared.drawing import encode_strokes
from ui.shared.live_layout import growing, opening
from ui.shared.live_training import Histories, TrainingHistory

SHORT = TrainScoreSettings(sigma=0.3, width=16, steps=100)
SECTIONS = [
    (train_score, SHORT),
    (train_ddpm, TrainDdpmSettings(width=16, steps=200, num_train_timesteps=50)),
]


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(train_ddpm, "NUM_POINTS", 100)
    monkeypatch.setattr(train_ddpm, "NUM_POINTS_AT_THE_END", 200)


@cache
def grown(start, settings):
    """A training from beginning to end: how far it was each time, and the history at the end."""
    counts, history = [], None
    for history in Histories(start).train(settings):
        counts.append((history.step, len(history.frames), history.finished))
    return counts, history


def trained(settings, start=train_score.start):
    """The history of a training from beginning to end; several tests look at it."""
    return grown(start, settings)[1]


def show(settings, history, run):
    return train_score.payload(settings, history, run), str(train_score.facts(settings, history))


@pytest.mark.parametrize(("section", "settings"), SECTIONS)
def test_a_trajectory_grows_from_the_untrained_network_to_the_last_step(section, settings):
    counts, history = grown(section.start, settings)
    assert counts[0] == (0, 1, False)
    assert counts[-1][2]
    assert [finished for *_, finished in counts].count(True) == 1
    assert history.step == history.frame_steps[-1] == settings.steps
    assert history.loss_steps == list(range(10, settings.steps + 1, 10))
    assert len(history.frames) == len(history.frame_steps) == len(history.qualities) <= 61
    assert history.qualities[-1] < history.qualities[0]
    payload = section.payload(settings, history, "run")
    assert len(payload["frames"]) == len(payload["labels"]) == len(history.frames)
    assert payload["curves"][1]["values"] == history.qualities
    assert f"{settings.steps} of {settings.steps}" in section.facts(settings, history)["steps"]


def test_equal_settings_train_to_equal_pictures():
    first, second = trained(SHORT), [*Histories(train_score.start).train(SHORT)][-1]
    assert first.frames == second.frames
    assert first.losses == second.losses


def test_the_end_of_a_ddpm_is_measured_on_more_points():
    settings = SECTIONS[1][1]
    history = trained(settings, train_ddpm.start)
    assert (
        train_ddpm.facts(settings, history)["SW2 ratio of 200 points"] == f"{history.verdict:.2f}"
    )


def test_the_decay_changes_the_averaged_weights_alone():
    slow, quick, none = (
        [*Histories(train_ddpm.start).train(TrainDdpmSettings(width=16, steps=200, ema=ema))][-1]
        for ema in train_ddpm.DECAYS
    )
    assert slow.losses == quick.losses == none.losses
    assert slow.plain_frames == quick.plain_frames == none.plain_frames
    assert slow.frames[-1] != quick.frames[-1] != none.frames[-1]
    assert none.frames == none.plain_frames
    payload = train_ddpm.payload(TrainDdpmSettings(), slow, "run")
    assert payload["plain_frames"] == slow.plain_frames
    assert payload["curves"][1]["plain_values"] == slow.plain_qualities


def test_links_of_earlier_versions_name_the_decay_and_the_objective():
    read = TrainDdpmSettings.from_query
    assert read({"ema": "off", "weighting": "weighted"}) == TrainDdpmSettings(
        ema="0", objective="weighted"
    )
    assert read({"ema": "on"}) == TrainDdpmSettings()
    old = TrainScoreSettings.from_query({"method": "explicit"})
    assert old == TrainScoreSettings(method="implicit (Hyvärinen)")
    assert train_score.METHODS[old.method] == "explicit"


@pytest.mark.parametrize("objective", ["simple", "weighted", "variational"])
@pytest.mark.parametrize("network", ["residual MLP", "softplus MLP"])
def test_each_objective_trains_each_network(objective, network):
    settings = TrainDdpmSettings(
        objective=objective,
        network=network,
        timesteps="antithetic",
        width=16,
        steps=200,
        num_train_timesteps=50,
    )
    history = [*Histories(train_ddpm.start).train(settings)][-1]
    assert history.qualities[-1] < history.qualities[0]
    assert history.losses[-1] < history.losses[0]
    assert history.losses[-1] > train_ddpm.least_loss(objective, 50, ROLL)


def test_a_link_trains_nothing_and_shows_what_was_trained():
    histories = Histories(train_score.start)
    payload, table, status = opening(histories, show)(SHORT)
    assert len(payload["frames"]) == 1
    assert "0 of 100" in table
    assert status == "Not trained yet."
    histories.prepare(SHORT)
    payload, table, status = opening(histories, show)(SHORT)
    assert payload["frame_steps"][-1] == 100
    assert status == "Trained to the end."
    assert not payload["live"]
    assert "100 of 100" in table


def test_finished_histories_are_few(monkeypatch):
    monkeypatch.setattr(live, "HISTORIES_KEPT", 2)
    histories = Histories(lambda settings: iter_trajectory())
    chosen = [TrainScoreSettings(seed=seed) for seed in range(4)]
    for settings in chosen:
        histories.prepare(settings)
    finished = [histories.so_far(settings).finished for settings in reversed(chosen)]
    assert finished == [True, True, False, False]


def test_a_history_that_is_opened_often_outlives_others(monkeypatch):
    monkeypatch.setattr(live, "HISTORIES_KEPT", 2)
    histories = Histories(lambda settings: iter_trajectory())
    histories.prepare(TrainScoreSettings())
    for seed in range(1, 4):
        histories.so_far(TrainScoreSettings(seed=seed))
        assert histories.so_far(TrainScoreSettings()).finished


def iter_trajectory():
    history = TrainingHistory()
    yield history
    return history


def test_closing_ends_the_training_and_leaves_nothing(monkeypatch):
    trainers = []
    make = train_score.score_training

    def remember(*arguments, **options):
        trainer = make(*arguments, **options)
        trainers.append(weakref.ref(trainer))
        return trainer

    monkeypatch.setattr(train_score, "score_training", remember)
    monkeypatch.setattr("ui.shared.live_layout.SECONDS_BETWEEN_PICTURES", 0.0)
    handle = growing(Histories(train_score.start), show)
    long = TrainScoreSettings(sigma=0.3, width=16, steps=4000)
    before = set(threading.enumerate())
    for _ in range(2):  # after a cancelled one, the next starts and can be cancelled too
        updates = handle(long)
        sizes = [len(next(updates)[0]["curves"][0]["values"]) for _ in range(4)]
        assert sizes == [0, 1, 2, 3]
        assert trainers[-1]().step == 30
        updates.close()
        gc.collect()
        assert trainers[-1]() is None
    assert set(threading.enumerate()) <= before  # those of other tests may end meanwhile


def test_two_trainings_side_by_side_do_not_touch_each_other():
    histories = Histories(train_score.start)
    alone = trained(SHORT)
    first = histories.train(SHORT)
    second = histories.train(TrainScoreSettings(sigma=0.5, width=16, steps=100, seed=1))
    for a, _ in zip(first, second, strict=True):
        last = a
    assert last.frames == alone.frames


def test_the_values_of_a_stream_are_copies():
    # Gradio sends differences between values: a list that grew in place would not be seen.
    history = trained(SHORT)
    payload = train_score.payload(SHORT, history, "run")
    assert payload["frames"] is not history.frames
    assert payload["curves"][0]["values"] is not history.losses


def test_a_diverging_training_says_so():
    with pytest.raises(ValueError, match="diverged at step 20: choose a lower learning rate"):
        TrainingHistory().add_loss(Progress(20, 1.0, float("nan")))


def test_a_slow_machine_trains_to_the_same_end(monkeypatch):
    fast = trained(SHORT)
    clock = itertools.count(step=100.0)
    monkeypatch.setattr(
        "diffusion.training.live_presets.time", SimpleNamespace(monotonic=lambda: next(clock))
    )
    slow = [*Histories(train_score.start).train(SHORT)][-1]
    assert slow.seconds >= 1_000
    assert slow.step == SHORT.steps
    assert slow.frames == fast.frames


# ---- The player's payload -----------------------------------------------------------------------

CURVES = (Curve("loss", [], []), Curve("error", [0], [1.0], log=True, mark=0.2))


def test_a_frame_needs_a_step_and_a_label():
    still = TrainingPlayer.plane((-1, 1), np.zeros((3, 2)))
    frame = TrainingPlayer.points((-1, 1), np.zeros((5, 2)))
    options = {"last_step": 10, "run": "1", "alt": "", "fps": 5}
    assert (
        TrainingPlayer.payload(still, [frame], [frame], [0], ["a"], CURVES, **options)["fps"] == 5
    )
    for steps, labels in (([0, 1], ["a"]), ([0], [])):
        with pytest.raises(ValueError, match="each frame needs two pictures, a step and a label"):
            TrainingPlayer.payload(still, [frame], [frame], steps, labels, CURVES, **options)
    with pytest.raises(ValueError, match="shape"):
        TrainingPlayer.points((-1, 1), np.zeros((5, 3)))


def test_exact_and_learned_arrows_have_one_scale_each():
    xy = np.random.default_rng(0).uniform(-1, 1, (9, 2))
    still = TrainingPlayer.field(
        (-1, 1), Heat(np.eye(4)[None], 0, 1, ("low", "high")), xy, xy, 3 * xy
    )
    assert TrainingPlayer.arrows((-1, 1), xy, 3 * xy) == still["exact"]


def test_template_holds_nothing_that_gradio_would_evaluate():
    component = TrainingPlayer(render=False)
    assert not re.search(r"\{\{|\$\{|`|\\", component.html_template)


# ---- Other data than the swiss roll -------------------------------------------------------------

OTHERS = ["two moons", "eight Gaussians", DRAWN]


@pytest.mark.parametrize("name", OTHERS)
def test_a_score_is_learned_and_measured_against_the_exact_one_of_its_data(name):
    chosen = replace(SHORT, distribution=name, width=32, learning_rate=0.01)
    history = [*Histories(train_score.start).train(chosen)][-1]
    known = train_score.exact(chosen.data(), chosen.sigma)
    exact = distribution_of(chosen.data()).score(known.points, noise_variance=chosen.sigma**2)
    assert known.score == pytest.approx(exact, abs=1e-6)
    assert history.qualities[-1] < 0.6 < history.qualities[0]
    assert name in train_score.payload(chosen, history, "run")["alt"]
    assert history.losses != trained(replace(chosen, distribution=ROLL.name)).losses


@pytest.mark.parametrize("name", OTHERS)
def test_a_ddpm_makes_points_of_its_data(name):
    chosen = TrainDdpmSettings(
        distribution=name, width=32, steps=400, num_train_timesteps=50, learning_rate=0.01
    )
    history = [*Histories(train_ddpm.start).train(chosen)][-1]
    points = torch.from_numpy(decode(history.frames[-1])).float()
    own = train_ddpm.real_distance(len(points), chosen.data())
    assert history.qualities[-1] == pytest.approx(own(points), rel=0.01)
    assert history.qualities[-1] < 0.5 * history.qualities[0]
    still = train_ddpm.payload(chosen, history, "run")["data"]
    assert decode(still) == pytest.approx(real_points(chosen.data()), abs=1e-3)


def test_a_history_is_found_by_who_has_the_same_drawing_alone():
    histories = Histories(train_score.start)
    mine, other = (
        replace(SHORT, distribution=DRAWN, strokes=encode_strokes([torch.tensor(corners)]))
        for corners in ([[-1.0, 0.0], [1.0, 0.5]], [[-1.0, 0.0], [1.0, -0.5]])
    )
    histories.prepare(mine)
    assert histories.so_far(mine).finished
    assert not histories.so_far(other).finished
    assert not histories.so_far(SHORT).finished
