"""What is heard of the mistakes in sound: how each is run, given its wrong or its right part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion.checkpoints import Checkpoint, load
from diffusion.process.schedule import NoiseSchedule
from diffusion.waveform import sampling_mistakes, segment_mistakes
from diffusion.waveform.gate_mistakes import Gates, denoise
from diffusion.waveform.sampling_mistakes import NUM_SAMPLES, Run
from synth import Prior, Sound, harmonics_to_noise, render
from synth.mistakes import Kept
from synth.priors import MAX_RANDOM_INHARMONICITY, MIDI_NOTES, midi_to_hz
from synth.rendering.partials import stretch_in_cents
from synth.sound import partial_ranks

SAMPLE_RATE = 22_050
NUM_SOUNDS = 64
FITTED = slice(NUM_SAMPLES // 2 - 1_024, NUM_SAMPLES // 2 + 1_024)
HANN_LOBE = 4  # of a Hann window of T seconds the main lobe is 4/T Hz wide

LOWEST = midi_to_hz(MIDI_NOTES.start)
"""The lowest pitch, in Hz."""

BEYOND = "fraction of its samples beyond full scale"
DISTORTION = "signal to distortion, dB"
ODD = "fraction of its partials that are odd"
PERIODS = f"periods of the lowest pitch, {LOWEST:.1f} Hz"
HARMONICITY = f"harmonics-to-noise ratio, dB, median of {sampling_mistakes.NUM_SOUNDS} sounds"
X_T_STD = "standard deviation of x_T, which should be 1"
"""Names of measures."""

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


def kept(way: Callable[[Array], Kept], seed: int, wrong: Callable[[Array], Kept]) -> Take:
    """The random sound, of the notebook's prior, that the wrong way spoils most."""
    waveforms = render(_random_sounds(seed, NUM_SOUNDS, "notebook"), 1.0, normalize=False)
    heard, kept = int(wrong(waveforms).fraction_outside().argmax()), way(waveforms)
    outside = kept.fraction_outside()
    return Take(
        kept.kept[heard, None],
        {
            BEYOND: float(outside[heard]),
            DISTORTION: float(kept.signal_to_distortion()[heard]),
            f"fraction of {NUM_SOUNDS} random sounds concerned": float((outside > 0).mean()),
        },
    )


def framed(way: Callable[[Array], Array], seed: int) -> Take:
    """One frame of a random sound at the lowest pitch, and silence up to a second."""
    sound = replace(_random_sounds(seed, 1, "notebook")[0], f0=LOWEST)
    frame = way(render(sound, 1.0))
    seconds = frame.shape[1] / SAMPLE_RATE
    silence = ((0, 0), (0, SAMPLE_RATE - frame.shape[1]))
    return Take(
        np.pad(frame, silence),
        {
            "seconds": seconds,
            PERIODS: seconds * LOWEST,
            "width of a line in its spectrum, Hz": HANN_LOBE / seconds,
        },
    )


def partials(way: Callable[[list[Sound]], list[Sound]], seed: int) -> Take:
    """A random sound of twelve partials and the greatest inharmonicity of its prior."""
    drawn = _random_sounds(seed, 1, "harmonic")[0]
    drawn = replace(drawn, num_harmonics=12, inharmonicity=MAX_RANDOM_INHARMONICITY)
    (sound,) = way([drawn])
    ranks = partial_ranks(sound.num_harmonics, sound.series)
    return Take(
        render([sound], 1.0),
        {
            ODD: float((ranks % 2 == 1).mean()),
            "stretch of the highest partial by B, cents": float(
                stretch_in_cents(sound, SAMPLE_RATE)[-1]
            ),
        },
    )


def denoised(gates: Gates, seed: int) -> Take:
    """A sound that a linear denoiser with the given gates takes out of the noise."""
    made = denoise(gates, seed)
    return Take(made.states[:, 0].numpy(), made.measures)


def denoised_once(levels: segment_mistakes.Levels, seed: int) -> Take:
    """A sound in the noise of the last segment, and what a denoiser makes of it in one step."""
    made = segment_mistakes.denoise_once(levels, seed)
    return Take(made.states[:, 0].numpy(), made.measures)


def vocoded(visits: segment_mistakes.Visits, seed: int) -> Take:
    """A sound made from its mel by the vocoder, in the six steps of a published schedule."""
    made = segment_mistakes.vocode_down(visits, seed)
    return Take(made.states[:, 0].numpy(), made.measures)


def generated(run: Callable[[Checkpoint, int], Run], seed: int) -> Take:
    """Sounds that the unconditional network makes from noise; the first is heard."""
    made = run(trained(), seed)
    ends = made.states[-1].numpy()
    ratios = harmonics_to_noise(ends[:, FITTED], SAMPLE_RATE)
    return Take(made.states[:, 0].numpy(), {HARMONICITY: float(np.median(ratios))} | made.measures)


def diffused(
    process: Callable[[Tensor, NoiseSchedule, torch.Generator], Iterator[Tensor]], seed: int
) -> Take:
    """The forward process on a random sound, by the schedule of the network's training."""
    schedule = trained().schedule
    sound = torch.tensor(render(_random_sounds(seed, 1, "harmonic"), 1.0)[:, :NUM_SAMPLES])
    states = list(process(sound, schedule, torch.Generator().manual_seed(seed)))
    return Take(
        torch.cat(states).numpy(),
        {X_T_STD: float(states[-1].std())},
    )
