"""WaveGrad at the paper's size, beside the public PyTorch network: forward, training, sampling.

Run as `python -m benchmarks.wavegrad_network [--rounds N]`. The other network is the package
`wavegrad` by lmnt; install it with `pip install --no-deps wavegrad==0.1.5`. Both have 128 mel
bands, as it does, and so weights of the same shapes. Only the network differs: the training step
and the sampler are the same lines for both. All is on one thread, and takes turns; what is
counted is the time that this process had the processor, so that other work on the machine falls
on both alike. A ratio is the median of those in each round.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from diffusion import sample
from diffusion.catalog import recipe
from diffusion.networks import WaveGrad, WaveGradConfig
from diffusion.training.objectives import wavegrad_objective
from diffusion.waveform.prepare import PAPER_CROP_FRAMES
from diffusion.waveform.published_schedules import published_schedule

MELS, HOP, SAMPLE_RATE = 128, 300, 22_050
FRAMES = 74  # 22,200 samples, one second
BATCH = 2


class Lmnt(nn.Module):
    """The public network, called like ours."""

    def __init__(self) -> None:
        super().__init__()
        from wavegrad.model import WaveGrad as LmntWaveGrad

        self.network = LmntWaveGrad(None)

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predict ε, (B, T)."""
        eps: Tensor = self.network(x_t, condition, noise_level.float())
        return eps[:, 0]


def networks() -> dict[str, nn.Module]:
    """Every network by its name, this project's first."""
    found: dict[str, nn.Module] = {"this project": WaveGrad(WaveGradConfig(n_mels=MELS))}
    try:
        found["wavegrad 0.1.5 (lmnt)"] = Lmnt()
    except ImportError:
        print("wavegrad is missing: pip install --no-deps wavegrad==0.1.5\n")
    return found


def tasks(network: nn.Module) -> dict[str, Callable[[], object]]:
    """What is timed, by its name."""
    generator = torch.Generator().manual_seed(0)
    x_t = torch.randn(1, FRAMES * HOP, generator=generator)
    mel = torch.randn(1, MELS, FRAMES, generator=generator)
    crops = torch.randn(BATCH, PAPER_CROP_FRAMES * HOP, generator=generator).clamp(-1, 1)
    crop_mels = torch.randn(BATCH, MELS, PAPER_CROP_FRAMES, generator=generator)
    levels = recipe("vocoder-wavegrad-base").noise_schedule()
    six = published_schedule(levels, 6)
    objective = wavegrad_objective(lambda n, generator: (crops, crop_mels), BATCH, levels)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-4, fused=True)

    def forward() -> object:
        with torch.inference_mode():
            return network(x_t, torch.tensor([0.5]), mel)

    def training_step() -> object:
        loss = objective(network, generator)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        return optimizer.step()

    def clamp(original: Tensor) -> Tensor:
        return original.clamp(-1, 1)

    def six_steps() -> object:
        shape = tuple(x_t.shape)
        return sample(network, six, shape, condition=mel, constrain=clamp, generator=generator)

    seconds = FRAMES * HOP / SAMPLE_RATE
    return {
        f"forward pass, {seconds:.2f} s of sound": forward,
        f"training step, {BATCH} crops of {PAPER_CROP_FRAMES} frames": training_step,
        f"sampling in six steps, {seconds:.2f} s of sound": six_steps,
    }


def timed(task: Callable[[], object]) -> float:
    """Seconds of one thread that a call takes."""
    start = time.process_time()
    task()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time WaveGrad at the paper's size.")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    torch.manual_seed(0)
    found = networks()
    for name, network in found.items():
        print(f"{name}: {sum(p.numel() for p in network.parameters()):,} parameters")
    work = {name: tasks(network) for name, network in found.items()}
    print(f"one thread, median of {rounds} rounds, in turns\n")
    print("| task | " + " | ".join(f"{name}, s" for name in found) + " | ratio |")
    print("|---" * (len(found) + 2) + "|")
    for task in next(iter(work.values())):
        times: dict[str, list[float]] = {name: [] for name in found}
        for turn in range(rounds + 1):
            for name in found:
                seconds = timed(work[name][task])
                if turn:  # the first is for warming up
                    times[name].append(seconds)
        ours, theirs = next(iter(times.values())), list(times.values())[-1]
        ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
        medians = " | ".join(f"{statistics.median(each):.3f}" for each in times.values())
        print(f"| {task} | {medians} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
