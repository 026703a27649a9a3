"""A run in its folder: exact in any number of processes, and nothing lost when it ends early."""

import fcntl
import json
import os
import resource
import runpy
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from diffusion import checkpoints
from diffusion.__main__ import main
from diffusion.catalog import RECIPES
from diffusion.evaluation.model_card import write_card
from diffusion.networks import build_network
from diffusion.training import run_folder
from diffusion.training.batches import Objective, every, mean_where, seed_generator
from diffusion.training.run_folder import run
from diffusion.training.state_files import resume_from, save_state, state_files
from diffusion.training.stopping import Interrupted, Stopping
from diffusion.training.trainer import Trainer
from synth._cache import whole_file
from tests.diffusion.training.in_two_processes import SMALL, train_comb


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setitem(RECIPES, SMALL.name, SMALL)


@pytest.fixture
def stop_after(monkeypatch):
    """Sends this process a signal after so many steps."""
    wanted = Stopping.wanted_by_any

    def stop_after(steps: int, number: int = signal.SIGTERM) -> None:
        left = iter(range(steps - 1, -1, -1))

        def asked(self, accelerator):
            if next(left, None) == 0:
                signal.raise_signal(number)
            return wanted(self, accelerator)

        monkeypatch.setattr(Stopping, "wanted_by_any", asked)

    return stop_after


