"""The section *Score field*: controls, the field and its walkers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from diffusion import annealed_langevin
from diffusion.data.distributions.mixture import mixture_derivatives
from diffusion.sampling.langevin import langevin, stability_bound
from diffusion.training.score_matching import denoising_score_matching
from ui.components import FieldPlayer
from ui.score.score_field.compute import ANNEALED, ScoreFieldSettings
from ui.score.score_field.displays import show_parts
from ui.score.score_field.fields import EMPIRICAL, EXACT, scores_of
from ui.score.score_field.scripts import PREVIEW
from ui.score.score_field.strip import walk_strip
from ui.shared.controls import (
    Controls,
    answers,
    at_once,
    heavy,
    in_order,
    make_control,
    one_sentence,
    stops,
    waits_for,
)
from ui.shared.data import WITH_NETWORK
from ui.shared.drawing import LIMITS
from ui.shared.introduction import Introduction
from ui.shared.long_results import until_newer, visit_of
from ui.shared.offers import offers
from ui.shared.own_data import OwnData, show_pad
from ui.shared.permalinks import links, scroll_script
from ui.shared.section_opening import opens
from ui.shared.strips import StripControls
from ui.shared.texts import equation, source_panel
from ui.texts import Texts

TEXTS = Texts("score-field")
SHARED = Texts("shared")

INTRODUCTION = Introduction(
    ScoreFieldSettings,
    {
        "without_noise": {"temperature": 0.0},
        "small_sigma": {"score": EXACT, "sigma": 0.02, "step_size": 0.0004},
        "annealed": {"score": EXACT, "sigma": 0.02, "step_size": 0.0004, "dynamics": ANNEALED},
    },
    ("Song & Ermon 2019", "Vincent 2011", "Székely & Rizzo 2013"),
)


SHOWS = [show_parts, show_pad]


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    INTRODUCTION.lay_out()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = FieldPlayer(elem_id="score-player")
            strip = StripControls.lay_out()
            facts = gr.Markdown()
        with gr.Column(scale=2, min_width=320):
            at_once()
            for names in (("distribution", "score"), ("dynamics", "sigma")):
                with gr.Row():
                    controls |= {name: make_control(ScoreFieldSettings, name) for name in names}
            own_data = OwnData.lay_out(ScoreFieldSettings, controls)
            waits_for(TEXTS["walk"])
            for names in (("training_points", "step_size"), ("num_steps", "temperature")):
                with gr.Row():
                    controls |= {name: make_control(ScoreFieldSettings, name) for name in names}
            with gr.Accordion(TEXTS["more_controls"], open=False):
                for name in ("walkers", "x", "y", "start_std", "decay", "sigma_max", "num_sigmas"):
                    controls[name] = make_control(ScoreFieldSettings, name)
            with gr.Row():
                controls["seed"] = make_control(ScoreFieldSettings, "seed")
                walk = gr.Button(TEXTS["walk"], variant="primary", min_width=100)
                stop = gr.Button(SHARED["stop"], min_width=100)
            status = gr.Markdown()
            with gr.Accordion(SHARED["details"], open=False):
                equation(TEXTS["details"])
    source_panel(
        langevin,
        annealed_langevin,
        mixture_derivatives,
        stability_bound,
        denoising_score_matching,
    )

    inputs = in_order(ScoreFieldSettings, controls)
    strip.wire(ScoreFieldSettings, walk_strip, inputs)
    outputs = [player, facts, status]
    private: dict[str, Any] = {"api_visibility": "private", **heavy(facts, grows=True)}
    opening = opens(ScoreFieldSettings, SHOWS, [*inputs, *outputs, own_data.pad])
    choices = [controls[name].select for name in ("distribution", "score", "dynamics")]
    # Before the walk itself: listeners of one event take their turns.
    walk.click(fn=None, js=scroll_script("score-player"), api_visibility="private")
    controls["sigma"].input(fn=None, inputs=controls["sigma"], js=PREVIEW, api_visibility="private")
    offers(controls, {"score": (EXACT, EMPIRICAL)}, {"score": scores_of(WITH_NETWORK)})
    run = answers(
        ScoreFieldSettings,
        show_parts,
        [walk.click, controls["seed"].submit, controls["sigma"].release, *choices],
        inputs,
        outputs,
        old_endpoint="score",
        progress_on=facts,
    )
    dropped = player.drop(_drop, inputs, [controls["x"], controls["y"], *outputs], **private)
    links(dropped, ScoreFieldSettings, inputs)
    drawn = own_data.wire(inputs, show_parts, outputs, progress_on=facts)
    stops(stop, [*opening, run, dropped, *drawn], status, kept=TEXTS["stopped"])


def _drop(event: gr.EventData, request: gr.Request, *values: Any) -> Iterator[list[Any]]:
    with one_sentence():
        x, y = FieldPlayer.position(event, LIMITS)
        settings = replace(ScoreFieldSettings.from_values(values), x=round(x, 2), y=round(y, 2))
        first = [settings.x, settings.y]
        parts = ([*first, *outputs] for outputs in show_parts(settings))
        yield from until_newer(visit_of(request), settings.tab, parts)
