"""A preconditioned residual network for points."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from diffusion.process.denoising import once_if_shared, refuse_condition


class ResidualMLP(nn.Module):
    """Predicts the noise in points x_t at any noise level √ᾱ.

    With σ = √(1 - ᾱ) / √ᾱ, σ_d the standard deviation of the data and z = x_t / √ᾱ / √(σ² + σ_d²),
    the layers F see and give values of unit size at every noise level (Karras et al. 2022, table 1,
    solved for ε):

        ε̂ = (σ z - σ_d F(z, ln σ)) / √(σ² + σ_d²)

    Without noise, at √ᾱ = 1, x_t says nothing of ε, so that ε̂ = E[ε] = 0.

    Args:
        features: dimension D of a point.
        width: units in each hidden layer.
        blocks: number of residual blocks.
        sigma_data: σ_d, the root mean square of a coordinate.
    """

    def __init__(
        self, features: int = 2, width: int = 128, blocks: int = 5, sigma_data: float = 0.6
    ) -> None:
        super().__init__()
        self.sigma_data = sigma_data
        self.embed = nn.Sequential(nn.Linear(1, 32), nn.SiLU(), nn.Linear(32, width))
        self.enter = nn.Linear(features, width)
        self.blocks = nn.ModuleList(ResidualBlock(width) for _ in range(blocks))
        self.leave = nn.Linear(width, features)

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε, shape (B, D), from x_t, shape (B, D), and √ᾱ in (0, 1], shape (B,).

        Raises:
            ValueError: if there is a condition.
        """
        refuse_condition(condition)
        noise_level = once_if_shared(noise_level)
        level = noise_level[:, None].double()  # in float32, 1 - ᾱ would lose its last digits
        noiseless = level == 1
        level = level.masked_fill(noiseless, 0.5)  # any, for ln σ has no limit
        sigma = (1 - level**2).sqrt() / level
        scale = (sigma**2 + self.sigma_data**2).rsqrt()
        log_sigma, to_z, skip, out = (
            value.to(x_t.dtype)
            for value in (sigma.log() / 4, scale / level, sigma * scale, self.sigma_data * scale)
        )
        z = x_t * to_z
        eps: Tensor = skip * z - out * self._layers(z, log_sigma)
        return eps.masked_fill(noiseless, 0)

    def _layers(self, z: Tensor, log_sigma: Tensor) -> Tensor:
        embedding = self.embed(log_sigma)
        hidden = self.enter(z)
        for block in self.blocks:
            hidden = block(hidden, embedding)
        out: Tensor = self.leave(F.silu(hidden))
        return out


class ResidualBlock(nn.Module):
    """h + W₂ silu(W₁ silu(h + e)), with e the embedding of the noise level; starts as identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, hidden: Tensor, embedding: Tensor) -> Tensor:
        """`hidden` and the result are (B, width), `embedding` too or (1, width) of all points."""
        out: Tensor = self.second(F.silu(self.first(F.silu(hidden + embedding))))
        return hidden + out
