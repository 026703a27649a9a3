"""The notebook's mistakes in sound: what its section computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion import Checkpoint, NoiseSchedule
from diffusion.mistakes.registry import Line, Mistake, diffuse, diffuse_by_beta
from diffusion.waveform import sampling_mistakes as wavegrad_mistakes
from diffusion.waveform.sampling_mistakes import NUM_SAMPLES, ReadsLevel, Run
from synth import (
    Prior,
    Sound,
    harmonics_to_noise,
    match_loudness,
    mistakes,
    pooled_spectra,
    render,
)
from synth.mistakes import Kept
from synth.priors import MIDI_NOTES, midi_to_hz
from ui.shared.cache import computed_once
from ui.shared.models import checkpoint, frames_to_keep
from ui.shared.settings import Settings, choice, seed

SAMPLE_RATE = 22_050
NUM_SOUNDS = 64
MAX_FRAMES = 13
FITTED = slice(NUM_SAMPLES // 2 - 1_024, NUM_SAMPLES // 2 + 1_024)
HANN_LOBE = 4  # of a Hann window of T seconds the main lobe is 4/T Hz wide

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Take:
    """What is heard of a wrong or a right run.

    Attributes:
        sounds: its steps, or one sound, (steps, samples).
        costs: numbers by their names.
    """

    sounds: npt.NDArray[np.floating]
    costs: dict[str, float]


def _random_sounds(seed: int, count: int, prior: Prior) -> list[Sound]:
    generator = torch.Generator().manual_seed(seed)
    return [Sound.random(generator, prior) for _ in range(count)]


def _kept(way: Callable[[Array], Kept], seed: int, wrong: Callable[[Array], Kept]) -> Take:
    """Of the notebook's random sounds the one that the wrong way spoils most."""
    waveforms = render(_random_sounds(seed, NUM_SOUNDS, "notebook"), 1.0, normalize=False)
    heard, kept = int(wrong(waveforms).fraction_outside().argmax()), way(waveforms)
    outside = kept.fraction_outside()
    return Take(
        kept.kept[heard, None],
        {
            "share of its samples beyond full scale": float(outside[heard]),
            "signal to distortion, dB": float(kept.signal_to_distortion()[heard]),
            f"share of {NUM_SOUNDS} random sounds concerned": float((outside > 0).mean()),
        },
    )


def _framed(way: Callable[[Array], Array], seed: int) -> Take:
    """A frame of a random sound at the lowest pitch, and silence up to a second."""
    lowest = midi_to_hz(MIDI_NOTES.start)
    sound = replace(_random_sounds(seed, 1, "notebook")[0], f0=lowest)
    frame = way(render(sound, 1.0))
    seconds = frame.shape[1] / SAMPLE_RATE
    silence = ((0, 0), (0, SAMPLE_RATE - frame.shape[1]))
    return Take(
        np.pad(frame, silence),
        {
            "seconds": seconds,
            f"periods of the lowest pitch, {lowest:.1f} Hz": seconds * lowest,
            "width of a line in its spectrum, Hz": HANN_LOBE / seconds,
        },
    )


def _generated(run: Callable[[Checkpoint, int], Run], seed: int) -> Take:
    """Sounds that the unconditional network makes from noise; the first is heard."""
    made = run(checkpoint("waveform-wavegrad"), seed)
    ends = made.states[-1].numpy()
    ratios = harmonics_to_noise(ends[:, FITTED], SAMPLE_RATE)
    name = f"harmonics to noise, dB, median of {len(ends)} sounds"
    return Take(made.states[:, 0].numpy(), {name: float(np.median(ratios))} | made.measures)


def _diffused(
    process: Callable[[Tensor, NoiseSchedule, torch.Generator], Iterator[Tensor]], seed: int
) -> Take:
    """The forward process on a random sound, by the schedule of the network's training."""
    schedule = checkpoint("waveform-wavegrad").schedule
    sound = torch.tensor(render(_random_sounds(seed, 1, "harmonic"), 1.0)[:, :NUM_SAMPLES])
    states = list(process(sound, schedule, torch.Generator().manual_seed(seed)))
    return Take(
        torch.cat(states).numpy(),
        {"spread of x_T, which should be 1": float(states[-1].std())},
    )


