"""Model cards: what is written into one is read from it, and the shipped ones have all metrics."""

import json

import pytest

from diffusion import checkpoints
from diffusion.__main__ import main
from diffusion.catalog import recipe
from diffusion.evaluation.model_card import read_card, write_card


@pytest.mark.parametrize("name", checkpoints.names())
def test_a_card_gives_back_what_was_written_into_it(name, tmp_path):
    config = json.loads((checkpoints.find(name) / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config))
    metrics = {"6 steps, noise between partials, dB": -12.5, "tiny": 3.25e-07, "large": 123456.0}
    write_card(tmp_path, metrics)
    assert read_card(tmp_path) == pytest.approx(metrics, rel=1e-3)
    text = (tmp_path / "README.md").read_text()
    assert f"{config['training']['steps']:,} steps of {recipe(name).batch_size} samples" in text
    assert config["training"].get("remark", "") in text
    assert f"`python -m diffusion evaluate {config['recipe']}`" in text
    write_card(tmp_path, metrics, " --sounds 4")
    assert f"evaluate {config['recipe']} --sounds 4`" in (tmp_path / "README.md").read_text()


def test_the_sounds_of_the_tutorial_s_first_network_are_its_own():
    text = (checkpoints.find("waveform-simple") / "README.md").read_text()
    assert "the notebook prior" in text


def test_a_folder_without_a_card_is_said_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="has no model card"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    "training", [None, 3, {}, {"stretches": [{"first": 0}], "seed": 0}, {"stretches": 1}]
)
def test_a_card_needs_a_training_before_anything_is_measured(
    training, tmp_path, monkeypatch, capsys
):
    def measured(*_, **__):
        raise AssertionError("this takes minutes")

    monkeypatch.setattr("diffusion.__main__.evaluate", measured)
    config = {"recipe": "swiss-roll-ddpm", "training": training}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert main(["evaluate", str(tmp_path), "--card"]) == 2
    sentence = f"error: {tmp_path / 'config.json'} does not say how the network was trained\n"
    assert capsys.readouterr().err == sentence
    assert not (tmp_path / "README.md").exists()
