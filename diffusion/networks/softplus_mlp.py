"""The tutorial's networks for points, in the signatures of this project's.

They see points as they are: nothing scales what goes in or comes out with the noise.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.process.denoising import refuse_condition
from diffusion.process.schedule import NoiseSchedule


class SoftplusMLP(nn.Module):
    """The tutorial's score network F(x) at one noise level, of two hidden layers of softplus units.

    As a noise predictor it is ε̂ = -σ F(x_t / √ᾱ) with σ = √(1-ᾱ)/√ᾱ, so that `score_of` gives F.

    Args:
        features: dimension D of a point.
        width: units in each hidden layer.
    """

    def __init__(self, features: int = 2, width: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(features, width),
            nn.Softplus(),
            nn.Linear(width, width),
            nn.Softplus(),
            nn.Linear(width, features),
        )

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε, shape (B, D), from x_t, shape (B, D), and √ᾱ in (0, 1), shape (B,).

        Raises:
            ValueError: if there is a condition.
        """
        refuse_condition(condition)
        level = noise_level[:, None].double()
        sigma = (1 - level**2).sqrt() / level
        eps: Tensor = -sigma.to(x_t) * self.layers((x_t / level).to(x_t))
        return eps


class ConditionalSoftplusMLP(nn.Module):
    """The tutorial's noise predictor: two softplus layers whose units each t scales by a factor.

    h ← softplus(γ(t) ⊙ (W h + b)), with a table of factors γ(t) ~ U(0, 1) before the training. It
    knows the steps of one schedule and looks up t from the noise level.

    Args:
        schedule: the schedule.
        features: dimension D of a point.
        width: units in each hidden layer.
        outputs: how many numbers it gives; None is D, a prediction of ε.
    """

    def __init__(
        self,
        schedule: NoiseSchedule,
        features: int = 2,
        width: int = 128,
        outputs: int | None = None,
    ) -> None:
        super().__init__()
        self.schedule = schedule
        self.first = nn.Linear(features, width)
        self.second = nn.Linear(width, width)
        self.last = nn.Linear(width, features if outputs is None else outputs)
        self.first_factors = nn.Embedding(len(schedule), width)
        self.second_factors = nn.Embedding(len(schedule), width)
        for factors in (self.first_factors, self.second_factors):
            nn.init.uniform_(factors.weight)

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε, shape (B, D), from x_t, shape (B, D), and √ᾱ_t of the schedule, shape (B,).

        Raises:
            ValueError: if there is a condition.
        """
        refuse_condition(condition)
        timesteps = self.schedule.nearest_timesteps(noise_level)
        hidden = F.softplus(self.first_factors(timesteps) * self.first(x_t))
        hidden = F.softplus(self.second_factors(timesteps) * self.second(hidden))
        out: Tensor = self.last(hidden)
        return out


class SoftplusReverseMLP(nn.Module):
    """The tutorial's first model, "naive": mean and log-variance of p_θ(x_{t-1} | x_t) as they are.

    Args:
        schedule: the schedule whose steps it reverses.
        features: dimension D of a point.
        width: units in each hidden layer.
    """

    def __init__(self, schedule: NoiseSchedule, features: int = 2, width: int = 128) -> None:
        super().__init__()
        self.schedule = schedule
        self.network = ConditionalSoftplusMLP(schedule, features, width, outputs=2 * features)

    def forward(self, x_t: Tensor, noise_level: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance, each (B, D), from x_t (B, D) and √ᾱ_t of the schedule, (B,)."""
        mean, log_var = self.network(x_t, noise_level).chunk(2, dim=1)
        return mean, log_var