def _pair(
    take: Callable[..., Take],
    wrong: Callable[..., object],
    right: Callable[..., object],
    piece: str,
) -> Mistake[Take]:
    return Mistake(
        partial(take, wrong), partial(take, right), Line(wrong, piece), Line(right, piece)
    )


SOUND_MISTAKES: dict[str, Mistake[Take]] = {
    "16-bit file, not in range": _pair(
        partial(_kept, wrong=mistakes.file_as_it_comes),
        mistakes.file_as_it_comes,
        mistakes.file_in_range,
        "samples = ",
    ),
    "max for max |y|": _pair(
        partial(_kept, wrong=mistakes.divided_by_max),
        mistakes.divided_by_max,
        mistakes.divided_by_peak,
        "samples = ",
    ),
    "frames of 11 ms": _pair(
        _framed, mistakes.frames_of_11_ms, mistakes.frames_of_a_second, "frames = "
    ),
    "β for √β": Mistake(
        partial(_diffused, diffuse_by_beta),
        partial(_diffused, diffuse),
        Line(diffuse_by_beta, "beta * randn"),
        Line(diffuse, "beta**0.5 * randn"),
    ),
    "schedule short of noise": _pair(
        _generated,
        wavegrad_mistakes.short_schedule,
        wavegrad_mistakes.full_schedule,
        "schedule = ",
    ),
    "level one step off": _pair(
        _generated, wavegrad_mistakes.level_one_off, wavegrad_mistakes.level_of_x, "network = "
    ),
    "batch norm in training mode": _pair(
        _generated,
        wavegrad_mistakes.batch_norm_in_training,
        wavegrad_mistakes.batch_norm_in_evaluation,
        "network = ",
    ),
}
"""Every mistake by its name."""

BESIDE = {
    "level one step off": (ReadsLevel.forward,),
    "batch norm in training mode": (wavegrad_mistakes.with_batch_norm,),
}
"""What else ran and should be read."""

LOUDNESS_COUNTS = {"β for √β", "frames of 11 ms"}
"""Where wrong and right keep their loudness beside each other."""


@dataclass(frozen=True)
class MistakesInSoundSettings(Settings):
    """The controls of the notebook's mistakes in sound."""

    title: ClassVar[str] = "Mistakes in sound"
    old_tabs: ClassVar[tuple[str, ...]] = ("sound-mistakes",)
    mistake: str = choice(next(iter(SOUND_MISTAKES)), "mistake", tuple(SOUND_MISTAKES))
    seed: int = seed()


@dataclass(frozen=True)
class SoundMistakeResult:
    """The wrong and the right run of one mistake, as they are heard.

    Attributes:
        sounds: "wrong" and "right", each (steps, samples) within [-1, 1].
        spectra: likewise (steps, bins), in dB below the loudest, to half the sample rate.
        labels: one for each step.
        costs: by the name of a measure, its value for wrong and for right.
    """

    sounds: dict[str, Array]
    spectra: dict[str, npt.NDArray[np.float64]]
    labels: list[str]
    costs: dict[str, tuple[float, float]]


@computed_once(maxsize=32)
def sound_mistake_result(settings: MistakesInSoundSettings) -> SoundMistakeResult:
    """Run the wrong and the right way now, and measure both."""
    chosen = SOUND_MISTAKES[settings.mistake]
    wrong, right = chosen.wrong(settings.seed), chosen.right(settings.seed)
    last = len(right.sounds) - 1
    kept = frames_to_keep(last + 1, MAX_FRAMES)
    sounds = {"wrong": wrong.sounds[kept], "right": right.sounds[kept]}
    loudest = max(float(np.abs(each).max()) for each in sounds.values())
    return SoundMistakeResult(
        sounds={
            name: (each / loudest).astype(np.float32)
            if settings.mistake in LOUDNESS_COUNTS
            else match_loudness(each)
            for name, each in sounds.items()
        },
        spectra={
            name: pooled_spectra(each, SAMPLE_RATE, SAMPLE_RATE / 2)
            for name, each in sounds.items()
        },
        labels=[f"step {i} of {last}" for i in kept] if last else ["one sound"],
        costs={name: (value, right.costs[name]) for name, value in wrong.costs.items()},
    )
