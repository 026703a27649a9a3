"""The variational bound term by term, and the least that each term can be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from diffusion.device import device_of
from diffusion.evaluation.exact_probabilities import (
    NATS,
    LogProb,
    exact_cell,
    exact_step,
    negative_log_likelihood,
)
from diffusion.process.denoising import (
    NoisePredictor,
    add_noise,
    like_samples,
    once_if_shared,
    posterior_mean,
    predict_original_sample,
)
from diffusion.process.schedule import NoiseSchedule
from diffusion.process.variational import (
    Decoder,
    ReverseNetwork,
    discretized_nll,
    normal_nll,
    posterior,
    prior_kl,
    step_terms,
)
from diffusion.random import randn

DATA_RADIUS = 1.5
"""All data of this project lies within this distance of the origin."""


@dataclass(frozen=True)
class Bound:
    """E[-log₂ p_θ(x_0)] ≤ L_T + Σ_t L_{t-1} + L_0, in bits per dimension (Ho et al. 2020, eq. 5).

    Attributes:
        terms: L_0, L_1 … L_{T-1}, float64 of shape (T,).
        excess: what each is above the least that it can be, measured by itself; like `terms`.
        prior: L_T.
    """

    terms: Tensor
    excess: Tensor
    prior: float

    @property
    def total(self) -> float:
        """The sum of all terms."""
        return self.prior + float(self.terms.sum())


class FixedVariance(nn.Module):
    """A reverse process from a noise predictor: p_θ(x_{t-1} | x_t) = N(μ̃(x̂_0, x_t), σ_t² I).

    Ho et al. 2020, eqs. 7 and 15 and section 3.2.

    Args:
        network: the noise predictor, which gives x̂_0.
        schedule: the schedule whose steps it reverses.
        variances: σ_t² > 0, float64 of shape (T,).
    """

    def __init__(self, network: NoisePredictor, schedule: NoiseSchedule, variances: Tensor) -> None:
        super().__init__()
        self.network = network
        self.schedule = schedule
        self.variances = variances

    def forward(self, x_t: Tensor, noise_level: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance, each like `x_t` (B, D); √ᾱ_t is (B,)."""
        timesteps = self.schedule.nearest_timesteps(once_if_shared(noise_level))

        def at(values: Tensor) -> Tensor:
            return like_samples(values.to(x_t.device)[timesteps], x_t.double())

        alpha_cumprod, previous = (
            at(self.schedule.alphas_cumprod),
            at(self.schedule.alphas_cumprod_prev),
        )
        original = predict_original_sample(x_t, self.network(x_t, noise_level), alpha_cumprod)
        mean = posterior_mean(original, x_t, alpha_cumprod, previous).to(x_t)
        return mean, at(self.variances).log().to(x_t).expand_as(x_t)


@torch.no_grad()
def bounds(
    networks: Mapping[str, ReverseNetwork],
    log_prob: LogProb,
    x_0: Tensor,
    schedule: NoiseSchedule,
    generator: torch.Generator,
    discretized: bool = False,
) -> dict[str, Bound]:
    """The bounds of reverse processes, averaged over one and the same data and noise.

    Args:
        networks: the reverse steps, by name.
        log_prob: the exact log-density, for the excess over the least alone.
        x_0: data, shape (N, D).
        schedule: the forward process.
        generator: of the noise, which is drawn anew for each t.
        discretized: whether L_0 is of the cell of x_0 (`discretized_nll`), and not of its density.
    """
    terms: dict[str, list[Tensor]] = {name: [] for name in networks}
    excesses: dict[str, list[Tensor]] = {name: [] for name in networks}
    for t in range(len(schedule)):
        timesteps = torch.full((len(x_0),), t)
        x_t = schedule.q_sample(x_0, matched_noise(x_0, generator), timesteps)
        true_mean, true_log_var = posterior(x_0, x_t, timesteps, schedule)
        noise = randn(x_0.shape, generator, like=x_0)
        x_before = true_mean + torch.exp(0.5 * true_log_var) * noise if t else x_0
        in_cells = discretized and t == 0
        decoder = discretized_nll if in_cells else normal_nll
        exact = (
            exact_cell(log_prob, x_0, x_t, schedule)
            if in_cells
            else exact_step(log_prob, x_before, x_t, t, schedule)
        )
        for name, network in networks.items():
            device = device_of(network)
            sqrt_alphas_cumprod = schedule.noise_levels[t].to(device).expand(len(x_0))
            moments = network(x_t.to(device), sqrt_alphas_cumprod)
            mean, log_var = (each.to(x_t.device) for each in moments)
            of_points = step_terms(mean, log_var, x_0, x_t, timesteps, schedule, decoder)
            terms[name].append(of_points.double().mean())
            excesses[name].append(excess(mean, log_var, x_before, exact, decoder))
    prior = float(prior_kl(x_0, schedule).mean()) / NATS
    return {
        name: Bound(torch.stack(terms[name]) / NATS, torch.stack(excesses[name]) / NATS, prior)
        for name in networks
    }


