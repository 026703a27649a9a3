import json

import pytest
import torch

import diffusion
from diffusion.sampling.samplers import sample
from diffusion.waveform import typical_seed as module
from diffusion.waveform.training_sounds import FRAME_SAMPLES, SAMPLE_RATE
from diffusion.waveform.typical_seed import (
    load_seeds,
    num_smaller,
    seed_residuals,
    typical_seed,
)
from diffusion.waveform.unconditional_metrics import FITTED
from synth import nearest_member


def test_the_typical_seed_has_the_median_residual():
    residuals = [0.9, 0.1, 0.5, 0.2, 0.7]
    assert typical_seed(residuals) == 2
    assert typical_seed(residuals[:4]) == 3  # 0.1, 0.2, 0.5, 0.9: the lower one
    assert [num_smaller(each, residuals) for each in residuals] == [4, 0, 2, 1, 3]
    assert num_smaller(0.10004, residuals) == 0  # as they are rounded in the file


def test_seeds_are_measured_and_kept(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(module, "find", lambda name: tmp_path)
    with pytest.raises(ValueError, match=r"waveform-wavegrad has no seeds.json: python -m"):
        load_seeds()
    module.measure(2)
    found = load_seeds()
    assert found["command"].endswith("--seeds 2")
    checkpoint = diffusion.load("waveform-wavegrad")
    again = sample(
        checkpoint.network,
        checkpoint.inference_schedule(found["num_steps"]),
        (1, FRAME_SAMPLES),
        generator=torch.Generator().manual_seed(1),
    )
    residual = nearest_member(again[:, FITTED].numpy(), SAMPLE_RATE)[0][0]
    assert found["residuals"][1] == pytest.approx(residual, abs=1e-4)
    assert json.loads((tmp_path / "seeds.json").read_text()) == found
    assert f"typical: seed {typical_seed(found['residuals'])}, " in capsys.readouterr().out
    assert seed_residuals(checkpoint, 1) == found["residuals"][:1]


def test_what_ships_was_measured_with_what_ships():
    found = load_seeds()
    assert len(found["residuals"]) == 64
    measured = seed_residuals(diffusion.load("waveform-wavegrad"), 2)
    assert found["residuals"][:2] == pytest.approx(measured, abs=2e-3)
