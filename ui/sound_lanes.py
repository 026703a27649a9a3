"""Samplers side by side: what its section computes, one sound made again from one noise."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, get_args

import numpy as np
import numpy.typing as npt
import torch

from diffusion.samplers import Sampler
from diffusion.vocoder_plan import Levels, VocoderPlan
from synth import VocoderErrors, griffin_lim, log_mel, render, vocoder_errors
from ui.components import SoundPlayer
from ui.controls import minus_signs, table
from ui.lanes import NO_LANE, in_use, told
from ui.models import checkpoint
from ui.settings import Settings, choice, number, seed, text
from ui.sound_text import DEFAULT_SOUND, MAX_LENGTH, decode_sound
from ui.sound_views import SAMPLE_RATE, sound_views
from ui.stepwise import Stepwise
from ui.vocoder import HOLDS_MEL, LEVELS_INFO, MEL_INFO

MODEL = "vocoder-wavegrad"
ORIGINAL, GRIFFIN_LIM = "original", "Griffin-Lim"
MAX_FREQUENCY = 8_000.0

Array = npt.NDArray[np.float32]


def _sampler(default: str) -> Any:
    return choice(default, "sampler", (*get_args(Sampler), NO_LANE))


def _steps(default: int) -> Any:
    return number(default, "steps", 2, 200, 1, "langevin: levels of 5 evaluations each")


def _eta() -> Any:
    return number(0.0, "η, of DDIM only", 0.0, 1.0, 0.05, "0: deterministic, 1: like DDPM")


def _levels() -> Any:
    return choice("ours", "levels", get_args(Levels), LEVELS_INFO)


def _mel(default: str) -> Any:
    return choice(default, "mel", tuple(HOLDS_MEL), MEL_INFO)


@dataclass(frozen=True)
class SoundLanesSettings(Settings):
    """The controls: a sound, and up to four lanes that make it again from its mel."""

    tab: ClassVar[str] = "sound-lanes"
    sound: str = text(DEFAULT_SOUND, "sound", decode_sound, MAX_LENGTH)
    duration: float = number(1.0, "duration (s)", 0.4, 4.0, 0.1)
    sampler_1: str = _sampler("dpm++2m")
    steps_1: int = _steps(6)
    eta_1: float = _eta()
    levels_1: str = _levels()
    mel_1: str = _mel("held")
    sampler_2: str = _sampler("dpm++2m")
    steps_2: int = _steps(6)
    eta_2: float = _eta()
    levels_2: str = _levels()
    mel_2: str = _mel("told")
    sampler_3: str = _sampler("ddim")
    steps_3: int = _steps(12)
    eta_3: float = _eta()
    levels_3: str = _levels()
    mel_3: str = _mel("held")
    sampler_4: str = _sampler("ddpm")
    steps_4: int = _steps(50)
    eta_4: float = _eta()
    levels_4: str = _levels()
    mel_4: str = _mel("held")
    seed: int = seed()

    def plans(self) -> dict[str, VocoderPlan]:
        """The plan of each lane that is in use, by its title.

        Raises:
            ValueError: if no lane is in use.
        """
        return in_use(self._plan, describe)

    def _plan(self, lane: int) -> VocoderPlan | None:
        sampler, steps, eta, levels, mel = (
            getattr(self, f"{name}_{lane}") for name in LANE_CONTROLS
        )
        if sampler == NO_LANE:
            return None
        return VocoderPlan(sampler, steps, eta, levels, HOLDS_MEL[mel])


LANE_CONTROLS = ("sampler", "steps", "eta", "levels", "mel")


def describe(plan: VocoderPlan) -> str:
    """A plan in a few words."""
    eta = f" η = {plan.eta:g}" if plan.sampler == "ddim" and plan.eta else ""
    levels = " as published" if plan.levels == "published" else ""
    mel = "" if plan.match_mel else ", mel told"
    return f"{plan.sampler}{eta}, {plan.num_inference_steps} steps{levels}{mel}"


@dataclass(frozen=True, eq=False)
class SoundLane:
    """One sound made again.

    Attributes:
        wave: (1, samples).
        errors: of the one sound.
        evaluations: how often the network was asked.
        seconds: that it took.
    """

    wave: Array
    errors: VocoderErrors
    evaluations: int
    seconds: float


@lru_cache(maxsize=64)
def original(sound: str, duration: float) -> Array:
    """The sound itself, (1, samples)."""
    return render([decode_sound(sound)], duration, SAMPLE_RATE)


@Stepwise
def sound_lane(
    plan: VocoderPlan, sound: str, duration: float, seed: int
) -> Generator[str, None, SoundLane]:
    """Make the sound again by a plan, from the noise of the seed."""
    wave = original(sound, duration)
    started = time.perf_counter()
    way = plan.states(checkpoint(MODEL), torch.from_numpy(wave), [seed])
    states = yield from told(way, plan.num_inference_steps)
    seconds = time.perf_counter() - started
    made: Array = states[-1].x[:, : wave.shape[1]].cpu().numpy()
    return SoundLane(made, _errors(made, sound, duration), plan.evaluations, seconds)


@lru_cache(maxsize=64)
def griffin_lim_lane(sound: str, duration: float, seed: int) -> SoundLane:
    """Make the sound again from the same mel without a network, from phases of the seed."""
    wave = original(sound, duration)
    started = time.perf_counter()
    made = griffin_lim(log_mel(torch.from_numpy(wave)), wave.shape[1], seed=seed)
    seconds = time.perf_counter() - started
    return SoundLane(made, _errors(made, sound, duration), 0, seconds)


def _errors(made: Array, sound: str, duration: float) -> VocoderErrors:
    return vocoder_errors(made, original(sound, duration), [decode_sound(sound)])


def sound_lanes_steps(settings: SoundLanesSettings) -> Iterator[str]:
    """Make the sounds that are not there yet, telling how far it is."""
    plans = settings.plans()
    for k, (title, plan) in enumerate(plans.items(), start=1):
        for step in sound_lane.steps(plan, settings.sound, settings.duration, settings.seed):
            yield f"Lane {k} of {len(plans)} ({title}): {step}"
    yield GRIFFIN_LIM


def sound_lanes_result(settings: SoundLanesSettings) -> dict[str, SoundLane]:
    """Every lane in use by its title, and Griffin-Lim."""
    subject = (settings.sound, settings.duration, settings.seed)
    lanes = {title: sound_lane(plan, *subject) for title, plan in settings.plans().items()}
    return lanes | {GRIFFIN_LIM: griffin_lim_lane(*subject)}


def sound_lanes_payload(settings: SoundLanesSettings) -> dict[str, Any]:
    """What `SoundPlayer` shows: one view a lane, the original and Griffin-Lim."""
    waves = {title: lane.wave for title, lane in sound_lanes_result(settings).items()}
    last = waves.pop(GRIFFIN_LIM)
    whole = original(settings.sound, settings.duration)
    views = waves | {ORIGINAL: whole, GRIFFIN_LIM: last}
    return SoundPlayer.payload(
        sound_views(views, MAX_FREQUENCY),
        [""],
        sample_rate=SAMPLE_RATE,
        max_frequency=MAX_FREQUENCY,
        run="sound lanes " + settings.to_query(),
        alt="A sound and what samplers made of its mel, from one noise",
        file_name=f"side-by-side-seed-{settings.seed}",
    )


def sound_lanes_table(settings: SoundLanesSettings) -> str:
    """The errors and costs, a column for each lane: on a phone its numbers fit, not its name."""
    lanes = sound_lanes_result(settings)
    whole = original(settings.sound, settings.duration)
    floor = _errors(whole, settings.sound, settings.duration).noise
    quietest = minus_signs(f"{floor[0]:.0f}")
    rows = {
        "network evaluations": [str(lane.evaluations) for lane in lanes.values()],
        "log-mel distance (nepers)": _cells(lanes, "log_mel", ".2f"),
        "spectral convergence": _cells(lanes, "convergence", ".2f"),
        "multi-resolution STFT": _cells(lanes, "stft", ".2f"),
        "pitch (cents)": _cells(lanes, "cents", "+.1f"),
        "worst partial (dB)": _cells(lanes, "partial", ".1f"),
        f"noise between partials (dB; original {quietest})": _cells(lanes, "noise", ".0f"),
        "time (s)": [f"{lane.seconds:.2f}" for lane in lanes.values()],
    }
    heads = ["GL" if title == GRIFFIN_LIM else title.partition(":")[0] for title in lanes]
    return table(["", *heads], ([name, *cells] for name, cells in rows.items()))


def _cells(lanes: dict[str, SoundLane], name: str, form: str) -> list[str]:
    values = (float(getattr(lane.errors, name)[0]) for lane in lanes.values())
    return [minus_signs(f"{value:{form}}") for value in values]
