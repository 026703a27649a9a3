import pytest
import torch


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    torch.set_num_threads(1)


class GaussianOracle:
    """The exact noise predictor of N(mean, std² I): E[ε | x_t] is linear in x_t."""

    def __init__(self, mean: float, std: float) -> None:
        self.mean = mean
        self.variance = std**2

    def __call__(self, x_t, noise_level, condition=None):
        level = noise_level.to(x_t)[:, None]
        noise_variance = 1 - level**2
        total = level**2 * self.variance + noise_variance
        return noise_variance.sqrt() * (x_t - level * self.mean) / total


@pytest.fixture
def gaussian_oracle() -> GaussianOracle:
    return GaussianOracle(mean=0.7, std=0.4)
