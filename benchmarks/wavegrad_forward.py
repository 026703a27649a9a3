"""One forward pass of WaveGrad over a second of audio, beside the public PyTorch network.

Run as `python -m benchmarks.wavegrad_forward [--rounds N] [--threads N]`. The other network is
the package `wavegrad` by lmnt; install it with `pip install --no-deps wavegrad==0.1.5`. Without
it the table has one row. Both networks have the paper's size and random weights, and take turns,
so that whatever else the machine does falls on both. The first ratio is the median of the
ratios in each round; on a busy machine only the best times, and their ratio, say much.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from diffusion.networks.wavegrad import WaveGrad

FRAMES = 74  # of 300 samples: 22,200 samples, one second at 22,050 Hz
LMNT_MELS = 128

Forward = Callable[[], object]


def networks() -> dict[str, tuple[nn.Module, Forward]]:
    """Name to network and its forward pass, this project's first."""
    generator = torch.Generator().manual_seed(0)
    ours = WaveGrad().eval()
    x_t = torch.randn(1, FRAMES * ours.config.hop, generator=generator)
    noise_level = torch.tensor([0.5])
    mel = torch.randn(1, ours.config.n_mels, FRAMES, generator=generator)
    found: dict[str, tuple[nn.Module, Forward]] = {
        "this project": (ours, lambda: ours(x_t, noise_level, mel))
    }
    try:
        from wavegrad.model import WaveGrad as LmntWaveGrad
    except ImportError:
        print("wavegrad is missing: pip install --no-deps wavegrad==0.1.5\n")
    else:
        lmnt = LmntWaveGrad(None).eval()
        wide_mel = torch.randn(1, LMNT_MELS, FRAMES, generator=generator)
        found["wavegrad 0.1.5 (lmnt)"] = (lmnt, lambda: lmnt(x_t, wide_mel, noise_level))
    return found


def timed(forward: Forward) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    forward()
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time one forward pass of WaveGrad.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    found = networks()
    times: dict[str, list[float]] = {name: [] for name in found}
    with torch.inference_mode():
        for _, forward in found.values():
            forward()  # warm up
        for _ in range(arguments.rounds):
            for name, (_, forward) in found.items():
                times[name].append(timed(forward))
    ours = next(iter(times.values()))
    print(f"1 s of audio, CPU, {arguments.threads} threads, {arguments.rounds} rounds\n")
    print("| network | parameters | median ms | × this project's | best ms | × this project's |")
    print("|---|---|---|---|---|---|")
    for name, (network, _) in found.items():
        parameters = sum(p.numel() for p in network.parameters())
        median, best = statistics.median(times[name]), min(times[name])
        ratio = statistics.median(b / a for a, b in zip(ours, times[name], strict=True))
        cells = f"{median:.0f} | {ratio:.2f} | {best:.0f} | {best / min(ours):.2f}"
        print(f"| {name} | {parameters:,} | {cells} |")


if __name__ == "__main__":
    main()
