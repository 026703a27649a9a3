import re

import pytest
import torch

from diffusion.data import swiss_roll
from diffusion.evaluation.metrics import ratio_to_real, sliced_wasserstein
from ui.ddpm.reverse.compute import ReverseSettings, reverse_facts, reverse_result
from ui.shared.sampler_runs import NO_RUN, reference

SETTINGS = ReverseSettings(
    num_points=500,
    sampler_1="ddim",
    steps_1=5,
    grid_1="trailing",
    sampler_2="dpm++2m",
    steps_2=20,
    grid_2="karras",
    sampler_3=NO_RUN,
    sampler_4=NO_RUN,
)


def test_every_run_has_its_sw2_ratio_and_its_fraction_off_beside_those_of_real_points():
    facts = reverse_facts(SETTINGS)
    *runs, real = facts.items()
    for _, fact in runs:
        assert re.search(
            r"SW2 ratio \*\*\d+\.\d\d\*\*, \*\*\d+\.\d\d %\*\* off the curve "
            r"\(real points 0\.\d\d %\)",
            fact,
        ), fact
    name, fact = real
    assert name == "real points"
    low, high = map(float, re.search(r"SW2 ratio ([\d.]+) to ([\d.]+) in nine", fact).groups())
    assert 0.6 < low < 1 < high < 1.6
    assert float(re.search(r"\*\*([\d.]+) %\*\*", fact).group(1)) == pytest.approx(0.27, abs=0.06)


def test_the_ratio_is_that_of_the_points_at_the_end():
    coarse, fine = reverse_result(SETTINGS).values()
    for way in (coarse, fine):
        points = torch.from_numpy(way.views["x_t"][-1]).float()
        expected = ratio_to_real(sliced_wasserstein, [points], reference(500).sets)
        assert way.sw2_ratio == pytest.approx(expected, rel=1e-4)
    assert coarse.sw2_ratio > 2 > fine.sw2_ratio


def test_the_ratio_sees_what_the_fraction_off_the_curve_does_not():
    generator = torch.Generator().manual_seed(3)
    real = swiss_roll.sample(2_000, generator)
    half = real[real[:, 0] > real[:, 0].median()]  # on the curve, but half of it is missing
    quality = reference(len(half)).quality([half])
    assert quality.off < 0.006
    assert quality.sw2 > 5
