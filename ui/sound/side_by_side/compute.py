"""Samplers side by side: what its section computes, one sound made again from one noise."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import numpy as np
import numpy.typing as npt
import torch

from diffusion.sampling.samplers import Sampler
from diffusion.waveform.config import VocoderConfig
from synth import log_mel
from synth.features.griffin_lim import griffin_lim
from synth.metrics.listening_test import p_values
from ui.components import SoundPlayer
from ui.shared.cache import Stepwise, computed_once
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import NO_RUN, RUNS, in_use, with_progress
from ui.shared.settings import Settings, choice, number, seed, text
from ui.shared.texts import minus_signs, table
from ui.sound.sound_text import DEFAULT_SOUND, MAX_LENGTH, decode_sound
from ui.sound.sound_views import SAMPLE_RATE, sound_views
from ui.sound.vocoder.compute import (
    LANGEVIN_INFO,
    PROJECTS,
    eta_number,
    excerpt_number,
    mel_choice,
    schedule_choice,
)
from ui.sound.vocoder.subject import Subject, synthesised
from ui.sound.vocoder_errors import Errors, errors

MODEL = "vocoder-wavegrad"
ORIGINAL, GRIFFIN_LIM = "original", "Griffin-Lim"
MAX_FREQUENCY = 8_000.0
TRIALS = 20
"""Of a blind test, at most."""

Array = npt.NDArray[np.float32]


def _sampler(default: str) -> Any:
    return choice(default, "sampler", (*get_args(Sampler), NO_RUN))


def _steps(default: int) -> Any:
    return number(default, "steps", 2, 200, 1, LANGEVIN_INFO)


@dataclass(frozen=True)
class SideBySideSettings(Settings):
    """The controls: a sound, and up to four runs that make it again from its mel."""

    title: ClassVar[str] = "Side by side"
    old_tabs: ClassVar[tuple[str, ...]] = ("sound-lanes",)
    old_names: ClassVar[Mapping[str, str]] = {f"levels_{k}": f"schedule_{k}" for k in RUNS}
    sound: str = text(DEFAULT_SOUND, "sound", decode_sound, MAX_LENGTH)
    duration: float = number(1.0, "duration (s)", 0.4, 4.0, 0.1)
    sampler_1: str = _sampler("dpm++2m")
    steps_1: int = _steps(6)
    eta_1: float = eta_number()
    schedule_1: str = schedule_choice()
    mel_1: str = mel_choice("projected")
    sampler_2: str = _sampler("dpm++2m")
    steps_2: int = _steps(6)
    eta_2: float = eta_number()
    schedule_2: str = schedule_choice()
    mel_2: str = mel_choice("conditioned")
    sampler_3: str = _sampler("ddim")
    steps_3: int = _steps(12)
    eta_3: float = eta_number()
    schedule_3: str = schedule_choice()
    mel_3: str = mel_choice("projected")
    sampler_4: str = _sampler("ddpm")
    steps_4: int = _steps(50)
    eta_4: float = eta_number()
    schedule_4: str = schedule_choice()
    mel_4: str = mel_choice("projected")
    seed: int = seed()
    excerpt_start: float = excerpt_number()

    def subject(self) -> Subject:
        """The sound that the first two settings describe."""
        return synthesised(self.sound, self.duration)

    def plans(self) -> dict[str, VocoderConfig]:
        """The plan of each run that is in use, by its title.

        Raises:
            ValueError: if no run is in use.
        """
        return in_use(self._plan, describe)

    def _plan(self, run: int) -> VocoderConfig | None:
        sampler, steps, eta, schedule, mel = (
            getattr(self, f"{name}_{run}") for name in RUN_CONTROLS
        )
        if sampler == NO_RUN:
            return None
        return VocoderConfig(sampler, steps, eta, schedule, PROJECTS[mel])


RUN_CONTROLS = ("sampler", "steps", "eta", "schedule", "mel")


def describe(plan: VocoderConfig) -> str:
    """A plan in a few words."""
    eta = f" η = {plan.eta:g}" if plan.sampler == "ddim" and plan.eta else ""
    schedule = ", published schedule" if plan.noise_schedule == "published" else ""
    mel = "" if plan.project else ", conditioned only"
    return f"{plan.sampler}{eta}, {plan.num_inference_steps} steps{schedule}{mel}"


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


def make_again(plan: VocoderConfig, subject: Subject, seed: int) -> Generator[str, None, SoundRun]:
    """Make a sound again by a plan, from the noise of the seed."""
    started = time.perf_counter()
    way = plan.states(checkpoint(MODEL), torch.from_numpy(subject.wave), [seed])
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
    plan: VocoderConfig, sound: str, duration: float, seed: int
) -> Generator[str, None, SoundRun]:
    """`make_again` of a sound of the synthesiser."""
    return (yield from make_again(plan, synthesised(sound, duration), seed))


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
    for k, (title, plan) in enumerate(plans.items(), start=1):
        way = make_again(plan, own, settings.seed) if own else sound_run.parts(plan, *described)
        runs[title] = yield from _titled(way, f"Run {k} of {len(plans)} ({title})")
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


def original_payload(settings: SideBySideSettings, subject: Subject) -> dict[str, Any]:
    """What `SoundPlayer` shows before the first run is finished."""
    return _payload(settings, subject, {ORIGINAL: subject.wave}, "original ")


def side_by_side_payload(
    settings: SideBySideSettings, subject: Subject, runs: Runs
) -> dict[str, Any]:
    """What `SoundPlayer` shows: one view a run, the original and Griffin-Lim."""
    waves = {title: run.wave for title, run in runs.items()}
    last = waves.pop(GRIFFIN_LIM)
    views = waves | {ORIGINAL: subject.wave, GRIFFIN_LIM: last}
    return _payload(settings, subject, views, "sound runs ")


def _payload(
    settings: SideBySideSettings, subject: Subject, views: dict[str, Array], run: str
) -> dict[str, Any]:
    own = "" if subject.partials is not None else f"{subject.key} "
    return SoundPlayer.payload(
        sound_views(views, MAX_FREQUENCY, ORIGINAL),
        [""],
        sample_rate=SAMPLE_RATE,
        max_frequency=MAX_FREQUENCY,
        run=run + own + settings.to_query(),
        alt="The original sound, and what each run and Griffin-Lim made of its mel spectrogram",
        file_name=f"side-by-side-seed-{settings.seed}",
        partials=() if subject.partials is None else subject.partials,
        p_values=p_values(TRIALS),
    )


def side_by_side_table(subject: Subject, runs: Runs) -> str:
    """The errors and costs, a column for each run: on a phone its numbers fit, not its name."""
    found = [run.errors for run in runs.values()]
    rows = {
        "network evaluations (NFE)": [str(run.evaluations) for run in runs.values()],
        "log-mel distance (nepers)": _cells([each.log_mel for each in found], ".2f"),
        "spectral convergence": _cells([each.spectral_convergence for each in found], ".2f"),
        "multi-resolution STFT": _cells([each.multi_resolution_stft for each in found], ".2f"),
    }
    known = [each.partials for each in found if each.partials]
    if known:  # those of a recording are not
        quietest = minus_signs(f"{known[0].noise_of_original:.0f}")
        rows |= {
            "pitch error (cents)": _cells([each.cents for each in known], "+.1f"),
            "largest error of a partial (dB)": _cells([each.largest for each in known], ".1f"),
            f"noise between partials (dB; the original has {quietest})": _cells(
                [each.noise for each in known], ".0f"
            ),
        }
    rows["sampling time (s)"] = _cells([run.seconds for run in runs.values()], ".2f")
    heads = ["GL" if title == GRIFFIN_LIM else title.partition(":")[0] for title in runs]
    return table(["run", *heads], ([name, *cells] for name, cells in rows.items()))


def _cells(values: Sequence[float], form: str) -> list[str]:
    return [minus_signs(f"{value:{form}}") for value in values]
