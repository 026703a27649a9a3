"""Every distribution in the plane against differences, integrals and samples of itself."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.datasets import make_moons

from diffusion.data.distributions import (
    DISTRIBUTIONS,
    GaussianMixture,
    Oracle,
    drawing,
    fit,
)
from diffusion.data.distributions.checkerboard import log_normal_mass
from diffusion.evaluation.metrics import sliced_wasserstein

ZIGZAG = [
    torch.tensor([[-1.2, -1.0], [0.0, 1.3], [1.2, -1.0]]),
    torch.tensor([[0.5, 0.5]]),
]
DISTRIBUTIONS = {**DISTRIBUTIONS, "drawing": drawing(ZIGZAG)}
LEVELS = [(1.0, 0.0), (1.0, 1e-4), (1.0, 0.09), (0.5, 0.5), (0.01, 0.99), (0.0, 1.0)]

each_distribution = pytest.mark.parametrize(
    "distribution", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS
)
each_level = pytest.mark.parametrize(("alpha_cumprod", "noise_variance"), LEVELS)


def noised(distribution, n, alpha_cumprod, noise_variance):
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    data = distribution.sample(n, generator).double()
    return math.sqrt(alpha_cumprod) * data + math.sqrt(noise_variance) * noise


def differences(function, x, h):
    """Fourth-order central differences of function(x), the derivative's axis last."""
    steps = h * torch.eye(2, dtype=torch.float64)
    return torch.stack(
        [
            (8 * (function(x + e) - function(x - e)) - (function(x + 2 * e) - function(x - 2 * e)))
            / (12 * h)
            for e in steps
        ],
        dim=-1,
    )


@each_distribution
@each_level
def test_score_and_hessian_are_derivatives(distribution, alpha_cumprod, noise_variance):
    level = alpha_cumprod, noise_variance
    # Near the data, and out where nothing of it is: the formulas must not lose digits in a tail.
    x = torch.cat([noised(distribution, 100, *level), 4 * noised(distribution, 30, 0.5, 0.5)])
    h = 1e-3 * math.sqrt(distribution.width**2 * alpha_cumprod + noise_variance)
    for exact, function in (
        (distribution.score(x, *level), distribution.log_prob),
        (distribution.hessian(x, *level), distribution.score),
    ):
        numerical = differences(lambda y, f=function: f(y, *level), x, h)
        assert float((exact - numerical).abs().max() / exact.abs().max()) < 1e-6


@each_distribution
@each_level
def test_density_integrates_to_one(distribution, alpha_cumprod, noise_variance):
    width = math.sqrt(distribution.width**2 * alpha_cumprod + noise_variance)
    half = 1.6 * math.sqrt(alpha_cumprod) + 6 * width
    cells = math.ceil(2 * half / (0.9 * width))  # the sum over a fine grid is spectrally exact
    axis = torch.linspace(-half, half, cells, dtype=torch.float64)
    density = distribution.log_prob(
        torch.cartesian_prod(axis, axis), alpha_cumprod, noise_variance
    ).exp()
    assert float(density.sum() * (axis[1] - axis[0]) ** 2) == pytest.approx(1, abs=1e-4)


@each_distribution
def test_samples_have_the_density(distribution, generator):
    # Shares of 100,000 samples in the cells of a grid against the density's integral over them.
    samples = distribution.sample(100_000, generator)
    assert samples.dtype == torch.float32
    cells, fine = 10, 16
    edge = 1.8
    axis = (torch.arange(cells * fine, dtype=torch.float64) + 0.5) * 2 * edge / (cells * fine)
    grid = torch.cartesian_prod(axis - edge, axis - edge)
    density = distribution.log_prob(grid).exp().reshape(cells, fine, cells, fine)
    expected = density.mean(dim=(1, 3)) * (2 * edge / cells) ** 2
    counts, _, _ = np.histogram2d(
        *samples.double().numpy().T, bins=cells, range=2 * [[-edge, edge]]
    )
    shares = torch.from_numpy(counts) / len(samples)
    # Five standard errors, and the midpoint rule's own: by chance once in 17,000 for a grid.
    error = 5 * (expected / len(samples)).sqrt() + 2e-4
    assert bool(((shares - expected).abs() < error).all())
    assert not bool(((shares - expected.roll(1, 0)).abs() < error).all())  # the test can fail


