"""Every distribution in the plane against differences, integrals and samples of itself."""

import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.datasets import make_moons
from torch.profiler import ProfilerActivity, profile

from diffusion.data.distributions import (
    DISTRIBUTIONS,
    GaussianMixture,
    Oracle,
    curves,
    drawing,
    fit,
)
from diffusion.data.distributions.curves import POINTS_OF_LINE
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
def test_moments_are_those_of_samples(distribution, generator):
    samples = distribution.sample(200_000, generator).double()
    mean, covariance = distribution.moments()
    assert mean.dtype == covariance.dtype == torch.float64
    # Five standard errors: coordinates and their products deviate by less than 0.9.
    assert torch.allclose(samples.mean(dim=0), mean, rtol=0, atol=0.01)
    assert torch.allclose(samples.T.cov(), covariance, rtol=0, atol=0.01)
    # Noised data, from whose moments a sampler may start.
    with_noise = noised(distribution, 200_000, 0.5, 0.5)
    expected = 0.5 * covariance + 0.5 * torch.eye(2, dtype=torch.float64)
    assert torch.allclose(with_noise.T.cov(), expected, rtol=0, atol=0.015)


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


@pytest.mark.parametrize("spread", [0.0, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("name", ["swiss roll", "two moons", "rings"])
def test_distance_to_a_curve_is_that_to_its_nearest_point(name, spread, generator):
    distribution = DISTRIBUTIONS[name]
    x = distribution.sample(1_500, generator).double()
    x += spread * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    line = distribution.curve(torch.linspace(0, 1, POINTS_OF_LINE, dtype=torch.float64))
    nearest = torch.cdist(x, line, compute_mode="donot_use_mm_for_euclid_dist").amin(dim=1)
    off = distribution.distance(x) - nearest
    assert float(off.min()) > -1e-12
    if name == "swiss roll":
        assert float(off.max()) < 2e-3  # where two turns are equally far
    assert float((off < 1e-12).double().mean()) > 0.99


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


def log_prob_by_tanh_sinh(curve, x, variance):
    """Log p at x (N, 2), by the rule whose nodes crowd towards both ends of each piece."""
    t = torch.linspace(-3.4, 3.4, 30_001, dtype=torch.float64)
    inner = math.pi / 2 * t.sinh()
    weights = math.pi / 4 * t.cosh() / inner.cosh().square() * (t[1] - t[0]) / curve.num_pieces
    u = (1 + inner.tanh()) / 2
    logs = []
    for piece in range(curve.num_pieces):
        points = curve.curve(((piece + u) / curve.num_pieces).clamp(max=1))
        squares = (x[:, None] - points).square().sum(dim=2)
        logs.append(torch.logsumexp(weights.log() - squares / (2 * variance), dim=1))
    return torch.logsumexp(torch.stack(logs), dim=0) - math.log(2 * math.pi * variance)


@pytest.mark.parametrize("sigma", [0.003, 0.01, 0.03, 0.3])
@pytest.mark.parametrize(("name", "end"), [("swiss roll", 0), ("swiss roll", 1), ("two moons", 0)])
def test_density_beyond_an_open_end(name, end, sigma):
    # Along the tangent and at angles to it: the integrand falls from the end, ever faster.
    distribution = DISTRIBUTIONS[name]
    near = torch.tensor([end, abs(end - 1e-6)], dtype=torch.float64)
    tip, inner = distribution.curve(near)
    along = (tip - inner) / (tip - inner).norm()
    across = torch.stack([-along[1], along[0]])
    angles = torch.tensor([-0.7, 0.0, 0.7], dtype=torch.float64)[:, None]
    outwards = angles.cos() * along + angles.sin() * across
    x = torch.cat([tip + distance * outwards for distance in (0.1, 0.3, 1.0, 2.0, 5.0, 20.0)])
    expected = log_prob_by_tanh_sinh(distribution, x, distribution.width**2 + sigma**2)
    found = distribution.log_prob(x, noise_variance=sigma**2)
    assert torch.allclose(found, expected, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("name", ["swiss roll", "two moons", "rings"])
def test_density_of_curves_far_away(name, generator):
    distribution = DISTRIBUTIONS[name]
    x = torch.randn(60, 2, generator=generator, dtype=torch.float64)
    x = x * torch.tensor([1.0, 3.0, 30.0], dtype=torch.float64).repeat(20)[:, None]
    expected = log_prob_by_tanh_sinh(distribution, x, distribution.width**2)
    assert torch.allclose(distribution.log_prob(x), expected, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("radius", [1e18, 1e300])
@pytest.mark.parametrize("name", ["swiss roll", "two moons", "rings"])
def test_diverged_walkers_have_a_score_and_fit_into_the_memory(name, radius):
    distribution = DISTRIBUTIONS[name]
    x = radius * torch.tensor([[0.6, -0.8], [-0.28, 0.96]], dtype=torch.float64)
    variance = distribution.width**2 + 0.05**2
    found = distribution.score(x, noise_variance=0.05**2)
    assert torch.allclose(found, -x / variance, rtol=1e-12)
    curvature = distribution.curvature(x, noise_variance=0.05**2)
    assert (curvature <= (1 + 1e-12) / variance).all()  # the Hessian is Cov[c | x]/v² − I/v


def test_far_points_need_no_more_nodes(monkeypatch):
    distribution = DISTRIBUTIONS["swiss roll"]
    x = 1e5 * torch.tensor([[0.6, -0.8], [-0.28, 0.96]], dtype=torch.float64)
    found = distribution.score(x)
    monkeypatch.setattr(curves, "MOST_TABLES", 8)
    assert torch.allclose(found, distribution.score(x), rtol=1e-9)


def test_many_far_points_take_little_memory(generator):
    distribution = DISTRIBUTIONS["swiss roll"]
    x = 2_000 * torch.nn.functional.normalize(torch.randn(300, 2, generator=generator)).double()
    alone = torch.cat([distribution.score(some) for some in x.split(20)])
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        found = distribution.score(x)
    largest = max(event.cpu_memory_usage for event in profiled.events())
    assert largest < 3e7  # not 300 points times 50,000 nodes
    assert torch.allclose(found, alone, rtol=1e-12)


def test_steps_of_a_walk_take_no_room_of_pytorch_that_would_leave_holes(generator):
    distribution = DISTRIBUTIONS["swiss roll"]
    x = torch.randn(500, 2, generator=generator, dtype=torch.float64)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        found = distribution.score(x, noise_variance=0.01)
    assert max(event.cpu_memory_usage for event in profiled.events()) < 1e6  # 3 MB of weights
    differentiated = distribution.score(x.requires_grad_(), noise_variance=0.01)
    assert torch.equal(found, differentiated.detach())


def test_a_point_does_not_depend_on_its_batch(generator):
    distribution = DISTRIBUTIONS["swiss roll"]
    x = torch.randn(9, 2, generator=generator, dtype=torch.float64) * torch.tensor([[1.0, 20.0]])
    alone = torch.stack([distribution.score(point) for point in x])
    assert torch.allclose(distribution.score(x), alone, rtol=1e-12)
    swapped = distribution.score(x.flip(0)).flip(0)
    assert torch.allclose(swapped, alone, rtol=1e-12)


def test_one_density_that_lost_its_digits():
    # By mpmath with 30 digits.
    x = torch.tensor([-1.4274, 1.9570], dtype=torch.float64)
    assert float(DISTRIBUTIONS["swiss roll"].log_prob(x)) == pytest.approx(-1300.71455633580569)


def exact_board(board, variance):
    """Log p of the checkerboard at a point, in the arithmetic of mpmath."""
    deviation, side = mpmath.sqrt(variance), mpmath.mpf(board.side)

    def in_interval(number, z):
        low = (side * number - board.half_side - z) / deviation
        high = low + side / deviation
        if low + high > 0:
            low, high = -high, -low
        return mpmath.erfc(-high / mpmath.sqrt(2)) - mpmath.erfc(-low / mpmath.sqrt(2))

    def log_prob(x, y):
        squares = (in_interval(i, x) * in_interval(j, y) for i, j in board.dark.tolist())
        return mpmath.log(mpmath.fsum(squares) / (4 * side**2 * len(board.dark)))

    return log_prob


@pytest.mark.parametrize("noise_variance", [0.0, 0.01, 100.0])
@pytest.mark.parametrize(
    "point", [(0.3, -0.2), (1.6, 1.4), (4.0, 0.1), (-11.0, 9.0), (10.0, 10.0), (200.0, -37.0)]
)
def test_checkerboard_keeps_its_digits_far_out(point, noise_variance):
    # The curvature once was off by more than itself from |x| = 10 on.
    board = DISTRIBUTIONS["checkerboard"]
    variance = board.width**2 + noise_variance
    with mpmath.workdps(60):
        exact = exact_board(board, mpmath.mpf(variance))
        x, y = map(mpmath.mpf, point)
        h = mpmath.mpf("1e-12")
        log_prob = exact(x, y)
        right, left, up, down = exact(x + h, y), exact(x - h, y), exact(x, y + h), exact(x, y - h)
        score = [float((right - left) / (2 * h)), float((up - down) / (2 * h))]
        mixed = exact(x + h, y + h) - exact(x + h, y - h) - exact(x - h, y + h)
        cross = float((mixed + exact(x - h, y - h)) / (4 * h * h))
        along = [float((a - 2 * log_prob + b) / h**2) for a, b in ((right, left), (up, down))]
    expected = torch.tensor([[along[0], cross], [cross, along[1]]], dtype=torch.float64)
    at = torch.tensor(point, dtype=torch.float64)
    assert float(board.log_prob(at, 1.0, noise_variance)) == pytest.approx(
        float(log_prob), rel=1e-12
    )
    assert board.score(at, 1.0, noise_variance).tolist() == pytest.approx(
        score, rel=1e-10, abs=1e-9
    )
    hessian = board.hessian(at, 1.0, noise_variance)
    assert torch.allclose(variance * hessian, variance * expected, rtol=0, atol=1e-9)


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


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_each_derivative_is_the_same_without_those_above_it(name, generator):
    distribution = DISTRIBUTIONS[name]
    x = 2 * torch.randn(50, 2, generator=generator, dtype=torch.float64)
    alone = [getattr(distribution, each)(x, 0.9, 0.1) for each in ("log_prob", "score", "hessian")]
    whole = distribution._derivatives(x, 0.9, 0.9 * distribution.width**2 + 0.1, 2)
    for one, other in zip(alone, whole, strict=True):
        assert torch.allclose(one, other, rtol=1e-12, atol=1e-12)
