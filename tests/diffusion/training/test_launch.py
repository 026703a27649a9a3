"""What a launcher was given is obeyed or refused."""

import json

import pytest
import torch
from safetensors.torch import load_file

from diffusion.__main__ import main
from diffusion.catalog import RECIPES
from diffusion.networks import SimpleWaveGrad
from diffusion.training import launch
from diffusion.training.batches import Objective
from diffusion.training.trainer import Trainer
from tests.diffusion.training.in_two_processes import SMALL


@pytest.fixture(autouse=True)
def launched(monkeypatch, fresh_accelerate):
    """Sets what a launcher would, and lets Accelerate read it."""

    def launched(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"ACCELERATE_{name}", value)
        fresh_accelerate()

    monkeypatch.setitem(RECIPES, SMALL.name, SMALL)
    return launched


def train(out, *options):
    return main(["train", SMALL.name, "--device", "cpu", "--out", str(out), *options])


def training(out):
    return json.loads((out / "config.json").read_text())["training"]


def test_a_compiled_network_is_saved_under_its_own_names(launched):
    def trainer():
        objective = Objective(lambda generator: torch.ones(4, 2), lambda net, x: net(x).sum())
        return Trainer(torch.nn.Linear(2, 2), objective, steps=2, learning_rate=1e-3)

    plain = trainer()
    launched(DYNAMO_BACKEND="EAGER")
    compiled = trainer()
    assert hasattr(compiled.loss, "_orig_mod")
    assert compiled.state().keys() == plain.state().keys()


def test_the_launchers_precision_is_obeyed_or_refused(launched, tmp_path, capsys):
    launched(MIXED_PRECISION="bf16")
    assert train(tmp_path / "bf16") == 0
    assert training(tmp_path / "bf16")["stretches"][0]["mixed_precision"] == "bf16"
    launched(MIXED_PRECISION="bf16")
    assert train(tmp_path / "no", "--mixed-precision", "no") == 0
    assert training(tmp_path / "no")["stretches"][0]["mixed_precision"] == "no"
    launched(MIXED_PRECISION="fp8")
    assert train(tmp_path / "fp8") == 2
    assert "fp8" in capsys.readouterr().err
    launched(MIXED_PRECISION="fp16")
    assert train(tmp_path / "fp16") == 2
    assert "mixed precision fp16 needs a GPU" in capsys.readouterr().err


def test_parts_of_a_batch_have_its_gradient(launched, tmp_path, capsys):
    assert train(tmp_path / "whole") == 0
    assert train(tmp_path / "parts", "--gradient-accumulation-steps", "4") == 0
    whole, parts = (load_file(tmp_path / each / "model.safetensors") for each in ("whole", "parts"))
    assert all(torch.allclose(whole[name], parts[name], atol=1e-5) for name in whole)
    assert training(tmp_path / "parts")["stretches"][0]["accumulation"] == 4
    launched(GRADIENT_ACCUMULATION_STEPS="5")
    assert train(tmp_path / "fifths") == 2
    assert "a batch of 32 cannot be split into 5 equal parts" in capsys.readouterr().err
    assert train(tmp_path / "none", "--gradient-accumulation-steps", "0") == 2
    assert "gradient_accumulation_steps must be >= 1, got 0" in capsys.readouterr().err


def test_a_network_that_normalises_over_its_batch_is_not_split(launched):
    launched(GRADIENT_ACCUMULATION_STEPS="2")
    with pytest.raises(ValueError, match="normalises over its batch"):
        Trainer(SimpleWaveGrad(), Objective(None, None), steps=1, learning_rate=1)


def test_what_is_random_is_drawn_in_full_precision(launched):
    """A log-mel of fewer bits would train a vocoder on what it never sees again."""
    types, reduced = [], []

    def draw(generator):
        matrix = torch.randn(4, 4, generator=generator)
        types.append((matrix @ matrix).dtype)
        reduced.append(torch.backends.cuda.matmul.allow_tf32)
        return matrix

    def loss(network, x):
        reduced.append(torch.backends.cuda.matmul.allow_tf32)
        types.append(network(x).dtype)
        return network(x).square().mean()

    network = torch.nn.Linear(4, 4)
    accelerator = launch.make_accelerator("cpu", "bf16")
    options = {"steps": 1, "learning_rate": 1e-3, "accelerator": accelerator}
    next(iter(Trainer(network, Objective(draw, loss), **options)))
    assert types == [torch.float32, torch.bfloat16]
    assert reduced == [False, True]  # TF32, on a GPU


@pytest.mark.parametrize(
    ("flags", "slow"), [("flags : fpu avx2", True), ("flags : fpu avx512_bf16 avx2", False)]
)
def test_a_cpu_without_bfloat16_is_warned_of(flags, slow, tmp_path, monkeypatch, capsys):
    info = tmp_path / "cpuinfo"
    info.write_text(flags)
    monkeypatch.setattr(launch, "CPU_INFO", info)
    options = ("--steps", "1", "--mixed-precision", "bf16")
    assert train(tmp_path / "run", *options) == 0
    assert ("no instructions for bfloat16" in capsys.readouterr().err) == slow
    assert not launch.bf16_is_slow(torch.device("cuda"))
