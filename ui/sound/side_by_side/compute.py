"""Samplers side by side: what its section computes, one sound made again from one noise."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import numpy as np
import numpy.typing as npt
import torch

from diffusion.sampling.samplers import Sampler
from diffusion.waveform.config import VocoderConfig
from synth import log_mel
from synth.features.griffin_lim import griffin_lim
from ui.shared.cache import Stepwise, computed_once
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import NO_RUN, RUNS, in_use, with_progress
from ui.shared.settings import Settings, choice, number, seed, text
from ui.sound.networks import LAPPED, VOCODERS, WAVEGRAD, vocoder_choice
from ui.sound.sound_text import DEFAULT_SOUND, MAX_LENGTH, decode_sound
from ui.sound.vocoder.compute import (
    PROJECTIONS,
    eta_number,
    excerpt_number,
    mel_choice,
    schedule_choice,
)
from ui.sound.vocoder.subject import Subject, synthesised
from ui.sound.vocoder_errors import Errors, errors
from ui.texts import Texts

TEXTS = Texts("side-by-side")


ORIGINAL, GRIFFIN_LIM = "original", "Griffin-Lim"

Array = npt.NDArray[np.float32]
NetworkPlan = tuple[str, VocoderConfig]
"""What the page calls a network, and how it is sampled."""


def _sampler(default: str) -> Any:
    return choice(default, (*get_args(Sampler), NO_RUN))


def _steps(default: int) -> Any:
    return number(default, 2, 200, 1)


@dataclass(frozen=True)
class SideBySideSettings(Settings):
    """The controls: a sound, and up to four runs that make it again from its mel."""

    title: ClassVar[str] = "Side by side"
    old_tabs: ClassVar[tuple[str, ...]] = ("sound-lanes",)
    old_names: ClassVar[Mapping[str, str]] = {f"levels_{k}": f"schedule_{k}" for k in RUNS}
    old_defaults: ClassVar[Mapping[str, str]] = {f"network_{k}": LAPPED for k in RUNS}
    sound: str = text(DEFAULT_SOUND, decode_sound, MAX_LENGTH)
    duration: float = number(1.0, 0.4, 4.0, 0.1)
    sampler_1: str = _sampler("dpm++2m")
    steps_1: int = _steps(6)
    eta_1: float = eta_number()
    schedule_1: str = schedule_choice()
    mel_1: str = mel_choice("projected")
    sampler_2: str = _sampler("dpm++2m")
    steps_2: int = _steps(6)
    eta_2: float = eta_number()
    schedule_2: str = schedule_choice()
    mel_2: str = mel_choice("projected")
    sampler_3: str = _sampler("ddpm")
    steps_3: int = _steps(6)
    eta_3: float = eta_number()
    schedule_3: str = schedule_choice("published")
    mel_3: str = mel_choice("conditioned")
    sampler_4: str = _sampler("ddpm")
    steps_4: int = _steps(50)
    eta_4: float = eta_number()
    schedule_4: str = schedule_choice()
    mel_4: str = mel_choice("projected")
    seed: int = seed()
    network_1: str = vocoder_choice()
    network_2: str = vocoder_choice(LAPPED)
    network_3: str = vocoder_choice(WAVEGRAD)
    network_4: str = vocoder_choice(LAPPED)
    excerpt_start: float = excerpt_number()

    def subject(self) -> Subject:
        """The sound that the first two settings describe."""
        return synthesised(self.sound, self.duration)

    def plans(self) -> dict[str, NetworkPlan]:
        """The network and plan of each run that is in use, by its title.

        Raises:
            ValueError: if no run is in use.
        """
        return in_use(self.plan, describe)

    def plan(self, run: int) -> NetworkPlan | None:
        """The network and plan of a run, 1 to 4; None if it is not in use."""
        network, sampler, steps, eta, schedule, mel = (
            getattr(self, f"{name}_{run}") for name in RUN_CONTROLS
        )
        if sampler == NO_RUN:
            return None
        return network, VocoderConfig(sampler, steps, eta, schedule, PROJECTIONS[mel])


RUN_CONTROLS = ("network", "sampler", "steps", "eta", "schedule", "mel")
"""The controls of a run, as the page shows them."""


def describe(network_plan: NetworkPlan) -> str:
    """A network and its plan in a few words."""
    network, plan = network_plan
    eta = f" η = {plan.eta:g}" if plan.sampler == "ddim" and plan.eta else ""
    schedule = TEXTS["plan.published"] if plan.noise_schedule == "published" else ""
    sampling = TEXTS.say(
        "plan.sampling", sampler=plan.sampler, eta=eta, steps=plan.num_inference_steps
    )
    uses = {"once, early": TEXTS["plan.projected_once"], "none": TEXTS["plan.conditioned"]}
    return (
        f"{TEXTS.option('network', network)}, {sampling}{schedule}{uses.get(plan.projection, '')}"
    )


@dataclass(frozen=True, eq=False)
class SoundRun:
    """One sound made again.

    Attributes:
        wave: (1, samples).
        errors: of the one sound.
        evaluations: network evaluations (NFE).
        seconds: of the sampling.
    """

    wave: Array
    errors: Errors
    evaluations: int
    seconds: float


Runs = dict[str, SoundRun]
"""Every run by its title, and Griffin-Lim."""


def make_again(
    network_plan: NetworkPlan, subject: Subject, seed: int
) -> Generator[str, None, SoundRun]:
    """Make a sound again by a network and a plan, from the noise of the seed."""
    network, plan = network_plan
    started = time.perf_counter()
    way = plan.states(checkpoint(VOCODERS[network]), torch.from_numpy(subject.wave), [seed])
    states = yield from with_progress(way, plan.num_inference_steps)
    seconds = time.perf_counter() - started
    made: Array = states[-1].x[:, : subject.wave.shape[1]].cpu().numpy()
    return SoundRun(made, _errors(made, subject), plan.evaluations, seconds)


def baseline(subject: Subject, seed: int) -> SoundRun:
    """Make a sound again from the same mel without a network, from random phases of the seed."""
    wave = subject.wave
    started = time.perf_counter()
    made = griffin_lim(log_mel(torch.from_numpy(wave)), wave.shape[1], seed=seed)
    seconds = time.perf_counter() - started
    return SoundRun(made, _errors(made, subject), 0, seconds)


def _errors(made: Array, subject: Subject) -> Errors:
    return errors(made, subject.wave, subject.partials)


@Stepwise
def sound_run(
    network_plan: NetworkPlan, sound: str, duration: float, seed: int
) -> Generator[str, None, SoundRun]:
    """`make_again` of a sound of the synthesiser."""
    return (yield from make_again(network_plan, synthesised(sound, duration), seed))


@computed_once(maxsize=64)
def griffin_lim_run(sound: str, duration: float, seed: int) -> SoundRun:
    """`baseline` of a sound of the synthesiser."""
    return baseline(synthesised(sound, duration), seed)


def side_by_side_steps(
    settings: SideBySideSettings, own: Subject | None = None
) -> Generator[str, None, Runs]:
    """Make the sounds that are not there yet, telling how far it is.

    Those of a recording are not kept: it is the visitor's own.
    """
    described = settings.sound, settings.duration, settings.seed
    plans, runs = settings.plans(), {}
    for k, (title, each) in enumerate(plans.items(), start=1):
        way = make_again(each, own, settings.seed) if own else sound_run.parts(each, *described)
        runs[title] = yield from _titled(
            way, TEXTS.say("news.run", run=k, runs=len(plans), title=title)
        )
    yield GRIFFIN_LIM
    last = baseline(own, settings.seed) if own else griffin_lim_run(*described)
    return runs | {GRIFFIN_LIM: last}


def _titled(way: Generator[str, None, SoundRun], title: str) -> Generator[str, None, SoundRun]:
    while True:
        try:
            step = next(way)
        except StopIteration as end:
            run: SoundRun = end.value
            return run
        yield f"{title}: {step}"
