import time
from dataclasses import replace

import pytest
import torch

from benchmarks.training_steps import profile
from diffusion.training.batches import Objective
from tests.diffusion.training.in_two_processes import SMALL


def work(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_each_part_of_a_step_has_its_own_time():
    def draw(generator):
        work(0.02)
        return torch.ones(1, 1)

    def loss(network, batch):
        work(0.04)
        return sum(weight.sum() for weight in network.parameters())

    parts = profile(replace(SMALL, prepare=lambda *_: Objective(draw, loss)), seconds=0.1)
    assert parts["drawing"] == pytest.approx(0.02, rel=0.3)
    assert parts["forward"] == pytest.approx(0.04, rel=0.3)
    assert 0 < parts["backward"] < 0.04
    assert 0 < parts["rest"] < 0.04
