"""How far a network looks, of networks whose field is known."""

import torch
from torch import Tensor, nn

from diffusion.evaluation.receptive_field import effective_field

SOUNDS = torch.randn(2, 400, generator=torch.Generator().manual_seed(0))


class Averaging(nn.Module):
    """Takes for x̂_0 the mean of the samples within a radius of each one."""

    def __init__(self, radius: int) -> None:
        super().__init__()
        self.radius = radius

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None) -> Tensor:
        width = 2 * self.radius + 1
        mean = nn.functional.avg_pool1d(x_t[:, None], width, stride=1, padding=self.radius)[:, 0]
        level = noise_level.to(x_t)[:, None]
        return (x_t - level * mean) / (1 - level**2).sqrt()


def test_the_field_of_a_mean_is_nine_tenths_of_its_width():
    for sigma in (0.1, 1.0):
        assert effective_field(Averaging(0), SOUNDS, None, sigma) == 1
        assert effective_field(Averaging(50), SOUNDS, None, sigma) == 91
    assert effective_field(Averaging(10), SOUNDS, None, 1.0) == 19


def test_a_field_ends_where_the_sound_ends():
    assert effective_field(Averaging(399), SOUNDS, None, 1.0) <= 400
