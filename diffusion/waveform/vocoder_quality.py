"""Quality of a vocoder's sounds against the number of network evaluations that they cost.

Only here and in the recipes does `diffusion` know sound, and imports `synth` when it is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from diffusion.checkpoints import Checkpoint
from diffusion.device import device_of
from diffusion.evaluation.noise_errors import NOISE_SIGMAS, noise_errors
from diffusion.evaluation.receptive_field import effective_field
from diffusion.evaluation.sample_quality import steps_for
from diffusion.sampling.samplers import Sampler
from diffusion.training.recipe import untrained
from diffusion.waveform.config import VocoderConfig

if TYPE_CHECKING:
    from synth import VocoderErrors

NUM_SOUNDS = 16
SECONDS = 1.0
SAMPLERS: tuple[Sampler, ...] = ("ddpm", "ddim", "heun", "dpm++2m")
EVALUATIONS = (6, 12, 25, 50, 100)
FIELD_SIGMAS = (0.1, 1.0)
BY_SIGMA = ("noise_errors", "fields")
"""What a table has of the network itself."""
ORIGINAL, GRIFFIN_LIM, UNTRAINED = "original", "griffin-lim", "untrained"
"""The rows of the sounds themselves, and of what needs no training."""

Array = npt.NDArray[np.float32]
Row = dict[str, Any]


SIX = VocoderConfig("dpm++2m", 6)
AS_PUBLISHED = VocoderConfig("ddpm", 6, noise_schedule="published", projection="none")
"""Sampled as WaveGrad was published; what is not says which network it is."""

BETWEEN = (
    replace(AS_PUBLISHED, noise_schedule="searched"),
    replace(SIX, projection="once, early"),
)
"""Plans of six steps on the way from `AS_PUBLISHED` to `SIX`, beside those of the curves."""


def plans(most_evaluations: int = EVALUATIONS[-1]) -> list[VocoderConfig]:
    """Every sampler at each budget of evaluations, and what comes of choices made otherwise.

    Euler's method is left out: it equals DDIM.
    """
    budgets = [budget for budget in EVALUATIONS if budget <= most_evaluations]
    searched = [
        VocoderConfig(sampler, steps_for(sampler, budget))
        for sampler, budget in product(SAMPLERS, budgets)
    ]
    conditioned_only = [VocoderConfig("dpm++2m", budget, projection="none") for budget in budgets]
    published = [replace(AS_PUBLISHED, num_inference_steps=budget) for budget in budgets]
    return [*searched, *conditioned_only, *published, *BETWEEN]


def untrained_of(checkpoint: Checkpoint) -> Checkpoint:
    """The network before its first step; a `WaveformNet` is a Wiener filter then.

    What is measured of the data beforehand, such as the powers of bins, lies in its buffers. With
    each x̂_0 projected onto the mel, it shows how much of a figure is due to the projection.
    """
    network = untrained(checkpoint.config["network"], checkpoint.schedule, seed=0)
    measured = dict(checkpoint.network.named_buffers())
    for name, buffer in network.named_buffers():
        buffer.copy_(measured[name])
    network.to(device_of(checkpoint.network)).eval().requires_grad_(False)
    return replace(checkpoint, network=network)


def measure_vocoder(
    checkpoint: Checkpoint,
    num_sounds: int = NUM_SOUNDS,
    most_evaluations: int = EVALUATIONS[-1],
    known: Sequence[Row] = (),
) -> Iterator[Row]:
    """Measure what needs no training, and every plan, on held-out sounds of a second.

    Args:
        checkpoint: of a vocoder.
        num_sounds: how many of the held-out ones.
        most_evaluations: larger budgets of `EVALUATIONS` are left out.
        known: rows that were measured before, and are not measured again.

    Yields:
        One row after the other, but none of what diverges: the plan, its evaluations, the means of
        `synth.VocoderErrors` over the sounds (of `cents`, without the sign, and `partial`, where
        one sound may be far off, the median), and the seconds (on a CPU those of the processor)
        that a second of sound took.

    Raises:
        ValueError: if there are not so many held-out sounds.
    """
    from synth import held_out_sounds, log_mel, render
    from synth.features.griffin_lim import griffin_lim
    from synth.metrics.vocoder_errors import vocoder_errors

    held_out = held_out_sounds()
    if not 1 <= num_sounds <= len(held_out):
        raise ValueError(f"the sounds must be 1 to {len(held_out)}, got {num_sounds}")
    sounds = held_out[:num_sounds]
    waves = render(sounds, SECONDS)
    log_mels = log_mel(torch.from_numpy(waves))
    # Of this process alone, whatever else the machine does; but a GPU has no such clock.
    on_cpu = device_of(checkpoint.network).type == "cpu"
    clock = time.process_time if on_cpu else time.perf_counter

    def row(make: Callable[[], Array], **options: Any) -> Row | None:
        for each in known:
            if options.items() <= each.items():
                return each
        started = clock()
        made = make()
        seconds = (clock() - started) / (num_sounds * SECONDS)
        if not np.isfinite(made).all():
            return None
        return (
            options | _means(vocoder_errors(made, waves, sounds)) | {"seconds": round(seconds, 4)}
        )

    def measured() -> Iterator[Row | None]:
        yield row(lambda: waves, sampler=ORIGINAL, evaluations=0)
        yield row(lambda: griffin_lim(log_mels, waves.shape[1]), sampler=GRIFFIN_LIM, evaluations=0)
        first = partial(SIX.sample, untrained_of(checkpoint), waves)
        yield row(first, sampler=UNTRAINED, evaluations=SIX.evaluations)
        for plan in plans(most_evaluations):
            make = partial(plan.sample, checkpoint, waves)
            yield row(make, **asdict(plan), evaluations=plan.evaluations)

    griffin_lim(log_mels[:1], 1, num_iterations=1)  # the first call imports what it needs
    yield from filter(None, measured())


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


def by_sigma(checkpoint: Checkpoint, num_sounds: int) -> dict[str, dict[str, float]]:
    """What is measured of the network itself by σ: the error of its noise, how far it looks."""
    from synth import held_out_sounds, log_mel, render
    from synth.features.mel import whole_blocks

    waves = torch.from_numpy(render(held_out_sounds()[:num_sounds], SECONDS))
    blocks = whole_blocks(waves, checkpoint.block_size)
    subject = checkpoint.network, blocks, log_mel(blocks)
    errors = noise_errors(*subject).values()
    noise = {str(sigma): round(error, 4) for sigma, error in zip(NOISE_SIGMAS, errors, strict=True)}
    fields: dict[str, float] = {
        str(sigma): effective_field(*subject, sigma) for sigma in FIELD_SIGMAS
    }
    return dict(zip(BY_SIGMA, (noise, fields), strict=True))


def table_of(
    name: str,
    rows: list[Row],
    sigmas: dict[str, dict[str, float]],
    num_sounds: int,
    most_evaluations: int,
) -> dict[str, Any]:
    """What was measured of a recipe's checkpoint, and how to measure it again."""
    most = most_evaluations < EVALUATIONS[-1]
    limit = f" --most-evaluations {most_evaluations}" * most
    return {
        "command": f"python -m diffusion quality {name} --sounds {num_sounds}{limit} --out FILE",
        "num_sounds": num_sounds,
        "threads": torch.get_num_threads(),
        **sigmas,
        "rows": rows,
    }