def train(out: Path, *options: str) -> int:
    return main(["train", SMALL.name, "--device", "cpu", "--out", str(out), *options])


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def largest_difference(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> float:
    assert a.keys() == b.keys()
    return max(float((a[name].double() - b[name].double()).abs().max()) for name in a)


def test_a_batch_is_a_function_of_the_seed_and_the_step():
    def draw(seed: int, step: int) -> list[float]:
        generator = torch.Generator()
        torch.randn(step, generator=generator)  # what it drew before plays no part
        return torch.randn(4, generator=seed_generator(generator, seed, step)).tolist()

    assert draw(3, 7) == draw(3, 7)
    others = [draw(3, 8), draw(4, 7), draw(3 + 2**32, 7), draw(7, 3)]
    assert draw(3, 7) not in others
    assert len({tuple(each) for each in others}) == 4


def test_rows_are_dealt_out():
    batch = (torch.arange(6), None, (torch.arange(12).reshape(6, 2),))
    dealt = [every(batch, first, 3) for first in range(3)]
    assert [each[0].tolist() for each in dealt] == [[0, 3], [1, 4], [2, 5]]
    assert [each[2][0][:, 0].tolist() for each in dealt] == [[0, 6], [2, 8], [4, 10]]
    assert dealt[0][1] is None
    with pytest.raises(ValueError, match="cannot be split into 4"):
        every(batch, 0, 4)


def test_a_mean_over_no_rows_is_zero():
    values = torch.tensor([1.0, 2.0, 6.0])
    assert float(mean_where(values, torch.tensor([True, False, True]))) == 3.5
    assert float(mean_where(values, torch.zeros(3, dtype=torch.bool))) == 0


@pytest.fixture(scope="module")
def children(tmp_path_factory, run_fresh):
    """Trainings in the two processes of a `torchrun`, and others that were killed."""
    folder = tmp_path_factory.mktemp("children")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stopping, "wanted_by_any", lambda self, _: _stop_at_once(self))
        with pytest.raises(Interrupted):
            run(SMALL, folder / "begun", device="cpu")
    module = "tests.diffusion.training.in_two_processes"
    run_as_main = f"import runpy; runpy.run_module({module!r}, run_name='__main__')"
    done = run_fresh(run_as_main, folder, cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    return folder


def _stop_at_once(stopping: Stopping) -> bool:
    stopping.number = signal.SIGINT
    return True


def test_two_processes_train_as_one_does(children, tmp_path):
    run(SMALL, tmp_path / "one", device="cpu")
    one = weights(tmp_path / "one")
    assert largest_difference(weights(children / "fresh"), one) < 1e-5
    assert largest_difference(weights(children / "begun"), one) < 1e-5
    stretches = json.loads((children / "begun/config.json").read_text())["training"]["stretches"]
    assert [(each["first"], each["last"], each["processes"]) for each in stretches] == [
        (0, 1, 1),
        (1, 20, 2),
    ]
    write_card(children / "begun", {"a measure": 1.0})
    card = " ".join((children / "begun/README.md").read_text().split())
    assert "Trained by `python -m diffusion train swiss-roll-ddpm --seed 0`: 1 steps of 32" in card
    assert (
        "Then by `torchrun --nproc_per_node 2 -m diffusion train swiss-roll-ddpm --seed 0 --resume`"
        ": 19 steps of 32 samples in"
    ) in card
    (state,) = children.glob("training-*3.safetensors")
    alone = train_comb(tmp_path).state()
    together = load_file(state)
    del alone["seconds"], together["seconds"]
    assert largest_difference(together, alone) < 1e-4  # of losses of 10, in a network with FFTs
    losses = (json.loads((each / "losses.json").read_text()) for each in (children, tmp_path))
    assert next(losses) == pytest.approx(next(losses), rel=1e-4)  # of all rows, not of one's own


@pytest.mark.parametrize("number", range(3))
def test_a_killed_run_goes_on_as_if_unbroken(number, children, tmp_path):
    killed = children / f"killed-{number}"
    reached = int(state_files(killed)[-1].stem.split("-")[1])
    assert 1 < reached < 10_000
    trainer = Trainer(
        SMALL.build(0),
        SMALL.prepare(SMALL, SMALL.build(0)),
        steps=10_000,
        learning_rate=SMALL.learning_rate,
    )
    for state in trainer:
        if state.step == reached + 5:
            break
    again = Trainer(
        SMALL.build(1), trainer.objective, steps=10_000, learning_rate=SMALL.learning_rate
    )
    resume_from(again, state_files(killed)[-1], {"recipe": SMALL.name, "seed": "0"})
    assert again.step == reached
    assert again.seconds > 0
    for state in again:
        if state.step == reached + 5:
            break
    unbroken, resumed = trainer.state(), again.state()
    del unbroken["seconds"], resumed["seconds"]
    assert largest_difference(unbroken, resumed) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(number, tmp_path, stop_after, capsys):
    out = tmp_path / "my run"
    before = signal.getsignal(number)  # a shell in the background ignores Ctrl-C
    stop_after(7, number)
    assert train(out) == 128 + number
    sentence = capsys.readouterr().err.splitlines()[-1]
    assert sentence == (
        "stopped after step 7 of 20; go on with: python -m diffusion train swiss-roll-ddpm "
        f"--seed 0 --out '{out}' --resume"
    )
    assert not (out / "model.safetensors").exists()
    assert signal.getsignal(number) is before
    assert train(out, "--resume") == 0
    assert train(tmp_path / "unbroken") == 0
    assert largest_difference(weights(out), weights(tmp_path / "unbroken")) == 0


def test_sigterm_before_the_first_step_leaves_no_half_cache(tmp_path, monkeypatch):
    def prepare(recipe, network):
        with whole_file(tmp_path / "sounds.npy"):
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setitem(RECIPES, SMALL.name, replace(SMALL, prepare=prepare))
    monkeypatch.setattr("sys.argv", ["diffusion", "train", SMALL.name, "--out", str(tmp_path)])
    monkeypatch.delitem(sys.modules, "diffusion.__main__")
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as stopped:
            runpy.run_module("diffusion", run_name="__main__", alter_sys=True)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert stopped.value.code == 143
    assert not list(tmp_path.iterdir())


def test_a_training_is_not_overwritten(tmp_path, capsys, stop_after):
    assert train(tmp_path, "--steps", "3") == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert train(tmp_path) == 2
    assert main(["train", "swiss-roll-score", "--device", "cpu", "--out", str(tmp_path)]) == 2
    errors = capsys.readouterr().err
    assert errors.count("there is a training in") == 2
    assert "Traceback" not in errors
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_one_run_at_a_time_is_in_a_folder(tmp_path, capsys):
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    assert train(tmp_path) == 2
    assert "another process is training in" in capsys.readouterr().err
    os.close(folder)
    assert train(tmp_path) == 0


def test_a_run_that_diverges_keeps_its_last_good_state(tmp_path, monkeypatch, capsys):
    def prepare(recipe, network):
        good = SMALL.prepare(recipe, network)
        steps = iter(range(1, 1000))

        def loss(network, batch):
            return good.loss(network, batch) * (1 if next(steps) <= 5 else torch.nan)

        return Objective(good.draw, loss)

    monkeypatch.setattr(run_folder, "SECONDS_BETWEEN_SAVES", 0)
    monkeypatch.setitem(RECIPES, SMALL.name, replace(SMALL, prepare=prepare))
    assert train(tmp_path, "--steps", "1000") == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: by step 20 the loss")
    assert error.endswith("the last good state is training-000000005.safetensors")
    assert [int(path.stem[-2:]) for path in state_files(tmp_path)] == [3, 4, 5]  # the last three
    assert not (tmp_path / "model.safetensors").exists()
    for path in state_files(tmp_path):
        assert all(bool(value.isfinite().all()) for value in load_file(path).values())


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert train(tmp_path / "file" / "run") == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert len(error.strip().splitlines()) == 1
    assert str(tmp_path / "file") in error


@contextmanager
def files_of_at_most(size):
    """What a full disk does to a file that is larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_before_a_run_is_one_sentence(tmp_path, capsys):
    with files_of_at_most(10):
        assert train(tmp_path) == 2
    assert capsys.readouterr().err == f"error: [Errno 27] File too large: '{tmp_path}'\n"


def test_a_full_disk_leaves_the_last_good_state(tmp_path):
    trainer = _trainer()
    next(iter(trainer))
    good = save_state(trainer, tmp_path, {})
    next(iter(trainer))
    with (
        files_of_at_most(1_000),
        pytest.raises(OSError, match=r"cannot write .* is still there") as caught,
    ):
        save_state(trainer, tmp_path, {})
    assert good.name in str(caught.value)
    assert list(tmp_path.iterdir()) == [good]


@pytest.mark.parametrize(("size", "name"), [(10, "model.safetensors"), (20_000, "config.json")])
def test_a_full_disk_leaves_the_last_checkpoint(size, name, tmp_path):
    checkpoints.save(tmp_path, torch.nn.Linear(2, 2), {})
    before = (tmp_path / name).read_bytes()
    with files_of_at_most(size), pytest.raises(OSError, match=f"cannot write .*{name}"):
        checkpoints.save(tmp_path, torch.nn.Linear(2, 2), {"network": "x" * 30_000})
    assert (tmp_path / name).read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_state_is_one_sentence_and_names_the_one_before(tmp_path, stop_after, capsys):
    stop_after(3)
    train(tmp_path)
    train(tmp_path, "--resume")
    older, newest = state_files(tmp_path)
    newest.write_bytes(newest.read_bytes()[:-40])
    capsys.readouterr()
    assert train(tmp_path, "--resume") == 2
    error = capsys.readouterr().err
    assert "cannot resume from" in error
    assert error.endswith(f"delete it to go on from {older.name}\n")
    newest.unlink()
    assert train(tmp_path, "--resume") == 0


def _trainer(**options) -> Trainer:
    network = build_network(SMALL.network, SMALL.noise_schedule())
    objective = SMALL.prepare(SMALL, network)
    return Trainer(network, objective, **{"steps": 20, "learning_rate": 0.05, **options})
