"""A checkpoint goes to the Hub's layout and back, without a network connection."""

import pytest
import torch
from huggingface_hub import ModelCard

import diffusion
from diffusion import checkpoints
from diffusion.hub import HubCheckpoint


def test_what_is_saved_is_what_was_loaded(tmp_path):
    folder = checkpoints.CHECKPOINTS / "swiss-roll-ddpm"
    first = HubCheckpoint.from_pretrained(folder)
    assert not isinstance(first, str)
    first.save_pretrained(tmp_path / "mine")
    again = HubCheckpoint.from_pretrained(tmp_path / "mine").checkpoint
    assert again.config == diffusion.load("swiss-roll-ddpm").config
    points = [
        each.sample(5, generator=torch.Generator().manual_seed(0))
        for each in (again, diffusion.load("swiss-roll-ddpm"))
    ]
    assert torch.equal(*points)
    card = ModelCard.load(tmp_path / "mine" / "README.md").data
    assert card.library_name == "diffusion-companion"
    assert card.license == "mit"


def test_a_damaged_folder_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ValueError, match="does not describe a network"):
        HubCheckpoint.from_pretrained(tmp_path)


def test_the_name_of_a_repository_is_downloaded_from_the_hub(tmp_path, monkeypatch):
    asked = {}

    def download(name, **options):
        asked.update(options, name=name)
        return str(checkpoints.CHECKPOINTS / "swiss-roll-score")

    def config(**options):
        return str(checkpoints.CHECKPOINTS / "swiss-roll-score" / "config.json")

    monkeypatch.setattr("diffusion.hub.snapshot_download", download)
    monkeypatch.setattr("huggingface_hub.hub_mixin.hf_hub_download", config)
    found = HubCheckpoint.from_pretrained("somebody/network", revision="abc")
    assert found.checkpoint.config["recipe"] == "swiss-roll-score"
    assert (asked["name"], asked["revision"]) == ("somebody/network", "abc")
    assert "model.safetensors" in asked["allow_patterns"]
