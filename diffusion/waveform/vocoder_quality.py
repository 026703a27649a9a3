"""Quality of a vocoder's sounds against the number of network evaluations that they cost.

Only here and in the recipes does `diffusion` know sound, and imports `synth` when it is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from diffusion.checkpoints import Checkpoint
from diffusion.device import device_of
from diffusion.evaluation.sample_quality import steps_for
from diffusion.networks import WaveformNet
from diffusion.sampling.samplers import Sampler
from diffusion.training.recipe import untrained
from diffusion.waveform.config import VocoderConfig

if TYPE_CHECKING:
    from synth import VocoderErrors

NUM_SOUNDS = 16
SECONDS = 1.0
SAMPLERS: tuple[Sampler, ...] = ("ddpm", "ddim", "heun", "dpm++2m")
EVALUATIONS = (6, 12, 25, 50, 100)
ORIGINAL, GRIFFIN_LIM, UNTRAINED = "original", "griffin-lim", "untrained"
"""The rows of the sounds themselves, and of what needs no training."""

Array = npt.NDArray[np.float32]


def plans() -> list[VocoderConfig]:
    """Every sampler at each budget of evaluations, and what comes of two choices made otherwise.

    Euler's method is left out: it equals DDIM.
    """
    searched = [
        VocoderConfig(sampler, steps_for(sampler, budget))
        for sampler, budget in product(SAMPLERS, EVALUATIONS)
    ]
    conditioned_only = [VocoderConfig("dpm++2m", budget, project=False) for budget in EVALUATIONS]
    published = [
        VocoderConfig("ddpm", budget, noise_schedule="published") for budget in EVALUATIONS
    ]
    return [*searched, *conditioned_only, *published]


SIX = VocoderConfig("dpm++2m", 6)


def untrained_of(checkpoint: Checkpoint) -> Checkpoint:
    """The Wiener filter that a `WaveformNet` is before its first step.

    With each x̂_0 projected onto the mel, it shows how much of a figure is due to the projection.
    """
    network = untrained(checkpoint.config["network"], checkpoint.schedule, seed=0)
    assert isinstance(network, WaveformNet)
    assert isinstance(checkpoint.network, WaveformNet)
    network.bin_power.copy_(checkpoint.network.bin_power)
    network.to(device_of(checkpoint.network)).eval().requires_grad_(False)
    return replace(checkpoint, network=network)


def measure_vocoder(
    checkpoint: Checkpoint, num_sounds: int = NUM_SOUNDS
) -> Iterator[dict[str, Any]]:
    """Measure what needs no training, and every plan, on held-out sounds of a second.

    Yields:
        One row after the other: the plan, its evaluations, the means of `synth.VocoderErrors` over
        the sounds (of `cents`, without the sign, and `partial`, where one sound may be far off, the
        median), and the seconds (on a CPU those of the processor) that a second of sound took.

    Raises:
        ValueError: if there are not so many held-out sounds.
    """
    from synth import held_out_sounds, log_mel, render
    from synth.features.griffin_lim import griffin_lim
    from synth.metrics.vocoder_errors import vocoder_errors

    known = held_out_sounds()
    if not 1 <= num_sounds <= len(known):
        raise ValueError(f"the sounds must be 1 to {len(known)}, got {num_sounds}")
    sounds = known[:num_sounds]
    waves = render(sounds, SECONDS)
    log_mels = log_mel(torch.from_numpy(waves))
    # Of this process alone, whatever else the machine does; but a GPU has no such clock.
    on_cpu = device_of(checkpoint.network).type == "cpu"
    clock = time.process_time if on_cpu else time.perf_counter

    def row(make: Callable[[], Array], **options: Any) -> dict[str, Any]:
        started = clock()
        made = make()
        seconds = (clock() - started) / (num_sounds * SECONDS)
        return (
            options | _means(vocoder_errors(made, waves, sounds)) | {"seconds": round(seconds, 4)}
        )

    griffin_lim(log_mels[:1], 1, num_iterations=1)  # the first call imports what it needs
    yield row(lambda: waves, sampler=ORIGINAL, evaluations=0)
    yield row(lambda: griffin_lim(log_mels, waves.shape[1]), sampler=GRIFFIN_LIM, evaluations=0)
    first = untrained_of(checkpoint)
    yield row(partial(SIX.sample, first, waves), sampler=UNTRAINED, evaluations=SIX.evaluations)
    for plan in plans():
        make = partial(plan.sample, checkpoint, waves)
        yield row(make, **asdict(plan), evaluations=plan.evaluations)


def _means(errors: VocoderErrors) -> dict[str, float]:
    values = {
        "log_mel": errors.log_mel.mean(),
        "convergence": errors.convergence.mean(),
        "stft": errors.stft.mean(),
        "cents": np.median(np.abs(errors.cents)),
        "partial": np.median(errors.partial),
        "noise": errors.noise.mean(),
    }
    return {name: round(float(value), 4) for name, value in values.items()}


def table_of(rows: list[dict[str, Any]], num_sounds: int) -> dict[str, Any]:
    """The measured rows and how to measure them again."""
    return {
        "command": f"python -m diffusion quality vocoder-wavegrad --sounds {num_sounds} --out FILE",
        "num_sounds": num_sounds,
        "threads": torch.get_num_threads(),
        "rows": rows,
    }
