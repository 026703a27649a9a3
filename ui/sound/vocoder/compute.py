"""WaveGrad: what its section computes, a sound in noise, and made again from its mel."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, get_args

import numpy as np
import torch
from torch import Tensor

from diffusion import Checkpoint, NoiseSchedule, State, add_noise
from diffusion.sampling.samplers import Sampler
from diffusion.waveform.config import Projection, ScheduleChoice, VocoderConfig
from synth.features.mel import whole_blocks
from ui.shared.cache import RememberLast, computed_once
from ui.shared.control_types import readable
from ui.shared.models import checkpoint, frames_to_keep, state_label
from ui.shared.settings import Settings, choice, number, seed, text
from ui.shared.texts import minus_signs
from ui.sound.networks import LAPPED, VOCODERS, vocoder_choice
from ui.sound.sound_text import DEFAULT_SOUND, MAX_LENGTH, decode_sound
from ui.sound.vocoder.subject import Array, Subject, synthesised
from ui.sound.vocoder_errors import Errors, errors
from ui.texts import Texts

TEXTS = Texts("vocoder")


NOISE = "pure noise"
SIGMAS = ("0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
"""Standard deviations of the noise beside the unscaled sound, about 10 dB apart.

A sound can begin in the noise of each: the least is above the end of every noise schedule.
"""


PROJECTIONS: dict[str, Projection] = {
    "projected": "every step",
    "projected once": "once, early",
    "conditioned": "none",
}


def schedule_choice(default: str = "searched") -> Any:
    """The control of the noise schedule."""
    old = {"ours": "searched"}
    return choice(default, get_args(ScheduleChoice), old)


def mel_choice(default: str) -> Any:
    """The control of how the mel is used."""
    old = {"held": "projected", "told": "conditioned"}
    return choice(default, tuple(PROJECTIONS), old)


def eta_number() -> Any:
    """The control of η."""
    return number(0.0, 0.0, 1.0, 0.05)


def excerpt_number() -> Any:
    """The control of where the excerpt of a recording begins."""
    return number(0.0, 0.0, 600.0, 0.1)


STEPS = ("6", "12", "25", "50", "100", "200", "1000")
MOST_FRAMES, FEWEST_FRAMES = 21, 7
MOST_SECONDS = 21.0
"""How much sound a view of a player has at most: half of it is a megabyte."""


@dataclass(frozen=True)
class VocoderSettings(Settings):
    """The controls of WaveGrad."""

    title: ClassVar[str] = "Vocoder"
    old_names: ClassVar[Mapping[str, str]] = {"levels": "schedule"}
    old_defaults: ClassVar[Mapping[str, str]] = {"network": LAPPED}
    sound: str = text(DEFAULT_SOUND, decode_sound, MAX_LENGTH)
    duration: float = number(1.0, 0.4, 4.0, 0.1)
    sampler: str = choice("dpm++2m", get_args(Sampler))
    steps: str = choice("6", STEPS)
    eta: float = eta_number()
    schedule: str = schedule_choice()
    mel: str = mel_choice("projected")
    start: str = choice(NOISE, (NOISE, *SIGMAS[::-1]))
    seed: int = seed()
    excerpt_start: float = excerpt_number()
    network: str = vocoder_choice()

    def plan(self) -> VocoderConfig:
        """How the sound is made."""
        return VocoderConfig(
            sampler=self.sampler,  # type: ignore[arg-type]  # checked, as is the schedule
            num_inference_steps=int(self.steps),
            eta=self.eta,
            noise_schedule=self.schedule,  # type: ignore[arg-type]
            projection=PROJECTIONS[self.mel],
        )

    def checkpoint(self) -> Checkpoint:
        """The trained network."""
        return checkpoint(VOCODERS[self.network])

    def sigma(self) -> float | None:
        """The noise that the sound itself begins in, or None: pure noise."""
        return None if self.start == NOISE else float(self.start)

    def subject(self) -> Subject:
        """The sound that the first two settings describe."""
        return synthesised(self.sound, self.duration)


def start_of_step(step: float) -> str:
    """The start in the noise of a step of `noised`.

    Raises:
        ValueError: for step 0, which has no noise.
    """
    if step not in range(1, len(SIGMAS) + 1):
        raise ValueError(TEXTS.say("errors.step", steps=len(SIGMAS), got=readable(step)))
    return SIGMAS[int(step) - 1]


@dataclass(frozen=True)
class SoundTrajectory:
    """Steps of a sound: in each view (steps, samples), with a label for each step."""

    views: dict[str, Array]
    labels: list[str]


def noised(settings: VocoderSettings, subject: Subject) -> SoundTrajectory:
    """The sound itself, and with the same noise at every σ."""
    wave = whole_blocks(torch.from_numpy(subject.wave), settings.checkpoint().block_size)
    noise = torch.randn(wave.shape, generator=torch.Generator().manual_seed(settings.seed))
    schedule = NoiseSchedule.from_sigmas(torch.tensor([float(sigma) for sigma in SIGMAS]))
    noisy = [
        add_noise(wave, noise, alpha_cumprod[None]) for alpha_cumprod in schedule.alphas_cumprod
    ]
    power = float(np.square(subject.wave).mean())
    labels = [
        minus_signs(
            TEXTS.say(
                "label.noisy",
                sigma=sigma,
                sqrt_alpha_cumprod=signal,
                snr=10 * math.log10(snr * power),
            )
        )
        for sigma, signal, snr in zip(SIGMAS, schedule.noise_levels, schedule.snr, strict=True)
    ]
    sounds = torch.cat([wave, *noisy])[:, : subject.wave.shape[1]]
    return SoundTrajectory({"x_t": sounds.numpy()}, [TEXTS["label.clean"], *labels])


@computed_once(maxsize=16)
def noised_result(settings: VocoderSettings) -> SoundTrajectory:
    """The sound of the settings in noise."""
    return noised(settings, settings.subject())


@dataclass(frozen=True)
class Vocoded:
    """A sound on its way from noise, so far.

    Attributes:
        subject: what it is made after.
        states: of the steps that are kept.
        done: steps that were done.
        total: of all.
        seconds: that the sampling took.
        errors: of the finished sound.
    """

    subject: Subject
    states: tuple[State, ...]
    done: int
    total: int
    seconds: float
    errors: Errors | None = None

    def trajectory(self) -> SoundTrajectory:
        """What is heard: x_t, and the x̂₀ that the network predicts."""
        views = {
            "x_t": self._cut([state.x for state in self.states]),
            "x̂₀": self._cut([state.pred_original_sample for state in self.states]),
        }
        return SoundTrajectory(views, [state_label(state) for state in self.states])

    def wave(self) -> Array:
        """The last sound, (1, samples)."""
        return self._cut([self.states[-1].x])

    def _cut(self, sounds: list[Tensor]) -> Array:
        array: Array = torch.cat(sounds)[:, : self.subject.wave.shape[1]].cpu().numpy()
        return array


def vocode(settings: VocoderSettings, subject: Subject) -> Iterator[Vocoded]:
    """Make a sound again from its mel spectrogram, step by step; at last its errors are known."""
    trained, plan, start = settings.checkpoint(), settings.plan(), settings.sigma()
    total = len(plan.schedule(trained, start))
    wanted = set(kept_steps(total, subject.seconds))
    kept: tuple[State, ...] = ()
    started = time.perf_counter()
    wave = torch.from_numpy(subject.wave)
    for done, state in enumerate(plan.states(trained, wave, [settings.seed], start)):
        if done in wanted:
            kept = (*kept, state)
        result = Vocoded(subject, kept, done, total, time.perf_counter() - started)
        yield result
    yield replace(result, errors=errors(result.wave(), subject.wave, subject.partials))


def kept_steps(total: int, seconds: float) -> list[int]:
    """The steps of a sound that a player gets, the fewer the longer it is."""
    most = min(MOST_FRAMES, max(FEWEST_FRAMES, int(MOST_SECONDS / seconds)))
    return frames_to_keep(total + 1, most)


def _vocode_default(settings: VocoderSettings) -> Iterator[Vocoded]:
    return vocode(settings, settings.subject())


vocode_results = RememberLast(_vocode_default, maxsize=16)
"""`vocode` of the sound of the settings."""
