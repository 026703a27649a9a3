"""What the mistakes in sampling waveforms do to a network that was trained without them."""

import pytest
import torch

import diffusion
from diffusion.mistakes.registry import diffuse, diffuse_by_beta
from diffusion.process.schedule import NoiseSchedule
from diffusion.waveform import sampling_mistakes as wavegrad_mistakes
from diffusion.waveform.sampling_mistakes import with_batch_norm


@pytest.fixture(scope="module")
def trained():
    return diffusion.load("waveform-wavegrad")


def test_the_notebooks_product_is_shifted_and_so_what_it_reads_is_right():
    """The notebook's own lines: `alphas_prod_p_sqrt[t + 1]` is √ᾱ_t."""
    betas = torch.linspace(1e-6, 1e-2, 50)
    alphas_prod = torch.cumprod(1 - betas, 0)
    alphas_prod_p = torch.cat([torch.tensor([1]).float(), alphas_prod[:-1]], 0)
    levels = NoiseSchedule.from_name("linear", 50, 1e-6, 1e-2).noise_levels
    assert torch.allclose(alphas_prod_p.sqrt()[1:].double(), levels[:-1], atol=1e-6)


def test_a_schedule_short_of_noise_still_holds_the_signal(trained):
    wrong = wavegrad_mistakes.short_schedule(trained, 0)
    assert wrong.measures["fraction of the signal left at the start, √ᾱ_T"] == pytest.approx(
        0.778**0.5, abs=1e-3
    )
    assert wrong.states.shape == (51, 3, 8_192)


def test_batch_norms_change_nothing_in_evaluation_mode(trained, generator):
    network = with_batch_norm(trained).eval()
    x_t = torch.randn(2, 8_192, generator=generator)
    level = torch.tensor([0.5, 0.99], dtype=torch.float64)
    expected = trained.network(x_t, level)
    assert torch.allclose(network(x_t, level), expected, atol=1e-4)
    assert not torch.allclose(network.train()(x_t, level), expected, atol=0.1)


def test_in_training_mode_a_sound_depends_on_its_neighbours(trained):
    name = "change when sampled alone, relative"
    assert wavegrad_mistakes.batch_norm_in_training(trained, 0).measures[name] > 0.03
    assert wavegrad_mistakes.batch_norm_in_evaluation(trained, 0).measures[name] < 1e-4


def test_noise_scaled_by_beta_leaves_the_signal_alone(generator):
    schedule = NoiseSchedule.from_name("linear", 200, 1e-4, 0.1)
    x = torch.zeros(1, 50_000)
    *_, wrong = diffuse_by_beta(x, schedule, generator)
    *_, right = diffuse(x, schedule, generator)
    assert float(right.std()) == pytest.approx(1, abs=0.02)
    assert float(wrong.std()) < 0.35
    assert float((1 - schedule.alphas_cumprod[-1]).sqrt()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", ["short_schedule", "batch_norm_in_training"])
def test_wrong_functions_say_so(name):
    assert (getattr(wavegrad_mistakes, name).__doc__ or "").startswith("WRONG")
