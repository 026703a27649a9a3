"""The metrics of a vocoder, of networks whose sounds are known beforehand."""

import pytest
import torch
from torch import Tensor, nn

from diffusion.catalog import recipe
from diffusion.checkpoints import Checkpoint
from diffusion.evaluation.noise_errors import NOISE_SIGMAS, noise_errors
from diffusion.waveform.vocoder_metrics import vocoder_metrics
from synth import REPORT_SEEDS, held_out_sounds, render
from synth.features.mel import whole_blocks


class Knowing(nn.Module):
    """Predicts the very noise in x_t, for it knows the sounds."""

    def __init__(self, sounds: Tensor) -> None:
        super().__init__()
        self.sounds = nn.Parameter(sounds, requires_grad=False)

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """ε = (x_t - √ᾱ x_0)/√(1 - ᾱ)."""
        level = noise_level[:, None]
        return ((x_t - level * self.sounds) / (1 - level**2).sqrt()).float()


def checkpoint_of(network: nn.Module) -> Checkpoint:
    chosen = recipe("vocoder-wavegrad")
    return Checkpoint(network, chosen.noise_schedule(), chosen.config())


def test_a_network_that_knows_the_sounds_to_report_on_makes_no_error(monkeypatch):
    monkeypatch.setattr("diffusion.waveform.vocoder_metrics.SECONDS", 0.5)  # pYIN takes the longer
    seeds = REPORT_SEEDS[:2]
    sounds = whole_blocks(torch.from_numpy(render(held_out_sounds(seeds), 0.5)), 600)
    measured = vocoder_metrics(checkpoint_of(Knowing(sounds)), len(seeds))
    for steps in ("50 steps", "6 steps"):
        assert measured[f"{steps}, log-mel L1"] < 0.01
        assert measured[f"{steps}, spectral convergence"] < 1e-3
        assert measured[f"{steps}, F0 error by pYIN, median, cents"] == 0
        assert measured[f"{steps}, detuning of the known partials, median, cents"] < 0.01
        noise = measured[f"{steps}, noise between partials, dB"]
        assert noise == pytest.approx(measured["originals, noise between partials, dB"], abs=0.1)
    # The baseline is measured in the same run, on the same sounds.
    assert 0.1 < measured["Griffin-Lim, log-mel L1"] < 0.6
    assert measured[f"error of the noise at σ = {NOISE_SIGMAS[2]}"] < 1e-3


def test_predicting_nothing_has_an_error_of_one():
    class Silent(nn.Module):
        def forward(self, x_t: Tensor, noise_level: Tensor, condition: object = None) -> Tensor:
            return torch.zeros_like(x_t)

    errors = noise_errors(Silent(), torch.zeros(4, 20_000))
    assert list(errors.values()) == pytest.approx([1.0] * len(NOISE_SIGMAS), abs=0.01)
