"""What a training writes for TensorBoard, and that it changes nothing."""

import sys
from collections import defaultdict
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

import diffusion
from diffusion.__main__ import main
from diffusion.catalog import RECIPES
from diffusion.evaluation import previews
from diffusion.evaluation.previews import picture_of
from diffusion.training import run_folder
from diffusion.training.trainer import Trainer
from diffusion.training.watching import Watch
from diffusion.waveform.previews import vocoder_preview
from tests.diffusion.training.in_two_processes import SMALL


class Writer:
    """Keeps what a writer of TensorBoard's files is given."""

    def __init__(self):
        self.scalars, self.images, self.closed = defaultdict(dict), {}, False

    def add_scalar(self, name, value, step):
        self.scalars[name][step] = value

    def add_image(self, name, image, step, dataformats):
        assert dataformats == "HW"
        self.images[name] = image

    def flush(self):
        pass

    def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setitem(RECIPES, SMALL.name, SMALL)


def train(out, *options):
    return main(["train", SMALL.name, "--device", "cpu", "--out", str(out), *options])


def test_numbers_and_samples_are_written_and_change_nothing(tmp_path, monkeypatch):
    writer = Writer()
    monkeypatch.setattr(previews, "NUM_POINTS", 200)
    monkeypatch.setattr(run_folder, "open_writer", lambda out: writer)
    assert train(tmp_path / "seen", "--tensorboard", "--log-every", "5") == 0
    assert train(tmp_path / "unseen") == 0
    seen, unseen = (load_file(tmp_path / each / "model.safetensors") for each in ("seen", "unseen"))
    assert all(torch.equal(seen[name], unseen[name]) for name in seen)
    assert writer.closed
    for name in ("loss", "gradient norm", "learning rate", "steps a second"):
        assert list(writer.scalars[name]) == [5, 10, 15, 20]
    assert writer.scalars["learning rate"][20] == pytest.approx(0, abs=1e-6)
    assert {name.split("/")[0] for name in writer.scalars} > {"loss by sigma", "held out"}
    assert list(writer.scalars["held out/SW2 ratio"]) == [20]
    assert writer.images["points"].min() < 1


def test_the_loss_by_sigma_is_that_of_its_rows():
    objective = SMALL.prepare(SMALL, SMALL.build(0))
    trainer = Trainer(SMALL.build(0), objective, steps=1, learning_rate=1e-3)
    watch = Watch(Writer(), SMALL, trainer)
    losses = watch.loss_by_sigma()
    sigma = objective.sigma(watch.batch)
    x, noise, timesteps = watch.batch
    total = 0.0
    for name, loss in losses.items():
        low, high = map(float, name.split("/")[1].split(" to "))
        rows = (sigma >= low) & (sigma < high)
        with torch.no_grad():
            part = objective.loss(trainer.ema, (x[rows], noise[rows], timesteps[rows]))
        assert loss == pytest.approx(float(part), rel=1e-6)
        total += loss * float(rows.sum())
    with torch.no_grad():
        whole = float(objective.loss(trainer.ema, watch.batch))
    assert total / len(sigma) == pytest.approx(whole, rel=1e-5)


def test_a_resumed_run_is_shown_once(tmp_path, monkeypatch):
    opened = []

    def summary_writer(folder, purge_step):
        opened.append((folder, purge_step))
        return Writer()

    fake = SimpleNamespace(SummaryWriter=summary_writer)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", fake)
    assert train(tmp_path, "--tensorboard", "--steps", "3") == 0
    assert train(tmp_path, "--tensorboard", "--steps", "4", "--resume") == 0
    assert opened == [(str(tmp_path / "tensorboard"), None), (str(tmp_path / "tensorboard"), 4)]


def test_without_tensorboard_it_is_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert train(tmp_path, "--tensorboard") == 2
    error = capsys.readouterr().err
    assert "--tensorboard needs the package tensorboard: pip install '.[tensorboard]'" in error
    assert len(error.strip().splitlines()) == 1


def test_less_than_a_step_is_refused(tmp_path, capsys):
    assert train(tmp_path, "--log-every", "0") == 2
    assert "log_every must be >= 1, got 0" in capsys.readouterr().err


def test_a_picture_of_points_has_up_above():
    picture = picture_of(torch.tensor([[0.5, 0.9], [9.0, 9.0]]), reach=1.0, pixels=4)
    assert picture.tolist()[0] == [1, 1, 1, 0]
    assert float(picture.sum()) == 15


def test_a_vocoder_is_heard():
    preview = vocoder_preview(diffusion.load("vocoder-harmonic"))
    assert preview.metrics["log-mel L1"] < 0.1
    assert [sound.shape for sound in preview.sounds.values()] == [(22_050,)] * 2
    assert all(0.1 < float(sound.abs().max()) <= 1 for sound in preview.sounds.values())
