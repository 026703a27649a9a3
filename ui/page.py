"""The page: its tabs and what they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ui import diffusion_tab, score_tab, waveform_tab
from ui.diffusion import DiffusionSettings
from ui.score import ScoreSettings
from ui.waveform import WaveformSettings

TABS = {
    ScoreSettings.tab: ("Score & Langevin", score_tab),
    DiffusionSettings.tab: ("Diffusion (DDPM)", diffusion_tab),
    WaveformSettings.tab: ("Waveforms (WaveGrad)", waveform_tab),
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
        with gr.Tabs() as tabs:
            for name, (title, module) in TABS.items():
                with gr.Tab(title, id=name):
                    module.build(demo)
        demo.load(_linked_tab, outputs=tabs, api_visibility="private")
    return demo


def warm_up() -> None:
    """Compute what the tabs open on, so that the first visitor does not wait for it."""
    score_tab.show(ScoreSettings())
    diffusion_tab.show_forward(DiffusionSettings())
    diffusion_tab.show_reverse(DiffusionSettings())
    waveform_tab.show_generated(WaveformSettings())
    waveform_tab.show_composed(WaveformSettings())


def _linked_tab(request: gr.Request) -> gr.Tabs:
    tab = request.query_params.get("tab")
    return gr.Tabs(selected=tab if tab in TABS else next(iter(TABS)))
