"""The search for an inference schedule of few steps."""

import json

import pytest
import torch

from diffusion import checkpoints
from diffusion.catalog import recipe
from diffusion.process.named_schedules import karras_sigmas
from diffusion.waveform.schedule_search import descend, keep, search_schedule


def test_descent_finds_the_levels_of_the_least_cost():
    wanted = torch.tensor([0.01, 0.2, 1.5], dtype=torch.float64)
    steps = list(
        descend(
            lambda sigmas: float((sigmas / wanted).log().square().sum()),
            karras_sigmas(3, 0.001, 3.0),
        )
    )
    costs = [cost for _, cost in steps]
    assert costs == sorted(costs, reverse=True)
    assert torch.allclose(steps[-1][0] / wanted, torch.ones(3, dtype=torch.float64), atol=0.08)


def test_levels_keep_rising_whatever_the_cost():
    for sigmas, _ in descend(lambda s: float((s[0] - s[2]).square()), karras_sigmas(3, 0.01, 1.0)):
        assert (sigmas.diff() > 0).all()


def test_levels_stay_in_the_range_that_the_network_knows():
    start = karras_sigmas(4, 0.01, 1.0)
    *_, (sigmas, _) = descend(lambda s: float(s[0].log() - s[-1].log()), start)
    assert sigmas[0] >= 0.01
    assert sigmas[-1] <= 1.0


def test_a_kept_schedule_is_the_one_that_is_used(tmp_path):
    chosen = recipe("vocoder-wavegrad")
    config = chosen.config() | {"network": chosen.network | {"width": 8, "channels": 2}}
    network = torch.nn.Linear(1, 1)
    checkpoints.save(tmp_path, network, config)
    levels = torch.tensor([0.002, 0.1, 2.0], dtype=torch.float64)
    keep(str(tmp_path), "ddim", levels / 2)
    keep(str(tmp_path), "ddim", levels)
    keep(str(tmp_path), "dpm++2m", levels[:2])
    found = checkpoints.Checkpoint(
        network, chosen.noise_schedule(), json.loads((tmp_path / "config.json").read_text())
    )
    assert torch.allclose(found.inference_schedule(3, sampler="ddim").sigmas, levels)
    assert torch.allclose(found.inference_schedule(2, sampler="dpm++2m").sigmas, levels[:2])
    karras = karras_sigmas(3, **config["inference"])
    for options in ({}, {"sampler": "dpm++2m"}, {"sampler": "ddim", "rho": 7.0}):
        assert torch.allclose(found.inference_schedule(3, **options).sigmas, karras)


def test_only_a_vocoder_can_be_searched_for():
    with pytest.raises(ValueError, match="no vocoder"):
        next(search_schedule(checkpoints.load("swiss-roll-ddpm"), "ddim", 6))
