"""WRONG ON PURPOSE: the tutorial's mistakes with sounds, each beside the right way.

Never build on this module. Wrong and right run from one seed and differ in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint, load
from diffusion.mistakes.comparison import Line, Mistake
from diffusion.mistakes.registry import diffuse, diffuse_by_beta
from diffusion.process.schedule import NoiseSchedule
from diffusion.waveform import gate_mistakes, segment_mistakes
from diffusion.waveform import sampling_mistakes as wavegrad_mistakes
from diffusion.waveform.gate_mistakes import Gates, denoise
from diffusion.waveform.sampling_mistakes import NUM_SAMPLES, Run
from synth import Prior, Sound, harmonics_to_noise, mistakes, render
from synth.mistakes import Kept
from synth.priors import MAX_RANDOM_INHARMONICITY, MIDI_NOTES, midi_to_hz
from synth.rendering.partials import stretch_in_cents
from synth.sound import partial_ranks

SAMPLE_RATE = 22_050
NUM_SOUNDS = 64
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


@lru_cache(maxsize=1)
def trained() -> Checkpoint:
    """The unconditional network, which was trained without the mistakes."""
    return load("waveform-wavegrad")


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
            "fraction of its samples beyond full scale": float(outside[heard]),
            "signal to distortion, dB": float(kept.signal_to_distortion()[heard]),
            f"fraction of {NUM_SOUNDS} random sounds concerned": float((outside > 0).mean()),
        },
    )


def _framed(way: Callable[[Array], Array], seed: int) -> Take:
    """One frame of a random sound at the lowest pitch, and silence up to a second."""
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


def _partials(way: Callable[[list[Sound]], list[Sound]], seed: int) -> Take:
    """A random sound of twelve partials and the greatest inharmonicity of its prior."""
    drawn = _random_sounds(seed, 1, "harmonic")[0]
    drawn = replace(drawn, num_harmonics=12, inharmonicity=MAX_RANDOM_INHARMONICITY)
    (sound,) = way([drawn])
    ranks = partial_ranks(sound.num_harmonics, sound.series)
    return Take(
        render([sound], 1.0),
        {
            "fraction of its partials that are odd": float((ranks % 2 == 1).mean()),
            "stretch of the highest partial by B, cents": float(
                stretch_in_cents(sound, SAMPLE_RATE)[-1]
            ),
        },
    )


def _denoised(gates: Gates, seed: int) -> Take:
    """A sound that a linear denoiser with the given gates takes out of the noise."""
    made = denoise(gates, seed)
    return Take(made.states[:, 0].numpy(), made.measures)


def _denoised_once(levels: segment_mistakes.Levels, seed: int) -> Take:
    """A sound in the noise of the last segment, and what a denoiser makes of it in one step."""
    made = segment_mistakes.denoise_once(levels, seed)
    return Take(made.states[:, 0].numpy(), made.measures)


def _vocoded(visits: segment_mistakes.Visits, seed: int) -> Take:
    """A sound made from its mel by the vocoder, in the six steps of a published schedule."""
    made = segment_mistakes.vocode_down(visits, seed)
    return Take(made.states[:, 0].numpy(), made.measures)


def _generated(run: Callable[[Checkpoint, int], Run], seed: int) -> Take:
    """Sounds that the unconditional network makes from noise; the first is heard."""
    made = run(trained(), seed)
    ends = made.states[-1].numpy()
    ratios = harmonics_to_noise(ends[:, FITTED], SAMPLE_RATE)
    name = f"harmonics-to-noise ratio, dB, median of {len(ends)} sounds"
    return Take(made.states[:, 0].numpy(), {name: float(np.median(ratios))} | made.measures)


def _diffused(
    process: Callable[[Tensor, NoiseSchedule, torch.Generator], Iterator[Tensor]], seed: int
) -> Take:
    """The forward process on a random sound, by the schedule of the network's training."""
    schedule = trained().schedule
    sound = torch.tensor(render(_random_sounds(seed, 1, "harmonic"), 1.0)[:, :NUM_SAMPLES])
    states = list(process(sound, schedule, torch.Generator().manual_seed(seed)))
    return Take(
        torch.cat(states).numpy(),
        {"standard deviation of x_T, which should be 1": float(states[-1].std())},
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
    "partials even, B not used": _pair(
        _partials, mistakes.even_partials, mistakes.stretched_partials, "made = "
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
    "noisiest segment not trained": _pair(
        _denoised_once,
        segment_mistakes.segments_as_drawn,
        segment_mistakes.all_segments,
        "segments = ",
    ),
    "range of √ᾱ without width": _pair(
        _denoised_once,
        segment_mistakes.range_as_printed,
        segment_mistakes.range_between_steps,
        "between = ",
    ),
    "noisiest step skipped": _pair(
        _vocoded, segment_mistakes.without_noisiest, segment_mistakes.all_steps, "visited = "
    ),
    "gates that hardly condition": _pair(
        _denoised,
        gate_mistakes.gates_of_the_level,
        gate_mistakes.gates_of_an_encoding,
        "gates: Tensor = ",
    ),
    "batch norm in training mode": _pair(
        _generated,
        wavegrad_mistakes.batch_norm_in_training,
        wavegrad_mistakes.batch_norm_in_evaluation,
        "network = ",
    ),
}
"""Every mistake by its name."""

FITTED_TO_LEVELS = (
    segment_mistakes.denoise_once,
    gate_mistakes.gated_filter,
    gate_mistakes.best_weights,
)

FURTHER_CODE: dict[str, tuple[Callable[..., object], ...]] = {
    "noisiest segment not trained": FITTED_TO_LEVELS,
    "range of √ᾱ without width": FITTED_TO_LEVELS,
    "noisiest step skipped": (segment_mistakes.vocode_down,),
    "gates that hardly condition": (gate_mistakes.gated_filter, gate_mistakes.best_weights),
    "batch norm in training mode": (wavegrad_mistakes.with_batch_norm,),
}
"""What else ran and should be read."""
