"""Quality of a vocoder's sounds against the number of network evaluations that they cost.

Only here and in the recipes does `diffusion` know sound, and imports `synth` when it is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint
from diffusion.quality import steps_for
from diffusion.samplers import Sampler, iterate, num_evaluations
from diffusion.solvers import State

if TYPE_CHECKING:
    from synth import VocoderErrors

NUM_SOUNDS = 16
SECONDS = 1.0
SAMPLERS: tuple[Sampler, ...] = ("ddpm", "ddim", "heun", "dpm++2m")
EVALUATIONS = (6, 12, 25, 50, 100)
ORIGINAL, GRIFFIN_LIM = "original", "griffin-lim"
"""The rows of the sounds themselves and of what needs no network."""

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class VocoderPlan:
    """A way from noise to a sound with a given mel, on the checkpoint's inference schedule.

    Attributes:
        sampler: which of `Sampler`.
        num_inference_steps: N.
        eta: η of DDIM.

    Raises:
        ValueError: for an unknown sampler.
    """

    sampler: Sampler = "ddim"
    num_inference_steps: int = 6
    eta: float = 0.0

    def __post_init__(self) -> None:
        if self.sampler not in get_args(Sampler):
            raise ValueError(f"sampler must be one of {get_args(Sampler)}, got {self.sampler!r}")

    @property
    def evaluations(self) -> int:
        """How often the network is asked."""
        return num_evaluations(self.sampler, self.num_inference_steps)

    def states(
        self, checkpoint: Checkpoint, waveforms: Tensor, seeds: Sequence[int]
    ) -> Iterator[State]:
        """Make sounds again from their log-mel spectrograms, step by step.

        Args:
            checkpoint: a vocoder that works in blocks.
            waveforms: whose mels are the condition, (B, T) at 22,050 Hz, T ≥ 1,174.
            seeds: B of them, of each sound's noise: it does not depend on the other sounds.

        Yields:
            States (B, blocks · block size); their first T samples are the sounds.
        """
        from synth import log_mel
        from synth.mel import whole_blocks

        device = next(checkpoint.network.parameters()).device
        blocks = whole_blocks(waveforms, checkpoint.block_size)
        return iterate(
            checkpoint.network,
            checkpoint.inference_schedule(self.num_inference_steps),
            tuple(blocks.shape),
            self.sampler,
            eta=self.eta,
            condition=log_mel(blocks.to(device)),
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
        )

    def sample(self, checkpoint: Checkpoint, waveforms: Array) -> Array:
        """The sounds alone, (B, T); sound i has the noise of seed i."""
        wanted = torch.from_numpy(waveforms)
        *_, last = self.states(checkpoint, wanted, range(len(wanted)))
        made: Array = last.x[:, : wanted.shape[1]].cpu().numpy()
        return made


def plans() -> list[VocoderPlan]:
    """Every sampler at each budget of evaluations. Euler's method is left out: it equals DDIM."""
    return [
        VocoderPlan(sampler, steps_for(sampler, budget))
        for sampler, budget in product(SAMPLERS, EVALUATIONS)
    ]


def measure_vocoder(
    checkpoint: Checkpoint, num_sounds: int = NUM_SOUNDS
) -> Iterator[dict[str, Any]]:
    """Measure the originals, Griffin-Lim and every plan on held-out sounds of a second.

    Yields:
        One row after the other: the plan, its evaluations, the means of `synth.VocoderErrors` over
        the sounds (of `cents`, without the sign, and `partial`, where one sound may be far off, the
        median), and the seconds that a second of sound took on this machine.

    Raises:
        ValueError: if there are not so many held-out sounds.
    """
    from synth import griffin_lim, held_out_sounds, log_mel, render, vocoder_errors

    known = held_out_sounds()
    if not 1 <= num_sounds <= len(known):
        raise ValueError(f"the sounds must be 1 to {len(known)}, got {num_sounds}")
    sounds = known[:num_sounds]
    waves = render(sounds, SECONDS)
    log_mels = log_mel(torch.from_numpy(waves))

    def row(make: Callable[[], Array], **options: Any) -> dict[str, Any]:
        started = time.perf_counter()
        made = make()
        seconds = (time.perf_counter() - started) / (num_sounds * SECONDS)
        return (
            options | _means(vocoder_errors(made, waves, sounds)) | {"seconds": round(seconds, 4)}
        )

    griffin_lim(log_mels[:1], 1, num_iterations=1)  # the first call imports what it needs
    yield row(lambda: waves, sampler=ORIGINAL, evaluations=0)
    yield row(lambda: griffin_lim(log_mels, waves.shape[1]), sampler=GRIFFIN_LIM, evaluations=0)
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
