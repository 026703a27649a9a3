import re

import pytest
import torch

from diffusion.data import swiss_roll
from diffusion.evaluation.metrics import fraction_off, ratio_to_real, sliced_wasserstein
from diffusion.sampling.start import matched_start
from ui.ddpm.reverse.compute import (
    SAMPLERS,
    ReverseSettings,
    options,
    reverse_facts,
    reverse_result,
)
from ui.shared.data import DRAWN, ROLL, distribution_of, real_points
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import NO_RUN, real_fraction_off, reference

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


ONE_RUN = {f"sampler_{run}": NO_RUN for run in (2, 3, 4)}


@pytest.mark.parametrize("grid", ["trailing", "karras"])
@pytest.mark.parametrize("name", ["two moons", "rings", "eight Gaussians", "checkerboard", DRAWN])
def test_every_distribution_is_sampled_by_its_own_exact_predictor(name, grid):
    settings = ReverseSettings(
        distribution=name, num_points=500, steps_1=50, grid_1=grid, **ONE_RUN
    )
    ((title, way),) = reverse_result(settings).items()
    assert title.endswith("oracle")
    data = settings.data()
    distribution = distribution_of(data)
    ends = torch.from_numpy(way.views["x_t"][-1])
    expected = reference(500, data).quality([ends.float()])
    assert way.sw2_ratio == pytest.approx(expected.sw2, rel=1e-4)
    assert way.off.mean() == expected.off
    assert way.sw2_ratio < 2
    assert way.off.mean() < real_fraction_off(data) + 0.01
    # The roll is another distribution, by both measures.
    roll = torch.from_numpy(real_points(ROLL)[:500]).float()
    assert reference(500, data).quality([roll]).sw2 > 1.5 * way.sw2_ratio
    assert fraction_off(roll, distribution, distribution.width) > 0.1


def test_the_first_step_back_is_that_of_the_distributions_own_oracle():
    settings = ReverseSettings(
        distribution="two moons",
        sampler_1="ddim",
        steps_1=5,
        grid_1="karras",
        num_points=50,
        **ONE_RUN,
    )
    (way,) = reverse_result(settings).values()
    schedule = checkpoint("swiss-roll-ddpm").inference_schedule(5, settings.rho)
    alpha_cumprod = float(schedule.alphas_cumprod[-1])
    x = torch.from_numpy(way.views["x_t"][0])
    moons = distribution_of(settings.data())
    exact = moons.score(x, alpha_cumprod, 1 - alpha_cumprod)
    expected = (x + (1 - alpha_cumprod) * exact) / alpha_cumprod**0.5  # Tweedie's formula
    assert way.views["x̂₀"][0] == pytest.approx(expected.numpy(), abs=1e-5)
    # The start has the moments of the noised data.
    noise = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    start = matched_start(noise, alpha_cumprod, moons.moments())
    assert x.numpy() == pytest.approx(start.numpy(), abs=1e-6)


def test_the_page_says_which_predictor_takes_the_place_of_the_network():
    settings = ReverseSettings(
        distribution="rings", num_points=50, sampler_1="learned", steps_1=5, **ONE_RUN
    )
    facts = reverse_facts(settings)
    assert facts["predictor of ε"].startswith("No network learned: rings. The exact predictor ")
    (title,) = reverse_result(settings)
    assert title == "1: ddpm, 5 steps, trailing, oracle"
    assert all("far from the data" in fact for fact in list(facts.values())[1:])
    assert "predictor of ε" not in reverse_facts(SETTINGS)
    offered = options(has_network=False)
    assert "learned" not in offered["sampler_1"]
    assert "network" not in offered["predictor_4"]
    assert options(has_network=True)["sampler_2"] == SAMPLERS


def test_a_plan_refuses_a_network_for_what_it_did_not_learn():
    plan = ReverseSettings(**ONE_RUN).plans()["1: ddpm, 100 steps, trailing, network"]
    moons = distribution_of(ReverseSettings(distribution="two moons").data())
    noise, generator = torch.zeros(2, 2), torch.Generator()
    with pytest.raises(ValueError, match="learned the swiss roll only"):
        plan.states(checkpoint(plan.recipe), noise, generator, moons)


def test_an_old_link_samples_the_swiss_roll_and_an_empty_drawing_says_so():
    old = ReverseSettings.from_query({"tab": "reverse", "sampler_1": "ddim", "num_points": "50"})
    assert old.data() == ROLL
    with pytest.raises(ValueError, match="your drawing is empty"):
        reverse_result(ReverseSettings(distribution=DRAWN, strokes=""))
