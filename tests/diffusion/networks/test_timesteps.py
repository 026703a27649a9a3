"""Networks go to the loops of diffusers and come from its pipelines with the same samples."""

import diffusers
import pytest
import torch

import diffusion
from diffusion import NoiseSchedule, sample
from diffusion.networks.timesteps import ByTimesteps, FromTimesteps, from_diffusers


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@torch.no_grad()
def their_loop(model, scheduler, x, steps, **options):
    """The loop of diffusers' `DDPMPipeline`, without what it does to images at the end."""
    scheduler.set_timesteps(steps)
    for t in scheduler.timesteps:
        eps = model(x, t).sample
        x = scheduler.step(eps, t, x, **options).prev_sample
    return x


@pytest.mark.parametrize(
    ("kind", "sampler", "steps"),
    [
        ("DDPMScheduler", "ddpm", 100),
        ("DDIMScheduler", "ddim", 20),
        ("DPMSolverMultistepScheduler", "dpm++2m", 20),
    ],
)
def test_our_network_in_their_loop_gives_our_points(kind, sampler, steps):
    model = diffusion.load("swiss-roll-ddpm")
    plain = {} if sampler == "dpm++2m" else {"clip_sample": False}
    scheduler = getattr(diffusers, kind)(  # by its name: diffusers imports it only now
        100, trained_betas=model.schedule.betas.numpy(), timestep_spacing="trailing", **plain
    )
    start = torch.randn(500, 2, generator=seeded())
    random = {"generator": seeded(1)}
    theirs = their_loop(
        ByTimesteps(model.network, model.schedule), scheduler, start, steps, **random
    )
    ours = sample(
        model.network,
        model.schedule,
        (500, 2),
        sampler,
        num_inference_steps=steps,
        initial=start,
        generator=seeded(1),
    )
    assert float((ours - theirs).abs().max()) < 5e-4  # their tables have 32 bits


def test_a_network_of_their_pipeline_gives_its_images():
    torch.manual_seed(0)
    unet = diffusers.UNet2DModel(
        sample_size=8,
        in_channels=1,
        out_channels=1,
        block_out_channels=(8, 8),
        down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        norm_num_groups=4,
    )
    scheduler = diffusers.DDPMScheduler(100, beta_end=0.15, clip_sample=False)
    pipeline = diffusers.DDPMPipeline(unet, scheduler)
    pipeline.set_progress_bar_config(disable=True)
    images = pipeline(2, seeded(), num_inference_steps=10, output_type="pt", return_dict=False)[0]
    network, schedule = from_diffusers(unet, scheduler)
    made = sample(
        network,
        schedule,
        (2, 1, 8, 8),
        num_inference_steps=10,
        timestep_spacing="leading",
        generator=seeded(),
    )
    assert float(images.std()) > 0.1
    assert torch.allclose((made / 2 + 0.5).clamp(0, 1), images, atol=1e-3)


def test_steps_are_found_from_the_noise_and_between_them_by_its_logarithm():
    schedule = NoiseSchedule.from_name("linear", 50, 1e-3, 0.2)
    network = FromTimesteps(torch.nn.Identity(), schedule)
    assert network.timesteps(schedule.noise_levels).tolist() == pytest.approx(range(50), abs=1e-3)
    middle = (schedule.sigmas[7] * schedule.sigmas[8]).sqrt()
    levels = torch.tensor([1 / float(1 + middle**2) ** 0.5, 1.0, 1e-6], dtype=torch.float64)
    assert network.timesteps(levels).tolist() == pytest.approx([7.5, 0, 49], abs=1e-6)


def test_what_predicts_no_noise_is_refused():
    scheduler = diffusers.DDPMScheduler(prediction_type="v_prediction")
    with pytest.raises(ValueError, match="must predict 'epsilon', the noise, got 'v_prediction'"):
        from_diffusers(torch.nn.Identity(), scheduler)
