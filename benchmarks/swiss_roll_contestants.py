"""Who learns the swiss roll in `benchmarks.swiss_roll_training`, each with its own recipe.

All draw from one distribution. What is not a recipe's own, such as its data, is given to it in the
cheapest way.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional as F

from diffusion import NoiseSchedule
from diffusion.catalog import RECIPES
from diffusion.checkpoints import Checkpoint
from diffusion.data import swiss_roll
from diffusion.sampling.config import SamplingConfig
from diffusion.training.trainer import Trainer


class Contestant(ABC):
    """A network from nothing, its training and its sampler.

    Args:
        seed: of its weights and of its batches.

    Attributes:
        name: in the tables.
        batch_size: points in a step.
        num_inference_steps: numbers of steps of its sampler to measure, its own choice last.
        network: the one that is trained.
    """

    name: ClassVar[str]
    batch_size: ClassVar[int]
    num_inference_steps: ClassVar[tuple[int, ...]]
    network: nn.Module

    @abstractmethod
    def __init__(self, seed: int) -> None: ...

    @abstractmethod
    def train(self) -> Iterator[object]:
        """Train, one optimiser step for each item."""

    @abstractmethod
    def sample(self, num_points: int, steps: int, seed: int) -> Tensor:
        """Points (num_points, 2) in so many steps, each of which asks the network once."""


class ThisProject(Contestant):
    """The recipe `swiss-roll-ddpm` and DPM-Solver++(2M) on its grid."""

    name = "this project"
    recipe = RECIPES["swiss-roll-ddpm"]
    batch_size = recipe.batch_size
    num_inference_steps = (20,)

    def __init__(self, seed: int) -> None:
        self.network = self.recipe.build(seed)
        self.trainer = Trainer(
            self.network,
            self.recipe.prepare(self.recipe, self.network),
            steps=self.recipe.steps,
            learning_rate=self.recipe.learning_rate,
            seed=seed,
            accelerator=Accelerator(cpu=True),
        )

    def train(self) -> Iterator[object]:
        """Train to the last step of the recipe."""
        return iter(self.trainer)

    def sample(self, num_points: int, steps: int, seed: int) -> Tensor:
        """Points from the averaged weights."""
        config, schedule = self.recipe.config(), self.recipe.noise_schedule()
        plan = SamplingConfig(sampler="dpm++2m", num_inference_steps=steps, grid="karras")
        return plan.sample(Checkpoint(self.trainer.ema, schedule, config), num_points, seed)


class Smalldiffusion(Contestant):
    """The README example of smalldiffusion 0.5.0: its network, schedule, loop and sampler.

    Its random numbers come from PyTorch's global generator. Its example has 100 points on a curve
    and asks for batches of 2,048; here a batch is 2,048 fresh points, without a data loader's cost.

    Raises:
        ImportError: if the package is missing.
    """

    name = "smalldiffusion 0.5.0"
    batch_size = 2_048
    num_inference_steps = (10, 20)

    def __init__(self, seed: int) -> None:
        import smalldiffusion

        self.package = smalldiffusion
        torch.manual_seed(seed)
        self.network = smalldiffusion.TimeInputMLP(hidden_dims=(16, 128, 128, 128, 128, 16))
        self.schedule = smalldiffusion.ScheduleLogLinear(N=200, sigma_min=0.005, sigma_max=10)
        self.accelerator = Accelerator(cpu=True)
        self.generator = torch.Generator().manual_seed(seed)

    def train(self) -> Iterator[object]:
        """Train without an end."""
        loop: Iterator[object] = self.package.training_loop(
            self._batches(), self.network, self.schedule, self.accelerator, epochs=1
        )
        return loop

    def _batches(self) -> Iterator[Tensor]:
        while True:
            yield swiss_roll.sample(self.batch_size, self.generator)

    def sample(self, num_points: int, steps: int, seed: int) -> Tensor:
        """Points from the accelerated sampler of the example, γ = 2."""
        sigmas = self.schedule.sample_sigmas(steps)
        points: Tensor
        with torch.random.fork_rng(devices=[]):  # the training goes on with noise of its own
            torch.manual_seed(seed)
            *_, points = self.package.samples(
                self.network, sigmas, gam=2, batchsize=num_points, accelerator=self.accelerator
            )
        return points


class Notebook(Contestant):
    """WRONG ON PURPOSE: the tutorial's DDPM, written afresh with the faults that it has.

    Its schedule ends at ᾱ_T = 0.605, yet sampling starts from N(0, I); each step adds √β_t z, the
    last one too; the average of the weights is kept and never used. Only the autograd graph that
    its sampling keeps (3.5 GB) is left out.
    """

    name = "the notebook's recipe"
    batch_size = 128
    num_inference_steps = (100,)

    def __init__(self, seed: int) -> None:
        self.schedule = NoiseSchedule.from_name("sigmoid", 100, beta_start=1e-5, beta_end=1e-2)
        self.signal = self.schedule.noise_levels.float()
        self.noise = (1 - self.schedule.alphas_cumprod).sqrt().float()
        self.generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)  # layers draw their weights from the global generator
        self.network = NotebookNetwork(len(self.schedule))
        self.average = copy.deepcopy(self.network)
        self.data = swiss_roll.sample(10_000, self.generator)

    def train(self) -> Iterator[Tensor]:
        """Adam over the same 10,000 points, in a new order in each epoch, without an end."""
        optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-3)
        while True:
            order = torch.randperm(len(self.data), generator=self.generator)
            for start in range(0, len(order), self.batch_size):
                loss = self.loss(self.data[order[start : start + self.batch_size]])
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
                optimizer.step()
                self._update_average()
                yield loss.detach()

    def loss(self, x_0: Tensor) -> Tensor:
        """The simple loss, with steps in pairs t, T - 1 - t."""
        half = torch.randint(len(self.schedule), (len(x_0) // 2 + 1,), generator=self.generator)
        t = torch.cat([half, len(self.schedule) - half - 1])[: len(x_0)]
        eps = torch.randn(x_0.shape, generator=self.generator)
        x_t = self.signal[t, None] * x_0 + self.noise[t, None] * eps
        loss: Tensor = (eps - self.network(x_t, t)).square().mean()
        return loss

    @torch.no_grad()
    def _update_average(self) -> None:
        pairs = zip(self.average.parameters(), self.network.parameters(), strict=True)
        for average, parameter in pairs:
            average.copy_(0.1 * parameter + 0.9 * average)

    @torch.no_grad()
    def sample(self, num_points: int, steps: int, seed: int) -> Tensor:
        """Points from all the steps, the only number that it knows."""
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(num_points, 2, generator=generator)
        betas = self.schedule.betas.tolist()
        for t in reversed(range(steps)):
            eps = self.network(x, torch.tensor([t]))
            mean = (x - betas[t] / self.noise[t] * eps) / (1 - betas[t]) ** 0.5
            x = mean + betas[t] ** 0.5 * torch.randn(x.shape, generator=generator)
        return x


class NotebookNetwork(nn.Module):
    """Three layers; the outputs of two are scaled by an embedding of the step."""

    def __init__(self, num_steps: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 128), nn.Linear(128, 128)])
        scales = [nn.Embedding(num_steps, 128) for _ in self.layers]
        for scale in scales:
            nn.init.uniform_(scale.weight)
        self.scales = nn.ModuleList(scales)
        self.last = nn.Linear(128, 2)

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict ε, (B, 2), from x_t, (B, 2), and steps t, (B,) or (1,) for all."""
        hidden = x_t
        for layer, scale in zip(self.layers, self.scales, strict=True):
            hidden = F.softplus(scale(t) * layer(hidden))
        eps: Tensor = self.last(hidden)
        return eps


CONTESTANTS: tuple[type[Contestant], ...] = (ThisProject, Smalldiffusion, Notebook)
