"""Trainings in fp16: here on the CPU, with PyTorch's own scaler; `test_gpu` has each recipe's."""

import copy

import pytest
import torch
from torch import nn

from diffusion.training.batches import Objective
from diffusion.training.launch import make_accelerator
from diffusion.training.trainer import LEAST_SCALE, Trainer

PARABOLA = Objective(
    lambda generator: torch.randn(16, 2, generator=generator),
    lambda network, x: (network(x) - 2 * x).square().mean(),
)


@pytest.fixture
def trainer(fresh_accelerate):
    """A training whose gradients overflow while its loss is scaled by more than some 2^14."""

    def trainer(objective=PARABOLA, scale=2.0**16, growth_interval=2_000):
        fresh_accelerate()
        accelerator = make_accelerator("cpu", "no")
        accelerator.state._mixed_precision = "fp16"
        accelerator.native_amp = True
        accelerator.scaler = torch.amp.GradScaler(
            "cpu", init_scale=scale, growth_interval=growth_interval
        )
        torch.manual_seed(0)
        network = nn.Linear(2, 2)
        return Trainer(network, objective, steps=200, learning_rate=0.05, accelerator=accelerator)

    return trainer


def test_it_computes_in_16_bits_and_learns(trainer):
    each, types = trainer(scale=2.0**10), []
    plain = Trainer(copy.deepcopy(each.network), PARABOLA, steps=1, learning_rate=0.05)
    each.network.register_forward_hook(lambda module, x, y: types.append(y.dtype))
    norms, losses = zip(*((s.gradient_norm.item(), s.loss.item()) for s in each), strict=True)
    each.check_finite()
    (exact,) = plain
    assert norms[0] == pytest.approx(float(exact.gradient_norm), rel=1e-2)  # not of the scaled loss
    assert set(types) == {torch.float16}
    assert losses[-1] < 0.01 * losses[0]
    assert all(weight.dtype == torch.float32 for weight in each.network.parameters())


def test_a_step_whose_gradient_overflows_is_skipped_and_no_failure(trainer):
    each = trainer(scale=2.0**24)
    before = each.network.weight.detach().clone()
    states = iter(each)
    for number in range(1, 4):
        state = next(states)
        assert not state.gradient_norm.isfinite()
        assert state.step == each.step == number  # the next one has another batch
        assert each.scaler.get_scale() == 2.0 ** (24 - number)
    each.check_finite()
    assert each.network.weight.equal(before)
    assert each.ema.weight.equal(before)
    assert each.scheduler.get_last_lr() == pytest.approx([0.05 * 4 / 100], rel=1e-2)
    for state in states:
        if state.gradient_norm.isfinite():
            break
    (moments, _) = each.optimizer.state.values()
    assert 4 < each.step < 16
    assert int(moments["step"]) == 1  # Adam corrects its moments by the steps that it made
    assert not each.network.weight.equal(before)


def test_a_loss_that_is_not_finite_is_a_failure_at_any_scale(trainer):
    each = trainer(Objective(PARABOLA.draw, lambda network, x: network(x).sum() * torch.nan))
    next(iter(each))
    with pytest.raises(FloatingPointError, match="by step 1 the loss"):
        each.check_finite()


def test_gradients_that_overflow_at_any_scale_are_a_failure(trainer):
    class Overflowing(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            return x.clone()

        @staticmethod
        def backward(context, gradient):
            return gradient * torch.inf

    each = trainer(
        Objective(PARABOLA.draw, lambda network, x: Overflowing.apply(network(x)).float().mean())
    )
    for _ in each:
        if each.scaler.get_scale() < LEAST_SCALE:
            break
        each.check_finite()
    assert 20 < each.step < 40
    with pytest.raises(FloatingPointError, match=f"by step {each.step} the loss or its gradient"):
        each.check_finite()


def test_a_resumed_training_goes_on_with_the_scale(trainer):
    """With the steps until it grows as well: to the last bit, as an unbroken one."""

    def until(each, step):
        for state in each:
            if state.step == step:
                return {name: value.clone() for name, value in each.state().items()}
        raise AssertionError

    unbroken = trainer(growth_interval=6)
    state = until(unbroken, 13)
    again = trainer(scale=1.0)
    again.restore(state)
    expected, found = until(unbroken, 40), until(again, 40)
    assert found.keys() == expected.keys()
    assert [name for name in found if not found[name].equal(expected[name])] == ["seconds"]
    assert {"scaler.scale", "scaler._growth_tracker"} <= found.keys()


def test_a_training_of_another_precision_goes_on_in_fp16_and_back(trainer):
    plain = Trainer(nn.Linear(2, 2), PARABOLA, steps=200, learning_rate=0.05)
    each = trainer()
    next(iter(plain))
    each.restore(plain.state())
    assert each.scaler.get_scale() == 2.0**16
    next(iter(each))
    plain.restore(each.state())
    assert plain.step == 2
