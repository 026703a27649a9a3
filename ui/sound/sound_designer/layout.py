"""The section Sound designer of Waveforms (WaveGrad): an additive sound, made and heard at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from synth import Sound
from synth.rendering.biquad import response
from synth.rendering.envelope import envelopes
from synth.sound import stretch
from ui.components import SoundCards, SoundPlayer, SpectrumPad
from ui.shared.controls import (
    Controls,
    answers,
    handler,
    heavy,
    in_order,
    make_control,
    one_sentence,
)
from ui.shared.introduction import Introduction
from ui.shared.permalinks import links, scroll_script
from ui.shared.section_opening import opens
from ui.shared.settings import MAX_SEED
from ui.shared.strips import StripControls
from ui.shared.texts import equation, source_panel
from ui.sound.sound_designer.compute import CARDS, SoundDesignerSettings, gallery
from ui.sound.sound_designer.displays import (
    gallery_strip,
    show,
    show_gallery,
    show_sound,
)
from ui.sound.sound_text import encode_amplitudes
from ui.texts import Texts

TEXTS = Texts("sound-designer")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    SoundDesignerSettings,
    {
        "bell": {"inharmonicity": 0.01},
        "hollow": {"odd_even_balance": 1.0},
        "tutorial_series": {"series": "notebook", "prior": "notebook", "inharmonicity": 0.02},
    },
)


GROUPS = {
    "pitch": ("f0", "num_harmonics", "inharmonicity", "duration"),
    "balance": (
        "spectral_slope",
        "odd_even_balance",
        "filter_frequency",
        "filter_q",
    ),
    "envelope": ("attack", "decay", "sustain", "release"),
    "second_note": ("second_interval", "second_level", "series", "renderer"),
}
MENUS = ("series", "renderer")
SLIDERS = [name for names in GROUPS.values() for name in names if name not in MENUS]


SHOWS = [show, show_gallery]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    INTRODUCTION.lay_out()
    controls: Controls = {"amplitudes": make_control(SoundDesignerSettings, "amplitudes")}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = SoundPlayer(elem_id="designer-player")
            equation(TEXTS["draw"])
            pad = SpectrumPad(elem_id="designer-pad")
            charts = gr.HTML(elem_id="designer-charts")
            facts = equation("")
        with gr.Column(scale=2, min_width=320):
            take = gr.Button(TEXTS["take"], variant="primary", elem_id="take-sound")
            for i, (group, names) in enumerate(GROUPS.items()):
                with gr.Accordion(TEXTS[f"groups.{group}"], open=i < 2):
                    for name in names:
                        controls[name] = make_control(SoundDesignerSettings, name)
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
    gr.Markdown(TEXTS["gallery"])
    with gr.Row():
        for name in ("prior", "seed"):
            controls[name] = make_control(SoundDesignerSettings, name)
        others = gr.Button(TEXTS.say("others", count=CARDS), min_width=100)
    cards = SoundCards(elem_id="designer-gallery")
    strip = StripControls.lay_out()
    source_panel(
        Sound.partial_frequencies,
        stretch,
        Sound.partial_amplitudes,
        response,
        envelopes,
    )

    inputs = in_order(SoundDesignerSettings, controls)
    outputs = [player, charts, facts, take]
    private: dict[str, Any] = {"api_visibility": "private", **heavy(facts)}
    strip.wire(SoundDesignerSettings, gallery_strip, inputs)
    opens(SoundDesignerSettings, SHOWS, [*inputs, *outputs, pad, cards])
    answers(
        SoundDesignerSettings,
        show,
        [*(controls[name].input for name in MENUS), *(controls[name].release for name in SLIDERS)],
        inputs,
        [*outputs, pad],
        old_endpoint="compose",
        progress_on=facts,
    )
    drawn = pad.draw(_draw, inputs, [controls["amplitudes"], *outputs], **private)
    edited = cards.edit(_edit, inputs, [*inputs, *outputs, pad], **private)
    requested = gr.on(
        [controls["seed"].submit, controls["prior"].input],
        handler(SoundDesignerSettings, show_gallery),
        inputs,
        cards,
        api_name="gallery",
        **heavy(cards),
    )
    renewed = others.click(_others, inputs, [controls["seed"], cards], **private)
    for event in (drawn, edited, requested, renewed):
        links(event, SoundDesignerSettings, inputs)
    edited.success(fn=None, js=scroll_script("designer-player"), api_visibility="private")


def _draw(event: gr.EventData, *values: Any) -> list[Any]:
    """Hear what was drawn. The pad is not updated: it may be a stroke ahead."""
    with one_sentence():
        text = encode_amplitudes(SpectrumPad.amplitudes(event))
        settings = replace(SoundDesignerSettings.from_values(values), amplitudes=text)
        return [settings.amplitudes, *show_sound(settings)]


def _edit(event: gr.EventData, *values: Any) -> list[Any]:
    """Load a sound of the gallery into the controls."""
    with one_sentence():
        settings = SoundDesignerSettings.from_values(values)
        drawn = gallery(settings.seed, settings.prior)  # type: ignore[arg-type]  # checked
        sound = drawn.sounds[SoundCards.index(event, CARDS)]
        settings = settings.with_sound(sound)
        return [*(getattr(settings, name) for name in settings.names()), *show(settings)]


def _others(*values: Any) -> list[Any]:
    """Draw the sounds of the next seed."""
    with one_sentence():
        settings = SoundDesignerSettings.from_values(values)
        settings = replace(settings, seed=(settings.seed + 1) % (MAX_SEED + 1))
        return [settings.seed, *show_gallery(settings)]
