"""On a GPU: the same losses, the same samples, and bf16 near them. `make test-gpu` runs these."""

import copy
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch

import diffusion
from diffusion.catalog import RECIPES
from diffusion.checkpoints import names
from diffusion.data import swiss_roll
from diffusion.training.batches import rows_of
from diffusion.training.launch import make_accelerator
from diffusion.training.trainer import Trainer

DEVICE = "cuda"
STEPS = 6

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an accelerator"),
]


@pytest.fixture(autouse=True)
def _all_digits():
    """Else float32 is multiplied with 10 bits of mantissa."""
    kinds = torch.backends.cuda.matmul, torch.backends.cudnn
    before = [kind.allow_tf32 for kind in kinds]
    for kind in kinds:
        kind.allow_tf32 = False
    yield
    for kind, allowed in zip(kinds, before, strict=True):
        kind.allow_tf32 = allowed


def moved(batch, device):
    return rows_of(batch, lambda tensor: tensor.to(device))


@pytest.mark.usefixtures("few_sounds")
@pytest.mark.parametrize("name", RECIPES)
def test_a_batch_has_the_same_loss_and_gradient(name, generator):
    recipe = replace(RECIPES[name], batch_size=4)
    network = recipe.build(seed=0)
    objective = recipe.prepare(recipe, network)
    batch = objective.draw(generator)
    found = {}
    for device, precision in (("cpu", None), (DEVICE, None), (DEVICE, torch.bfloat16)):
        copied = copy.deepcopy(network).to(device)
        with torch.autocast(device, precision) if precision else nullcontext():
            loss = objective.loss(copied, moved(batch, device))
        torch.autograd.backward(loss)
        gradients = [p.grad.float().norm().cpu() for p in copied.parameters() if p.requires_grad]
        found[device, precision] = [float(loss.detach()), float(torch.stack(gradients).norm())]
    expected = found["cpu", None]
    assert found[DEVICE, None] == pytest.approx(expected, rel=1e-3)
    assert found[DEVICE, torch.bfloat16] == pytest.approx(expected, rel=0.1)


@pytest.mark.usefixtures("few_sounds")
@pytest.mark.parametrize("name", RECIPES)
def test_fp16_trains(name, fresh_accelerate):
    """At most half of its first steps are skipped, and its losses are about those of float32."""
    recipe = replace(RECIPES[name], batch_size=min(RECIPES[name].batch_size, 16))
    losses = {}
    for precision in ("no", "fp16"):
        network = recipe.build(seed=0)
        trainer = Trainer(
            network,
            recipe.prepare(recipe, network),
            steps=20,
            learning_rate=recipe.learning_rate,
            accelerator=make_accelerator(DEVICE, precision),
        )
        losses[precision] = [float(state.loss) for state in trainer]
        trainer.check_finite()
        assert all(int(value["step"]) >= 10 for value in trainer.optimizer.state.values())
        fresh_accelerate()
    assert sum(losses["fp16"]) == pytest.approx(sum(losses["no"]), rel=0.2)
    assert losses["fp16"][0] == pytest.approx(losses["no"][0], rel=0.02)


def few_steps(checkpoint):
    """Those of its card, or else six of the training's steps."""
    if "inference" in checkpoint.config:
        return checkpoint.inference_schedule(STEPS), None
    return checkpoint.schedule, STEPS


# The reverse process of `swiss-roll-variational` is random.
@pytest.mark.parametrize("name", sorted({*names()} - {"swiss-roll-variational"}))
@pytest.mark.parametrize("sampler", ["ddim", "dpm++2m"])
def test_the_same_noise_gives_the_same_samples(name, sampler, generator):
    here, there = (diffusion.load(name, device) for device in ("cpu", DEVICE))
    sound = not name.startswith("swiss-roll")
    frames = 24
    samples = 640 if name == "waveform-simple" else 8_192 if "waveform" in name else 300 * frames
    x_t = torch.randn(2, samples if sound else 2, generator=generator)
    condition = None
    if name.startswith("vocoder"):
        condition = torch.randn(2, 80, frames, generator=generator).sub(4.0)
    found = []
    for checkpoint, device in ((here, "cpu"), (there, DEVICE)):
        schedule, steps = few_steps(checkpoint)
        x = diffusion.sample(
            checkpoint.network,
            schedule,
            tuple(x_t.shape),
            sampler,
            num_inference_steps=steps,
            initial=x_t.to(device),
            condition=None if condition is None else condition.to(device),
        )
        assert x.device.type == device
        found.append(x.cpu())
    assert (found[1] - found[0]).abs().max() < 1e-4 * max(1.0, float(found[0].abs().max()))


def test_a_training_ends_in_the_same_place(generator):
    """A hundred steps of Adam on batches of the CPU's."""
    recipe = replace(RECIPES["swiss-roll-ddpm"], batch_size=256)
    network = recipe.build(seed=0)
    objective = recipe.prepare(recipe, network)
    batches = [objective.draw(generator) for _ in range(100)]
    losses = []
    for device in ("cpu", DEVICE):
        copied = copy.deepcopy(network).to(device)
        optimizer = torch.optim.Adam(copied.parameters(), lr=1e-3, fused=True)
        for batch in batches:
            optimizer.zero_grad()
            loss = objective.loss(copied, moved(batch, device))
            torch.autograd.backward(loss)
            optimizer.step()
        with torch.no_grad():
            losses.append(float(objective.loss(copied, moved(batches[0], device))))
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)


def test_the_exact_score_is_that_of_the_cpu(generator):
    points = swiss_roll.sample(100, generator)
    expected = swiss_roll.score(points, 0.5, 0.5)
    assert torch.allclose(swiss_roll.score(points.to(DEVICE), 0.5, 0.5).cpu(), expected, rtol=1e-9)