def excess(
    mean: Tensor,
    log_var: Tensor,
    x_before: Tensor,
    exact: Tensor,
    decoder: Decoder = normal_nll,
) -> Tensor:
    """What a step loses against the exact one: E KL(q(x_{t-1} | x_t) ‖ p_θ(x_{t-1} | x_t)).

    With r = p_θ/q it is the mean of r - 1 - ln r over x_{t-1}, x_t ~ q, as E r = 1 (Schulman,
    Approximating KL Divergence, 2020). No point is below 0, and the error goes to 0 with the
    excess; that of a difference between two bounds does not.

    Args:
        mean: of p_θ(x_{t-1} | x_t), shape (N, D).
        log_var: of the same.
        x_before: x_{t-1}, shape (N, D).
        exact: ln q(x_{t-1} | x_t), shape (N,).
        decoder: -ln p_θ(x_{t-1} | x_t) for each coordinate.

    Returns:
        Nats per dimension, a float64 scalar.
    """
    learned = -decoder(x_before.double(), mean.double(), log_var.double()).sum(dim=1)
    log_ratio = learned - exact
    return (log_ratio.expm1() - log_ratio).mean() / x_before.shape[1]


def exact_bound(
    log_prob: LogProb,
    x_0: Tensor,
    schedule: NoiseSchedule,
    generator: torch.Generator,
    discretized: bool = False,
) -> Bound:
    """The bound of the exact reverse process q(x_{t-1} | x_t), which no other can be below.

    Its terms are differences of the information that is left of the data, I_t = I(x_0; x_t):
    L_{t-1} = I_{t-1} - I_t and L_0 = h(x_0) - I_1. They sum to h(x_0) + KL(q(x_T) ‖ N(0, I)). With
    the discretised decoder L_0 is the entropy of the cell given x_1, and the sum is above that of
    the cell: the other terms pay for the place in the cell too.

    The arguments are those of `bounds`; one noise serves all t, as only differences count.
    """
    dimensions = x_0.shape[1]
    noise = matched_noise(x_0, generator)
    information = []
    for alpha_cumprod in schedule.alphas_cumprod.tolist():
        x_t = add_noise(x_0, noise, torch.full((len(x_0),), alpha_cumprod, dtype=torch.float64))
        squares = noise.double().square().sum(dim=1)
        log_conditional = -0.5 * (
            squares + dimensions * math.log(2 * math.pi * (1 - alpha_cumprod))
        )
        information.append(
            (log_conditional - log_prob(x_t, alpha_cumprod, 1 - alpha_cumprod)).mean()
        )
    left = torch.stack(information) / (dimensions * NATS)
    if discretized:
        x_1 = schedule.q_sample(x_0, noise, torch.zeros(len(x_0), dtype=torch.long))
        of_cell = exact_cell(log_prob, x_0, x_1, schedule).mean()
        first = -of_cell[None] / (dimensions * NATS)
    else:
        first = negative_log_likelihood(log_prob, x_0) - left[:1]
    prior = float(prior_kl(x_0, schedule).mean()) / NATS
    terms = torch.cat([first, left[:-1] - left[1:]])
    return Bound(terms, torch.zeros_like(terms), prior)


def matched_noise(x_0: Tensor, generator: torch.Generator) -> Tensor:
    """Noise ε ~ N(0, I) like `x_0` (N, D), N > 2D, with the moments that it has in expectation.

    Its mean is 0, its covariance I and its covariance with x_0 zero, exactly. The terms of the
    bound are quadratic in ε and x_0, so that this takes most of their sampling error away, for a
    bias of order 1/N.
    """
    noise = torch.randn(x_0.shape, generator=generator, dtype=torch.float64)
    known = torch.cat([torch.ones(len(x_0), 1, dtype=torch.float64), x_0.double()], dim=1)
    noise = noise - known @ torch.linalg.lstsq(known, noise).solution
    factor = torch.linalg.cholesky(noise.T @ noise / len(noise))
    matched: Tensor = torch.linalg.solve_triangular(factor, noise.T, upper=False).T
    return matched.to(x_0)


def terminal_kl(log_prob: LogProb, schedule: NoiseSchedule) -> float:
    """KL(q(x_T) ‖ N(0, I)) in nats, of points in the plane: what sampling from N(0, I) gets wrong.

    ∫ q ln(q/N) over the exact density, by the trapezoidal rule on a grid of half the noise's
    standard deviation: for densities this smooth its error is below 1e-9. An exact reverse process
    cannot lose more: KL(q(x_0) ‖ p(x_0)) is at most this (data processing).
    """
    alpha_cumprod = float(schedule.alphas_cumprod[-1])
    noise = math.sqrt(1 - alpha_cumprod)
    half_width = DATA_RADIUS * math.sqrt(alpha_cumprod) + 8 * noise
    count = math.ceil(4 * half_width / noise) + 1
    axis = torch.linspace(-half_width, half_width, count, dtype=torch.float64)
    points = torch.cartesian_prod(axis, axis)
    log_q = log_prob(points, alpha_cumprod, 1 - alpha_cumprod)
    log_normal = -0.5 * points.square().sum(dim=1) - math.log(2 * math.pi)
    return float((log_q.exp() * (log_q - log_normal)).sum() * (axis[1] - axis[0]) ** 2)
