"""What the Sound designer shows: payloads of its player, pad and cards, charts and a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import gradio as gr

from synth.rendering.partials import partial_decibels
from ui.components import SoundCard, SoundCards, SpectrumPad
from ui.shared.strips import Strip
from ui.shared.texts import facts_table
from ui.sound.sound_designer.compute import (
    CARD_SECONDS,
    SoundDesignerSettings,
    card_name,
    controls_by_label,
    design_result,
    gallery,
)
from ui.sound.sound_designer.figure import charts
from ui.sound.sound_strips import WaveRow, wave_strip
from ui.sound.sound_text import SIDE_BY_SIDE, VOCODER, decode_amplitudes, sound_link
from ui.sound.sound_views import SAMPLE_RATE
from ui.texts import Texts

TEXTS = Texts("sound-designer")
SOUND_TEXTS = Texts("sound-choice")


def show_pad(settings: SoundDesignerSettings) -> tuple[dict[str, Any]]:
    """What the drawable spectrum shows."""
    sound = settings.sound()
    heights = sound.amplitudes or (1.0,) * sound.num_harmonics
    frequencies = sound.partial_frequencies(SAMPLE_RATE)
    return (SpectrumPad.payload(heights, frequencies, run=settings.to_query()),)


def show_sound(settings: SoundDesignerSettings) -> tuple[dict[str, Any], str, str, gr.Button]:
    """The player's payload, the charts, a table, and the links to where it is made again."""
    design = design_result(settings)
    alt = TEXTS.say("alt", partials=settings.num_harmonics, f0=settings.f0)
    name = f"additive-{settings.f0:g}-hz-{settings.num_harmonics}-partials"
    payload = design.steps.payload("compose " + settings.to_query(), alt, name)
    payload["design"] = asdict(design.sound) | {
        "amplitudes": decode_amplitudes(settings.amplitudes),
        "duration": settings.duration,
        "controls": controls_by_label(),
    }
    take = gr.Button(link=sound_link(VOCODER, design.sound, settings.duration))
    compare = (
        f"[{SOUND_TEXTS['compare']}]({sound_link(SIDE_BY_SIDE, design.sound, settings.duration)})"
    )
    drawn = charts(design.sound, settings.duration)
    return payload, drawn, f"{compare}\n\n{facts_table(design.steps.facts)}", take


def show(settings: SoundDesignerSettings) -> tuple[Any, ...]:
    """The sound, and the drawable spectrum, which has as many bars as there are partials."""
    return *show_sound(settings), *show_pad(settings)


def show_gallery(settings: SoundDesignerSettings) -> tuple[dict[str, Any]]:
    """The random sounds of the seed."""
    drawn = gallery(settings.seed, settings.prior)  # type: ignore[arg-type]  # checked
    cards = []
    for sound in drawn.sounds:
        levels = partial_decibels(sound, SAMPLE_RATE)
        cards.append(
            SoundCard(
                card_name(sound),
                levels.frequencies,
                levels.after,
                {
                    TEXTS["to_vocoder"]: sound_link(VOCODER, sound, CARD_SECONDS),
                    TEXTS["compare"]: sound_link(SIDE_BY_SIDE, sound, CARD_SECONDS),
                },
            )
        )
    payload = SoundCards.payload(
        cards,
        drawn.waves,
        sample_rate=SAMPLE_RATE,
        run=f"gallery {settings.prior} {settings.seed}",
    )
    return (payload,)


def gallery_strip(settings: SoundDesignerSettings) -> Strip:
    """The random sounds of the seed, a panel for each."""
    drawn = gallery(settings.seed, settings.prior)  # type: ignore[arg-type]  # checked
    names = [card_name(sound) for sound in drawn.sounds]
    return wave_strip(
        name=f"sounds-of-prior-{settings.prior}-seed-{settings.seed}",
        description=TEXTS.say(
            "strip", count=len(names), prior=settings.prior, names="; ".join(names)
        ),
        rows={settings.prior: WaveRow(drawn.waves, names)},
    )
