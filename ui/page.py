"""The page: its tabs and what they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ui import (
    bound_tab,
    designer_tab,
    forward_tab,
    likelihood_tab,
    mistakes_tab,
    quality_tab,
    reverse_tab,
    score_tab,
    sound_lanes_tab,
    sound_mistakes_tab,
    sound_quality_tab,
    train_ddpm_tab,
    train_score_tab,
    vocoder_tab,
    waveform_tab,
)
from ui.bound import BoundSettings
from ui.designer import DesignerSettings
from ui.forward import ForwardSettings
from ui.likelihood import LikelihoodSettings
from ui.mistakes import MistakesSettings
from ui.quality import QualitySettings
from ui.reverse import ReverseSettings
from ui.score import ScoreSettings
from ui.settings import Settings
from ui.sound_lanes import SoundLanesSettings
from ui.sound_mistakes import SoundMistakesSettings
from ui.sound_quality import SoundQualitySettings
from ui.train_ddpm import TrainDdpmSettings
from ui.train_score import TrainScoreSettings
from ui.vocoder import VocoderSettings
from ui.waveform import WaveformSettings

Sections = dict[type[Settings], tuple[str, Any]]
"""The title and the module of each section, by its settings. A module has `build` and `SHOWS`."""

TABS: dict[str, tuple[str, Sections]] = {
    "score": (
        "Score & Langevin",
        {
            ScoreSettings: ("Field and walkers", score_tab),
            TrainScoreSettings: ("Train live", train_score_tab),
        },
    ),
    "diffusion": (
        "Diffusion (DDPM)",
        {
            ForwardSettings: ("Forward", forward_tab),
            ReverseSettings: ("Reverse", reverse_tab),
            QualitySettings: ("Quality", quality_tab),
            LikelihoodSettings: ("Likelihood", likelihood_tab),
            BoundSettings: ("Bound", bound_tab),
            TrainDdpmSettings: ("Train live", train_ddpm_tab),
        },
    ),
    "waveform": (
        "Waveforms (WaveGrad)",
        {
            DesignerSettings: ("Sound designer", designer_tab),
            VocoderSettings: ("WaveGrad", vocoder_tab),
            SoundLanesSettings: ("Side by side", sound_lanes_tab),
            SoundQualitySettings: ("Quality", sound_quality_tab),
            WaveformSettings: ("From nothing", waveform_tab),
        },
    ),
    "notebook": (
        "The notebook's mistakes",
        {
            MistakesSettings: ("In two dimensions", mistakes_tab),
            SoundMistakesSettings: ("In sound", sound_mistakes_tab),
        },
    ),
}

INTRODUCTION = """
# Diffusion companion

Diffusion models to touch, check and hear. Everything on this page was computed by the code that it
shows; every setting is in the address bar, so that a view is a link.
"""

FOLDER = Path(__file__).parent

LAUNCH_OPTIONS: dict[str, Any] = {
    "css": (FOLDER / "page.css").read_text(encoding="utf-8"),
    "head": f"<script>{(FOLDER / 'page.js').read_text(encoding='utf-8')}</script>",
    "footer_links": ["api", "settings"],
    "max_file_size": "20mb",
    "run_history": False,  # it would write every payload to disk
    "show_error": True,  # the sentence of an error, not its traceback
    "ssr_mode": False,
}
"""What every launch of the page has in common, in the tests too."""


def build_page() -> gr.Blocks:
    """The whole app, not yet launched."""
    demo: gr.Blocks
    with gr.Blocks(title="Diffusion companion", delete_cache=(3600, 3600)) as demo:
        gr.Markdown(INTRODUCTION)
        with gr.Tabs(elem_classes="sections", overflow_behavior="wrap") as tabs:
            for name, (title, sections) in TABS.items():
                with gr.Tab(title, id=name):
                    _build_sections(demo, sections)
        demo.load(_linked_tab, outputs=tabs, api_visibility="private")
    return demo


def _build_sections(demo: gr.Blocks, sections: Sections) -> None:
    if len(sections) == 1:
        ((_, module),) = sections.values()
        module.build()
        return
    names = {settings.tab for settings in sections}
    with gr.Tabs(elem_classes="sections", overflow_behavior="wrap") as tabs:
        for settings, (title, module) in sections.items():
            with gr.Tab(title, id=settings.tab):
                module.build()

    def linked_section(request: gr.Request) -> gr.Tabs:
        section = request.query_params.get("tab")
        return gr.Tabs(selected=section) if section in names else gr.Tabs()

    demo.load(linked_section, outputs=tabs, api_visibility="private")


def warm_up() -> None:
    """Compute what the sections open on, so that the first visitor does not wait for it."""
    open_sections()
    train_score_tab.prepare()
    train_ddpm_tab.prepare()


def open_sections() -> None:
    """Compute what every section opens on but the trainings, which show an untrained network."""
    for _, sections in TABS.values():
        for settings, (_, module) in sections.items():
            for show in module.SHOWS:
                show(settings())


def _linked_tab(request: gr.Request) -> gr.Tabs:
    section = request.query_params.get("tab")
    for name, (_, sections) in TABS.items():
        if section in {name, *(settings.tab for settings in sections)}:
            return gr.Tabs(selected=name)
    return gr.Tabs()
