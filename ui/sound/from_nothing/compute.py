"""From nothing, of Waveforms (WaveGrad): what its section computes, a sound made from noise."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from diffusion import Checkpoint, State, iterate
from diffusion.checkpoints import find
from diffusion.evaluation.model_card import read_card
from diffusion.sampling.samplers import Sampler
from diffusion.waveform.typical_seed import load_seeds, num_smaller
from synth import PartialSeries, Sound, harmonics_to_noise, nearest_member
from synth.features.repetition import repeated
from ui.shared.cache import Stepwise, computed_once
from ui.shared.models import checkpoint, evaluations, frames_to_keep, state_label
from ui.shared.sampler_runs import with_progress
from ui.shared.settings import Settings, choice, number, seed
from ui.sound.networks import LAPPED
from ui.sound.sound_steps import SoundSteps
from ui.sound.sound_views import SAMPLE_RATE, sound_views
from ui.texts import Texts

TEXTS = Texts("from-nothing")


FITTED_SAMPLES = 2_048
MAX_FRAMES = 21
REPETITIONS, CROSSFADE = 13, 64
"""How often a frame too short to be heard by itself is repeated; the crossfade in samples."""

FIRST = "the tutorial's first network, mended"
NOTES = "mixture of notes"
NETWORKS = {FIRST: "waveform-simple", LAPPED: "waveform-wavegrad", NOTES: "waveform-harmonic"}


@dataclass(frozen=True)
class FromNothingSettings(Settings):
    """The controls of From nothing."""

    title: ClassVar[str] = "From nothing"
    old_tabs: ClassVar[tuple[str, ...]] = ("waveform",)
    old_defaults: ClassVar[Mapping[str, str]] = {"network": LAPPED}
    sampler: str = choice("ddpm", get_args(Sampler))
    num_inference_steps: int = number(50, 4, 200, 1)
    eta: float = number(0.0, 0.0, 1.0, 0.05)
    seed: int = seed()
    network: str = choice(FIRST, tuple(NETWORKS))

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            most = len(self.checkpoint().schedule)
        except ValueError:  # what needs the network says what is wrong with it
            return
        if self.num_inference_steps > most:
            raise ValueError(
                TEXTS.say(
                    "errors.too_many_steps",
                    most=most,
                    network=TEXTS.option("network", self.network),
                    got=self.num_inference_steps,
                )
            )

    def checkpoint(self) -> Checkpoint:
        """The trained network."""
        return checkpoint(NETWORKS[self.network])

    def states(self) -> Iterator[State]:
        """The way from noise to a sound; the tutorial clips each x̂_0 to [-1, 1]."""
        trained, first = self.checkpoint(), self.network == FIRST
        steps = self.num_inference_steps
        return iterate(
            trained.network,
            trained.schedule if first else trained.inference_schedule(steps),
            (1, trained.block_size),
            self.sampler,  # type: ignore[arg-type]  # checked by the settings
            num_inference_steps=steps,
            eta=self.eta if self.sampler == "ddim" else None,
            constrain=_clip if first else None,
            generator=torch.Generator().manual_seed(self.seed),
        )


def _clip(x_0: Tensor) -> Tensor:
    return x_0.clamp(-1, 1)


@Stepwise
def generate_result(settings: FromNothingSettings) -> Generator[str, None, SoundSteps]:
    """Make a sound from noise with the trained network, and keep x_t and x̂₀ on the way."""
    started = time.perf_counter()
    states = yield from with_progress(settings.states(), settings.num_inference_steps)
    seconds = time.perf_counter() - started
    yield TEXTS["news"]
    kept = [states[i] for i in frames_to_keep(len(states), MAX_FRAMES)]
    final = states[-1].x.cpu().numpy()
    frames = {
        "x_t": torch.cat([state.x for state in kept]).cpu().numpy(),
        "x̂₀": torch.cat([state.pred_original_sample for state in kept]).cpu().numpy(),
    }
    short = final.shape[1] < FITTED_SAMPLES
    waves = {
        name: repeated(each, REPETITIONS, CROSSFADE) if short else each
        for name, each in frames.items()
    }
    return SoundSteps(
        sound_views(waves),
        labels=[state_label(state) for state in kept],
        facts=(_short_facts(final) if short else _nearest(final, settings.network))
        | {TEXTS["facts.evaluations"]: evaluations(settings.sampler, settings.num_inference_steps)}
        | {
            TEXTS["facts.time"]: TEXTS.say(
                "facts.time_is", seconds=seconds, length=final.shape[1] / SAMPLE_RATE
            )
        },
    )


def _nearest(wave: npt.NDArray[np.float32], network: str) -> dict[str, str]:
    """The nearest member of the family to the middle of a generated sound (1, samples)."""
    start = (wave.shape[1] - FITTED_SAMPLES) // 2
    middle = wave[:, start : start + FITTED_SAMPLES]
    harmonics = f"{harmonics_to_noise(middle, SAMPLE_RATE)[0]:.0f} dB"
    residual, facts = _residual(middle, "harmonic")
    typical = _how_typical(residual) if network == LAPPED else {}
    return {TEXTS["facts.harmonics"]: harmonics} | facts | typical


def _short_facts(frame: npt.NDArray[np.float32]) -> dict[str, str]:
    """The same of a frame that is too short to be heard, and too short for its harmonics."""
    period = frame.shape[1] - CROSSFADE
    return _residual(frame, "notebook")[1] | {
        TEXTS["facts.heard"]: TEXTS.say(
            "facts.heard_is",
            milliseconds=1000 * frame.shape[1] / SAMPLE_RATE,
            repetitions=REPETITIONS,
            buzz=SAMPLE_RATE / period,
        )
    }


def _residual(wave: npt.NDArray[np.float32], series: PartialSeries) -> tuple[float, dict[str, str]]:
    residuals, sounds = nearest_member(wave, SAMPLE_RATE, series)
    residual = float(residuals[0])
    return residual, {
        TEXTS["facts.nearest"]: _in_words(sounds[0]),
        TEXTS["facts.residual"]: TEXTS.say("facts.residual_is", residual=residual),
    }


def _how_typical(residual: float) -> dict[str, str]:
    """Where a residual stands among those that were measured of this network, if they were."""
    try:
        measured = load_seeds()
    except ValueError:
        return {}
    residuals, steps = measured["residuals"], measured["num_steps"]
    return {
        TEXTS.say(
            "facts.seeds",
            seeds=len(residuals),
            network=TEXTS.option("network", LAPPED),
            steps=steps,
        ): (
            TEXTS.say(
                "facts.seeds_is",
                count=num_smaller(residual, residuals),
                median=float(np.median(residuals)),
            )
        )
    }


def _in_words(sound: Sound) -> str:
    return TEXTS.say(
        "sound_in_words",
        f0=sound.f0,
        partials=sound.num_harmonics,
        frequency=sound.filter_frequency,
        q=sound.filter_q,
    )


@computed_once(maxsize=len(NETWORKS))
def what_is_wrong(network: str) -> str:
    """What is still wrong with a network: its sounds by its model card, and what it cannot make."""
    card = read_card(find(NETWORKS[network]))
    residual = card["residual to the nearest sound, median"]
    spectra = card["log-spectra, ratio to real-to-real"]
    of_noise = card["log-spectra of white noise, ratio to real-to-real"]
    if network == FIRST:
        first = TEXTS.say(
            "wrong.frames",
            residual=residual,
            real=card["residual of real frames to the nearest sound, median"],
            white=card["residual of white noise to the nearest sound, median"],
        )
    else:
        first = TEXTS.say("wrong.sounds", residual=residual)
    second = TEXTS.say("wrong.spectra", spectra=spectra, of_noise=of_noise)
    limits = TEXTS["wrong.notes"] if network == NOTES else ""
    return f"{first} {second} {limits}".rstrip().replace("%", " %")