@each_distribution
def test_without_signal_only_the_noise_is_left(distribution):
    x = torch.randn(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gaussian = -x.square().sum(dim=1) / 2 - math.log(2 * math.pi)
    assert torch.allclose(distribution.log_prob(x, 0.0, 1.0), gaussian, rtol=0, atol=1e-9)
    assert torch.allclose(distribution.score(x, 1e-12, 1.0), -x, rtol=0, atol=1e-5)
    assert torch.allclose(distribution.curvature(x, 0.0, 1.0), x.new_ones(50), rtol=0, atol=1e-4)


@each_distribution
def test_curvature_bounds_the_stable_step(distribution):
    # Never above 1/v: a posterior covariance is not negative.
    x = noised(distribution, 300, 1.0, 0.01)
    curvature = distribution.curvature(x, 1.0, 0.01)
    expected = torch.linalg.eigvalsh(-distribution.hessian(x, 1.0, 0.01))[:, 1]
    assert torch.allclose(curvature, expected, rtol=1e-9, atol=1e-6)
    assert float(curvature.max()) <= 1 / (distribution.width**2 + 0.01) * (1 + 1e-9)


@each_distribution
def test_samples_lie_on_the_shape(distribution, generator):
    # A blur of one width: beyond four widths from a centre lies exp(-8) = 3.4e-4 of it.
    off = distribution.distance(distribution.sample(8_000, generator)) > 4 * distribution.width
    assert float(off.double().mean()) < 2e-3
    assert float(distribution.distance(torch.tensor([3.0, 3.0]))) > 1


@each_distribution
def test_all_distributions_are_of_one_size(distribution, generator):
    assert 1.2 < float(distribution.sample(10_000, generator).abs().quantile(0.999)) < 1.7


@each_distribution
def test_oracle_is_the_score(distribution, generator):
    x_t = torch.randn(6, 2, generator=generator, dtype=torch.float64)
    levels = torch.tensor([0.3, 0.9, 0.3, 0.99, 0.9, 0.3], dtype=torch.float64)
    eps = Oracle(distribution)(x_t, levels)
    for i, level in enumerate(levels.tolist()):
        exact = -math.sqrt(1 - level**2) * distribution.score(x_t[i], level**2, 1 - level**2)
        assert torch.allclose(eps[i], exact, rtol=1e-12)


@each_distribution
@given(
    shape=st.sampled_from([(2,), (1, 2), (3, 4, 2), (520, 2)]),
    alpha_cumprod=st.floats(0, 1),
    noise_variance=st.floats(1e-4, 10),
    scale=st.sampled_from([0.0, 1.0, 30.0]),
)
def test_shapes_and_finite_values(distribution, shape, alpha_cumprod, noise_variance, scale):
    generator = torch.Generator().manual_seed(1)
    x = scale * torch.randn(shape, generator=generator)
    level = alpha_cumprod, noise_variance
    for values, expected in (
        (distribution.log_prob(x, *level), shape[:-1]),
        (distribution.score(x, *level), shape),
        (distribution.hessian(x, *level), (*shape, 2)),
        (distribution.curvature(x, *level), shape[:-1]),
        (distribution.distance(x), shape[:-1]),
    ):
        assert values.dtype == torch.float64
        assert values.shape == expected
        assert bool(torch.isfinite(values).all())


@each_distribution
def test_what_is_not_a_number_stays_so(distribution):
    assert bool(torch.isnan(distribution.score(torch.tensor([[math.nan, 0.0]]), 1.0, 0.1)).all())


@each_distribution
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"alpha_cumprod": 1.5}, "1.5"),
        ({"noise_variance": -1.0}, "-1.0"),
        ({"noise_variance": math.nan}, "nan"),
        ({"alpha_cumprod": 0.0}, "both 0"),
    ],
)
def test_refuses_bad_values(distribution, arguments, named):
    with pytest.raises(ValueError, match=named):
        distribution.score(torch.zeros(1, 2), **arguments)
    with pytest.raises(ValueError, match="shape"):
        distribution.log_prob(torch.zeros(3, 3))


