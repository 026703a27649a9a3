"""Sound designer, of Waveforms (WaveGrad): what its section computes, one sound and a gallery."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import ClassVar, Self, get_args

import numpy as np
import numpy.typing as npt
import torch

from synth import PartialSeries, Prior, Renderer, Sound, match_loudness, render
from synth.rendering.partials import PartialDecibels, partial_decibels, stretch_in_cents
from ui.shared.cache import computed_once
from ui.shared.control_types import Number
from ui.shared.settings import Settings, choice, control_of, number, seed, text
from ui.shared.strips import PANELS
from ui.shared.texts import minus_signs, short
from ui.sound.sound_steps import SoundSteps
from ui.sound.sound_text import (
    MAX_DRAWN_LENGTH,
    decode_amplitudes,
    decode_sound,
    encode_amplitudes,
    encode_sound,
    fit_amplitudes,
)
from ui.sound.sound_views import SAMPLE_RATE, sound_views
from ui.texts import Texts

TEXTS = Texts("sound-designer")


CARDS = PANELS
CARD_SECONDS = 0.8


def _of_sound(default: float, name: str, step: float) -> float:
    """A number with the range that the sound itself allows."""
    field: float = number(default, *Sound.RANGES[name], step)
    return field


@dataclass(frozen=True)
class SoundDesignerSettings(Settings):
    """The controls of the Sound designer; most are those of `Sound`."""

    title: ClassVar[str] = "Sound designer"
    old_tabs: ClassVar[tuple[str, ...]] = ("sounds",)
    f0: float = number(196.0, 40.0, 1000.0, 0.1)
    num_harmonics: int = _of_sound(16, "num_harmonics", 1)  # type: ignore[assignment]
    inharmonicity: float = number(0.0003, 0.0, 0.1, 0.00001)
    spectral_slope: float = _of_sound(-6.0, "spectral_slope", 0.1)
    odd_even_balance: float = _of_sound(0.0, "odd_even_balance", 0.01)
    amplitudes: str = text("", decode_amplitudes, MAX_DRAWN_LENGTH)
    filter_frequency: float = number(800.0, 50.0, 10_000.0, 1.0)
    filter_q: float = number(0.7, 0.5, 20.0, 0.1)
    attack: float = _of_sound(0.01, "attack", 0.001)
    decay: float = _of_sound(0.8, "decay", 0.001)
    sustain: float = _of_sound(0.3, "sustain", 0.01)
    release: float = _of_sound(0.4, "release", 0.001)
    second_interval: float = _of_sound(7.0, "second_interval", 0.1)
    second_level: float = _of_sound(0.0, "second_level", 0.01)
    duration: float = number(1.5, 0.1, 4.0, 0.1)
    renderer: str = choice("pyo", get_args(Renderer))
    seed: int = seed()
    series: str = choice("harmonic", get_args(PartialSeries))
    prior: str = choice("wide", get_args(Prior))

    def sound(self) -> Sound:
        """The sound that the controls describe; a drawing is fitted to the number of partials."""
        values = {name: getattr(self, name) for name in PARAMETERS}
        drawn = fit_amplitudes(decode_amplitudes(self.amplitudes), self.num_harmonics)
        return Sound(**values | {"amplitudes": drawn})

    def with_sound(self, sound: Sound) -> Self:
        """These settings with the parameters of another sound."""
        values = {name: getattr(sound, name) for name in PARAMETERS}
        return replace(self, **values | {"amplitudes": encode_amplitudes(sound.amplitudes)})


PARAMETERS = sorted(
    {each.name for each in fields(Sound)} & {each.name for each in fields(SoundDesignerSettings)}
)
"""What the designer and a sound have in common."""


def controls_by_label() -> dict[str, str]:
    """The numbers that a sound is made of, by the labels of their sliders."""
    controls = {each.name: control_of(each) for each in fields(SoundDesignerSettings)}
    return {
        control.label: name
        for name, control in controls.items()
        if isinstance(control, Number) and name in (*PARAMETERS, "duration")
    }


@dataclass(frozen=True)
class Design:
    """A sound as it is heard and as it is meant.

    Attributes:
        sound: its parameters.
        steps: the one step that is played, and its facts.
        levels: its partials.
    """

    sound: Sound
    steps: SoundSteps
    levels: PartialDecibels


@computed_once(maxsize=32)
def design_result(settings: SoundDesignerSettings) -> Design:
    """Render the sound of the controls with both renderers, and let one of them be heard.

    Raises:
        ValueError: if the controls leave nothing to be heard; it says which of them.
    """
    sound = settings.sound()
    levels = partial_decibels(sound, SAMPLE_RATE)
    if not levels.frequencies.size:
        raise ValueError(_why_no_partial(settings))
    if sound.sustain == 0 and (sound.attack + sound.decay) * SAMPLE_RATE <= 1:
        raise ValueError(TEXTS["errors.envelope"])
    waves = {
        renderer: render(sound, settings.duration, SAMPLE_RATE, renderer)
        for renderer in get_args(Renderer)
    }
    difference = float(np.abs(waves["pyo"] - waves["vectorized"]).max())
    return Design(
        sound=sound,
        steps=SoundSteps(
            sound_views({"sound": waves[settings.renderer]}),
            labels=[TEXTS["whole"]],
            facts=_facts(sound, levels)
            | {
                TEXTS["facts.difference"]: TEXTS.say(
                    "facts.difference_is", difference=short(difference)
                )
            },
        ),
        levels=levels,
    )


def _why_no_partial(settings: SoundDesignerSettings) -> str:
    drawn, even = bool(settings.amplitudes), settings.odd_even_balance < 0
    return TEXTS.say(
        "errors.no_partial",
        balance=settings.odd_even_balance,
        only=TEXTS["errors.even"] if even else TEXTS["errors.odd"],
        cause=TEXTS["errors.drawn"] if drawn else TEXTS["errors.one_partial"],
        remedy=TEXTS["errors.draw_one"] if drawn else TEXTS["errors.raise_partials"],
    )


def _facts(sound: Sound, levels: PartialDecibels) -> dict[str, str]:
    frequencies, stretched = levels.frequencies, stretch_in_cents(sound, SAMPLE_RATE)
    loudest = int(np.argmax(levels.after))
    second = len(frequencies) - levels.first_note
    heard = TEXTS.say("facts.partials_is", count=levels.first_note, partials=sound.num_harmonics)
    return {
        TEXTS["facts.partials"]: heard
        + (TEXTS.say("facts.second", count=second) if second else ""),
        TEXTS["facts.ends"]: TEXTS.say(
            "facts.ends_is", low=frequencies.min(), high=frequencies.max()
        ),
        TEXTS["facts.loudest"]: f"{frequencies[loudest]:,.1f} Hz",
        TEXTS.say("facts.sharper", partial=len(stretched)): TEXTS.say(
            "facts.sharper_is", cents=stretched[-1]
        ),
    }


def designer_link(sound: Sound, duration: float) -> str:
    """The address of a sound in this section; nothing if its controls do not reach it."""
    try:
        return "?" + SoundDesignerSettings(duration=duration).with_sound(sound).to_query()
    except ValueError:
        return ""


@dataclass(frozen=True)
class Gallery:
    """Random sounds, short and equally loud.

    Attributes:
        sounds: their parameters, in the four digits that a link has.
        waves: (sounds, samples), within [-1, 1].
    """

    sounds: tuple[Sound, ...]
    waves: npt.NDArray[np.float32]


@computed_once(maxsize=32)
def gallery(seed: int, prior: Prior) -> Gallery:
    """Draw sounds of a prior."""
    generator = torch.Generator().manual_seed(seed)
    drawn = [Sound.random(generator, prior) for _ in range(CARDS)]
    sounds = tuple(decode_sound(encode_sound(sound)) for sound in drawn)
    return Gallery(sounds, match_loudness(render(sounds, CARD_SECONDS, SAMPLE_RATE)))


def card_name(sound: Sound) -> str:
    """What a card says of a sound."""
    second = TEXTS.say("card.second", interval=sound.second_interval) if sound.second_level else ""
    return minus_signs(
        TEXTS.say("card.name", f0=sound.f0, partials=sound.num_harmonics, second=second)
    )
