"""Sounds for a vocoder's training that are made in every step, or come from recordings."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load_file

import diffusion
from diffusion.__main__ import main
from diffusion.catalog import RECIPES, recipe
from diffusion.evaluation.model_card import write_card
from diffusion.networks import WaveGradConfig
from diffusion.training.batches import seed_generator
from diffusion.waveform.recipes import with_fresh_sounds
from diffusion.waveform.training_sounds import fresh_crops, recorded_crops
from synth.features import mel

NAME = "vocoder-wavegrad-base"


@pytest.fixture(autouse=True)
def _small(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("diffusion.waveform.prepare.VOCODER_SOUNDS", 16)
    network = {"kind": "WaveGrad", **asdict(WaveGradConfig.scaled(16))}
    monkeypatch.setitem(RECIPES, NAME, replace(recipe(NAME), network=network, batch_size=2))


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "my recordings"
    folder.mkdir()
    noise = 0.1 * np.random.default_rng(0).standard_normal(22_050)
    soundfile.write(folder / "noise.wav", noise, 22_050)
    return folder


def draws(draw, seed, step):
    return draw(8, seed_generator(torch.Generator(), seed, step))


def train(out, *options):
    return main(["train", NAME, "--device", "cpu", "--out", str(out), "--steps", "2", *options])


def test_fresh_crops_are_a_function_of_the_seed_and_the_step():
    draw = fresh_crops(24)
    crops, mels = draws(draw, 0, 5)
    again, _ = draws(fresh_crops(24), 0, 5)
    assert torch.equal(crops, again)
    assert crops.shape == (8, 7_200)
    assert mels.shape == (8, 80, 24)
    assert float(crops.abs().max()) <= 1
    seen = [crops, draws(draw, 0, 6)[0], draws(draw, 1, 5)[0]]
    rows = {tuple(row[:50].tolist()) for each in seen for row in each if float(row.abs().max())}
    assert len(rows) > 20  # a piece may lie where a sound has ended, but none is there twice


def test_fresh_mels_are_those_of_the_crops():
    crops, mels = draws(fresh_crops(24), 0, 1)
    inside = slice(4, -4)  # frames that see nothing beyond the ends
    assert torch.allclose(mel.log_mel(crops)[..., inside], mels[..., inside], atol=1e-3)


def test_recorded_crops_are_a_function_of_the_seed_and_the_step(recordings):
    draw = recorded_crops(str(recordings), 24)
    crops, mels = draws(draw, 0, 5)
    assert torch.equal(crops, draws(draw, 0, 5)[0])
    assert not torch.equal(crops, draws(draw, 0, 6)[0])
    assert float(crops.std()) == pytest.approx(0.1, rel=0.05)
    inside = slice(4, -4)
    assert torch.allclose(mel.log_mel(crops)[..., inside], mels[..., inside], atol=1e-3)


def test_a_training_on_recordings_says_so_and_goes_on_with_them_only(recordings, tmp_path, capsys):
    out = tmp_path / "run"
    assert train(out, "--recordings", str(recordings)) == 0
    training = json.loads((out / "config.json").read_text())["training"]
    assert training["data_option"] == f"--recordings '{recordings}'"
    write_card(out, {"a measure": 1.0})
    card = (out / "README.md").read_text()
    assert "Data: crops of recordings" in card
    assert f"train {NAME} --recordings '{recordings}' --steps 2" in card
    assert train(out, "--resume", "--steps", "3") == 2
    assert "it is of another run" in capsys.readouterr().err
    assert train(out, "--resume", "--steps", "3", "--recordings", str(recordings)) == 0
    assert diffusion.load(str(out)).config["training"]["steps"] == 3


def test_a_training_goes_on_with_the_same_sounds_whatever_their_folder_is_named(
    recordings, tmp_path, capsys
):
    out, moved = tmp_path / "run", tmp_path / "moved"
    assert train(out, "--recordings", str(recordings)) == 0
    recordings.rename(moved)
    again = ("--resume", "--steps", "3", "--recordings", str(moved))
    soundfile.write(moved / "another.wav", np.zeros(22_050), 22_050)
    for options in (again, (*again[:3], "--fresh-sounds"), again[:3]):
        capsys.readouterr()
        assert train(out, *options) == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert "it is of another run: data 'recordings " in line
    (moved / "another.wav").unlink()
    assert train(out, *again) == 0


def test_a_training_on_fresh_sounds_differs_from_one_on_kept_ones(tmp_path):
    assert train(tmp_path / "fresh", "--fresh-sounds") == 0
    assert train(tmp_path / "kept") == 0
    fresh, kept = (load_file(tmp_path / each / "model.safetensors") for each in ("fresh", "kept"))
    assert any(not torch.equal(fresh[name], kept[name]) for name in fresh)
    assert with_fresh_sounds(recipe(NAME)).data_option == "--fresh-sounds"


@pytest.mark.parametrize("option", [["--fresh-sounds"], ["--recordings", "x"]])
def test_other_recipes_have_their_own_data(option, tmp_path, capsys):
    out = ["--out", str(tmp_path / "out"), "--device", "cpu"]
    assert main(["train", "swiss-roll-ddpm", *out, *option]) == 2
    error = capsys.readouterr().err
    assert f"{option[0]} is for vocoder-wavegrad," in error
    assert "got swiss-roll-ddpm" in error
    assert len(error.strip().splitlines()) == 1


def test_recordings_that_are_not_there_are_one_sentence(tmp_path, capsys):
    assert train(tmp_path / "out", "--recordings", str(tmp_path / "nowhere")) == 2
    assert "there is no wav or flac file in" in capsys.readouterr().err
