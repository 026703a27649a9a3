import sys
from itertools import pairwise

import pytest
import torch

from benchmarks import swiss_roll_training
from benchmarks.swiss_roll_contestants import Notebook


def test_without_the_other_package_it_says_how_to_install_it_and_measures_the_rest(
    monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "smalldiffusion", None)
    monkeypatch.setattr(sys, "argv", ["swiss_roll_training", "--seconds", "0.1", "--points", "300"])
    swiss_roll_training.main()
    printed = capsys.readouterr().out
    first, *rest = printed.splitlines()
    assert first.startswith("smalldiffusion")
    assert first.endswith("pip install smalldiffusion==0.5.0")
    rows = [line.split(" | ") for line in rest if line.startswith("| th")]
    assert [row[0] for row in rows] == [
        "| this project",
        "| the notebook's recipe",
        "| the notebook's recipe",
    ]
    assert rows[0][2] == "512"
    assert rows[1][2] == "128"
    assert [len(row) for row in rows] == [9, 9, 8]


def test_turns_end_with_the_seconds_that_each_may_spend():
    assert list(swiss_roll_training.turns(2.5)) == [1, 2, 2.5]
    ends = list(swiss_roll_training.turns(60))
    assert ends[-1] == 60
    assert all(later <= 1.2501 * earlier for earlier, later in pairwise(ends[3:]))


def test_the_recipe_of_the_notebook_learns_and_keeps_its_faults():
    notebook = Notebook(seed=0)
    assert float(notebook.schedule.alphas_cumprod[-1]) == pytest.approx(0.605, abs=1e-3)
    losses = [float(loss) for loss, _ in zip(notebook.train(), range(400), strict=False)]
    assert sum(losses[-50:]) < 0.9 * sum(losses[:50])
    # A network that sees no noise leaves each step to its noise, √β z, and the last one too.
    torch.nn.init.zeros_(notebook.network.last.weight)
    torch.nn.init.zeros_(notebook.network.last.bias)
    once = notebook.sample(20_000, steps=1, seed=0)
    beta = float(notebook.schedule.betas[0])
    start = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(0)) / (1 - beta) ** 0.5
    # 40,000 draws: the standard deviation is known within 0.35 %, 1.8 % is five of these.
    assert float((once - start).std()) == pytest.approx(beta**0.5, rel=0.018)