def test_moons_are_scikit_learns(generator):
    reference, _ = make_moons(4_000, noise=0.06, random_state=0)
    theirs = torch.tensor(reference) - torch.tensor([0.5, 0.25])
    ours = [DISTRIBUTIONS["two moons"].sample(4_000, generator).double() for _ in range(4)]
    floor = max(sliced_wasserstein(ours[0], other) for other in ours[1:])
    assert sliced_wasserstein(ours[0], theirs) < 2 * floor
    assert sliced_wasserstein(ours[0] + 0.1, theirs) > 2 * floor  # the test can fail


def test_the_empirical_distribution_ends_on_its_points(generator):
    # Its score at small noise points at the nearest training point: x + s² score is that point.
    points = torch.randn(30, 2, generator=generator)
    empirical = GaussianMixture(points, width=0.0)
    x = torch.randn(200, 2, generator=generator, dtype=torch.float64)
    ends = x + 1e-4**2 * empirical.score(x, noise_variance=1e-4**2)
    assert float(empirical.distance(ends).max()) < 1e-6
    with pytest.raises(ValueError, match="no density"):
        empirical.log_prob(x)


def test_the_empirical_score_converges_to_the_exact_one(generator):
    distribution = DISTRIBUTIONS["swiss roll"]
    x = noised(distribution, 500, 1.0, 0.09)
    exact = distribution.score(x, noise_variance=0.09)
    errors = [
        float(
            (
                GaussianMixture(distribution.sample(n, generator), 0.0).score(x, 1.0, 0.09) - exact
            ).norm()
        )
        for n in (30, 3_000)
    ]
    assert errors[1] < 0.2 * errors[0]  # 100 times the points: a tenth of the error


@pytest.mark.parametrize(("low", "high"), [(-40.0, -39.0), (39.0, 40.0), (-1.0, 2.0), (5.0, 5.1)])
def test_normal_mass_keeps_its_digits(low, high):
    # By Simpson's rule on the density, with its height at the higher end taken out.
    t = torch.linspace(low, high, 20_001, dtype=torch.float64)
    highest = min(abs(low), abs(high)) if low * high > 0 else 0.0
    weights = torch.ones_like(t)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    heights = (-(t.square() - highest**2) / 2).exp()
    integral = float((weights * heights).sum()) * (high - low) / 20_000 / 3
    expected = math.log(integral) - highest**2 / 2 - math.log(2 * math.pi) / 2
    exact = log_normal_mass(*torch.tensor([low, high], dtype=torch.float64))
    assert float(exact) == pytest.approx(expected, rel=1e-9)


def test_a_drawing_lies_on_its_strokes(generator):
    distribution = DISTRIBUTIONS["drawing"]
    gaps = (distribution.centres[1:] - distribution.centres[:-1]).norm(dim=1)
    assert float(gaps[:-1].max()) < 0.04
    assert float(distribution.distance(torch.tensor([0.0, 1.3]))) < 0.03
    assert float(distribution.distance(torch.tensor([0.5, 0.5]))) < 1e-6
    assert float(distribution.distance(torch.tensor([0.0, -1.0]))) > 0.5


def test_strokes_may_stand_still():
    distribution = drawing([torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]])])
    assert bool(torch.isfinite(distribution.centres).all())
    assert float(distribution.centres[-1, 0]) == pytest.approx(1)


@given(st.lists(st.tuples(*2 * [st.floats(-1e6, 1e6)]), min_size=2, max_size=20, unique=True))
def test_fitted_points_fill_the_square(rows):
    points = torch.tensor(rows, dtype=torch.float64)
    assume(float((points.amax(0) - points.amin(0)).max()) >= 1e-6)
    assert float(fit(points).abs().max()) == pytest.approx(1.4, rel=1e-6)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: drawing([]), "stroke"),
        (lambda: fit(torch.ones(4, 2)), "differ"),
        (lambda: fit(torch.tensor([[0.0, math.nan], [1.0, 1.0]])), "finite"),
        (lambda: GaussianMixture(torch.zeros(3, 3), 0.1), "shape"),
        (lambda: GaussianMixture(torch.zeros(0, 2), 0.1), "shape"),
        (lambda: GaussianMixture(torch.full((1, 2), math.inf), 0.1), "finite"),
        (lambda: GaussianMixture(torch.zeros(1, 2), -1.0), "-1.0"),
    ],
)
def test_refuses_what_is_no_distribution(make, named):
    with pytest.raises(ValueError, match=named):
        make()
