"""The tutorial's networks, against its own code."""

import torch
from torch import nn
from torch.nn import functional as F

from diffusion import NoiseSchedule, score_of
from diffusion.networks import build_network

SCHEDULE = NoiseSchedule.from_name("scaled_linear", 20, 1e-4, 0.3)


def test_the_score_of_the_network_is_the_tutorials_layers(generator):
    network = build_network({"kind": "SoftplusMLP", "width": 8}, SCHEDULE)
    x = torch.randn(5, 2, generator=generator)
    layers = nn.Sequential(
        nn.Linear(2, 8), nn.Softplus(), nn.Linear(8, 8), nn.Softplus(), nn.Linear(8, 2)
    )
    layers.load_state_dict(network.layers.state_dict())
    assert torch.allclose(score_of(network, 0.3)(x), layers(x), atol=1e-5)


class ConditionalLinear(nn.Module):
    """As the tutorial has it."""

    def __init__(self, num_in, num_out, n_steps):
        super().__init__()
        self.num_out = num_out
        self.lin = nn.Linear(num_in, num_out)
        self.embed = nn.Embedding(n_steps, num_out)
        self.embed.weight.data.uniform_()

    def forward(self, x, y):
        return self.embed(y).view(-1, self.num_out) * self.lin(x)


def test_the_conditional_network_is_the_tutorials(generator):
    network = build_network({"kind": "SoftplusReverseMLP", "width": 8}, SCHEDULE)
    ours = network.network
    first, second = ConditionalLinear(2, 8, 20), ConditionalLinear(8, 8, 20)
    for theirs, layer, factors in (
        (first, ours.first, ours.first_factors),
        (second, ours.second, ours.second_factors),
    ):
        theirs.lin.load_state_dict(layer.state_dict())
        theirs.embed.load_state_dict(factors.state_dict())
        drawn = factors.weight.detach()
        assert 0 <= float(drawn.min()) < 0.1
        assert 0.9 < float(drawn.max()) <= 1
    x, t = torch.randn(6, 2, generator=generator), torch.tensor([0, 3, 7, 7, 18, 19])
    expected = ours.last(F.softplus(second(F.softplus(first(x, t)), t)))
    mean, log_var = network(x, SCHEDULE.noise_levels[t])
    assert torch.allclose(torch.cat([mean, log_var], dim=1), expected, atol=1e-6)


def test_without_more_outputs_it_predicts_the_noise(generator):
    network = build_network({"kind": "ConditionalSoftplusMLP", "width": 8}, SCHEDULE)
    x = torch.randn(6, 2, generator=generator)
    assert network(x, SCHEDULE.noise_levels[:6]).shape == x.shape
