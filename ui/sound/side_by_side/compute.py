"""Samplers side by side: what its section computes, one sound made again from one noise."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import numpy as np
import numpy.typing as npt
import torch

from diffusion.sampling.samplers import Sampler
from diffusion.waveform.config import Projection, VocoderConfig
from synth import VocoderErrors, log_mel, render
from synth.features.griffin_lim import griffin_lim
from synth.metrics.vocoder_errors import vocoder_errors
from ui.components import SoundPlayer
from ui.shared.cache import Stepwise, computed_once
from ui.shared.models import checkpoint
from ui.shared.sampler_runs import NO_RUN, RUNS, in_use, with_progress
from ui.shared.settings import Settings, choice, number, seed, text
from ui.shared.texts import minus_signs, table
from ui.sound.networks import LAPPED, VOCODERS, WAVEGRAD, vocoder_choice
from ui.sound.sound_text import DEFAULT_SOUND, MAX_LENGTH, decode_sound
from ui.sound.sound_views import SAMPLE_RATE, sound_views
from ui.sound.vocoder.compute import (
    LANGEVIN_INFO,
    PROJECTIONS,
    eta_number,
    mel_choice,
    schedule_choice,
)

ORIGINAL, GRIFFIN_LIM = "original", "Griffin-Lim"
MAX_FREQUENCY = 8_000.0

Array = npt.NDArray[np.float32]
NetworkPlan = tuple[str, VocoderConfig]
"""What the page calls a network, and how it is sampled."""


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
    old_defaults: ClassVar[Mapping[str, str]] = {f"network_{k}": LAPPED for k in RUNS}
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

    def plans(self) -> dict[str, NetworkPlan]:
        """The network and plan of each run that is in use, by its title.

        Raises:
            ValueError: if no run is in use.
        """
        return in_use(self._plan, describe)

    def _plan(self, run: int) -> NetworkPlan | None:
        network, sampler, steps, eta, schedule, mel = (
            getattr(self, f"{name}_{run}") for name in RUN_CONTROLS
        )
        if sampler == NO_RUN:
            return None
        return network, VocoderConfig(sampler, steps, eta, schedule, PROJECTIONS[mel])


RUN_CONTROLS = ("network", "sampler", "steps", "eta", "schedule", "mel")
"""Of one run, as the page shows them."""

MEL_USES: dict[Projection, str] = {
    "every step": "",
    "once, early": ", projected once",
    "none": ", conditioned only",
}


def describe(network_plan: NetworkPlan) -> str:
    """A network and its plan in a few words."""
    network, plan = network_plan
    eta = f" η = {plan.eta:g}" if plan.sampler == "ddim" and plan.eta else ""
    schedule = ", published schedule" if plan.noise_schedule == "published" else ""
    sampling = f"{plan.sampler}{eta}, {plan.num_inference_steps} steps"
    return f"{network}, {sampling}{schedule}{MEL_USES[plan.projection]}"


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
    errors: VocoderErrors
    evaluations: int
    seconds: float


@computed_once(maxsize=64)
def original(sound: str, duration: float) -> Array:
    """The sound itself, (1, samples)."""
    return render([decode_sound(sound)], duration, SAMPLE_RATE)


@Stepwise
def sound_run(
    network_plan: NetworkPlan, sound: str, duration: float, seed: int
) -> Generator[str, None, SoundRun]:
    """Make the sound again by a network and a plan, from the noise of the seed."""
    network, plan = network_plan
    wave = original(sound, duration)
    started = time.perf_counter()
    way = plan.states(checkpoint(VOCODERS[network]), torch.from_numpy(wave), [seed])
    states = yield from with_progress(way, plan.num_inference_steps)
    seconds = time.perf_counter() - started
    made: Array = states[-1].x[:, : wave.shape[1]].cpu().numpy()
    return SoundRun(made, _errors(made, sound, duration), plan.evaluations, seconds)


@computed_once(maxsize=64)
def griffin_lim_run(sound: str, duration: float, seed: int) -> SoundRun:
    """Make the sound again from the same mel without a network, from random phases of the seed."""
    wave = original(sound, duration)
    started = time.perf_counter()
    made = griffin_lim(log_mel(torch.from_numpy(wave)), wave.shape[1], seed=seed)
    seconds = time.perf_counter() - started
    return SoundRun(made, _errors(made, sound, duration), 0, seconds)


def _errors(made: Array, sound: str, duration: float) -> VocoderErrors:
    return vocoder_errors(made, original(sound, duration), [decode_sound(sound)])


def side_by_side_steps(settings: SideBySideSettings) -> Iterator[str]:
    """Make the sounds that are not there yet, telling how far it is."""
    plans = settings.plans()
    for k, (title, network_plan) in enumerate(plans.items(), start=1):
        for step in sound_run.steps(network_plan, settings.sound, settings.duration, settings.seed):
            yield f"Run {k} of {len(plans)} ({title}): {step}"
    yield GRIFFIN_LIM


def original_payload(settings: SideBySideSettings) -> dict[str, Any]:
    """What `SoundPlayer` shows before the first run is finished."""
    return _payload(settings, {ORIGINAL: original(settings.sound, settings.duration)}, "original ")


def side_by_side_result(settings: SideBySideSettings) -> dict[str, SoundRun]:
    """Every run in use by its title, and Griffin-Lim."""
    subject = (settings.sound, settings.duration, settings.seed)
    runs = {title: sound_run(each, *subject) for title, each in settings.plans().items()}
    return runs | {GRIFFIN_LIM: griffin_lim_run(*subject)}


def side_by_side_payload(settings: SideBySideSettings) -> dict[str, Any]:
    """What `SoundPlayer` shows: one view a run, the original and Griffin-Lim."""
    waves = {title: run.wave for title, run in side_by_side_result(settings).items()}
    last = waves.pop(GRIFFIN_LIM)
    whole = original(settings.sound, settings.duration)
    return _payload(settings, waves | {ORIGINAL: whole, GRIFFIN_LIM: last}, "sound runs ")


def _payload(settings: SideBySideSettings, views: dict[str, Array], run: str) -> dict[str, Any]:
    return SoundPlayer.payload(
        sound_views(views, MAX_FREQUENCY),
        [""],
        sample_rate=SAMPLE_RATE,
        max_frequency=MAX_FREQUENCY,
        run=run + settings.to_query(),
        alt="The original sound, and what each run and Griffin-Lim made of its mel spectrogram",
        file_name=f"side-by-side-seed-{settings.seed}",
    )


def side_by_side_table(settings: SideBySideSettings) -> str:
    """The errors and costs, a column for each run: on a phone its numbers fit, not its name."""
    runs = side_by_side_result(settings)
    whole = original(settings.sound, settings.duration)
    floor = _errors(whole, settings.sound, settings.duration).noise
    quietest = minus_signs(f"{floor[0]:.0f}")
    rows = {
        "network evaluations (NFE)": [str(run.evaluations) for run in runs.values()],
        "log-mel distance (nepers)": _cells(runs, "log_mel", ".2f"),
        "spectral convergence": _cells(runs, "convergence", ".2f"),
        "multi-resolution STFT": _cells(runs, "stft", ".2f"),
        "pitch error (cents)": _cells(runs, "cents", "+.1f"),
        "largest error of a partial (dB)": _cells(runs, "partial", ".1f"),
        f"noise between partials (dB; the original has {quietest})": _cells(runs, "noise", ".0f"),
        "sampling time (s)": [f"{run.seconds:.2f}" for run in runs.values()],
    }
    heads = ["GL" if title == GRIFFIN_LIM else title.partition(":")[0] for title in runs]
    return table(["run", *heads], ([name, *cells] for name, cells in rows.items()))


def _cells(runs: dict[str, SoundRun], name: str, form: str) -> list[str]:
    values = (float(getattr(run.errors, name)[0]) for run in runs.values())
    return [minus_signs(f"{value:{form}}") for value in values]
