"""The page: its tabs and what they have in common."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from ui.components import PROGRAMS
from ui.components import STYLES as PLAYER_STYLES
from ui.ddpm import forward, likelihood, reverse, sample_quality, train_ddpm, variational_bound
from ui.gatekeeper import Gatekeeper
from ui.gradio_limits import SESSIONS_KEPT, limit_gradio
from ui.hand_on.routes import HandOnRoutes
from ui.hand_on.titles import MAX_TITLE
from ui.lecture.panel import panel
from ui.lecture.routes import LectureRoutes
from ui.lecture.scene_files import read_lecture
from ui.lecture.scenes import Scene, short_link
from ui.mistakes import mistakes_in_2d, mistakes_in_sound
from ui.ready_files import file_routes
from ui.ready_page import ReadyPage
from ui.score import score_field, train_score
from ui.shared.permalinks import linked_controls
from ui.shared.section import Section
from ui.shared.section_opening import OPEN_SECTIONS
from ui.sound import from_nothing, side_by_side, sound_designer, vocoder, vocoder_quality
from ui.texts import Texts, language
from ui.texts.scripts import texts_script

TEXTS = Texts("page")

TABS: dict[str, tuple[Section, ...]] = {
    "score": (
        score_field.SECTION,
        train_score.SECTION,
    ),
    "ddpm": (
        forward.SECTION,
        reverse.SECTION,
        sample_quality.SECTION,
        likelihood.SECTION,
        variational_bound.SECTION,
        train_ddpm.SECTION,
    ),
    "sound": (
        sound_designer.SECTION,
        vocoder.SECTION,
        side_by_side.SECTION,
        vocoder_quality.SECTION,
        from_nothing.SECTION,
    ),
    "mistakes": (
        mistakes_in_2d.SECTION,
        mistakes_in_sound.SECTION,
    ),
}
"""The sections of each tab by its address, `?tab=…`, which opens the first of them."""

OLD_TABS = {"diffusion": "ddpm", "notebook": "mistakes"}
"""Addresses of tabs in earlier versions; links with them still work."""

LONGEST_QUEUE = 60
"""Events that wait: two for each of thirty visitors."""

FOLDER = Path(__file__).parent

FONTS = ("ui-sans-serif", "system-ui", "sans-serif")
"""What stands in for Source Sans Pro. Of that, Gradio 6.31 ships a semibold face with two letters;
without it the browser takes the bold one for headings and buttons."""

SCRIPTS = [
    script for part in ("", "lecture", "hand_on") for script in sorted((FOLDER / part).glob("*.js"))
]
STYLES = [FOLDER / path for path in ("wide.css", "lecture/lecture.css", "hand_on/hand_on.css")]


def sections() -> list[Section]:
    """All sections of all tabs."""
    return [section for tab in TABS.values() for section in tab]


def lecture() -> list[Scene]:
    """The scenes of the folder `lectures`, in the language of the page.

    Raises:
        ValueError: if one is broken, with its file and line.
    """
    return _lecture_in(language())


@cache
def _lecture_in(spoken: str) -> list[Scene]:
    return read_lecture(FOLDER.parent / "lectures", [each.settings for each in sections()], spoken)


def shorten(view: str) -> str:
    """The shortest link to a view of the page."""
    return short_link(view, [each.settings for each in sections()])


def launch_options() -> dict[str, Any]:
    """What every launch of the page has in common, in the language of the page."""
    routes = [
        *LectureRoutes(lecture, shorten).routes(),
        *HandOnRoutes(sections).routes(),
        *file_routes(),
    ]
    return {
        "app_kwargs": {
            "routes": routes,
            "middleware": [Middleware(ReadyPage), Middleware(Gatekeeper)],
        },
        "css": (FOLDER / "page.css").read_text(encoding="utf-8"),
        "head": "".join(
            f"<style>{style}</style>"
            for style in (*(each.read_text(encoding="utf-8") for each in STYLES), PLAYER_STYLES)
        )
        + "".join(
            f"<script>{script}</script>"
            for script in (
                texts_script(),
                linked_controls([each.settings for each in sections()]),
                f"const MAX_TITLE = {MAX_TITLE};",
                *(each.read_text(encoding="utf-8") for each in SCRIPTS),
                PROGRAMS,
            )
        ),
        "footer_links": ["api", "settings"],
        "max_file_size": "20mb",
        "run_history": False,  # it would write every payload to disk
        "show_error": True,  # the sentence of an error, not its traceback
        "ssr_mode": False,
        "state_session_capacity": SESSIONS_KEPT,
        "theme": gr.themes.Default(
            font=(gr.themes.LocalFont("Source Sans Pro", (400, 700)), *FONTS)
        ),
    }


def build_page() -> gr.Blocks:
    """The whole app, not yet launched.

    Raises:
        ValueError: if a scene of the lecture is broken.
    """
    scenes = lecture()
    limit_gradio()
    demo: gr.Blocks
    with gr.Blocks(title=TEXTS["title"], delete_cache=(3600, 3600)) as demo:
        # While the page is empty: Gradio describes it anew for a queue. Who comes to a longer one
        # reads "This application is currently busy. Please try again."
        demo.queue(max_size=LONGEST_QUEUE, api_open=False)  # none goes past the queue
        gr.HTML(panel(scenes), padding=False)
        gr.Markdown(TEXTS["introduction"], elem_classes="page-introduction")
        begins, follows = (gr.Button(elem_classes=each) for each in ("begins", "follows"))
        with gr.Tabs(elem_classes="sections", overflow_behavior="wrap") as tabs:
            inner = []
            for name, tab in TABS.items():
                with gr.Tab(TEXTS[f"tabs.{name}"], id=name):
                    inner.append(_build_sections(tab))
        selection: dict[str, Any] = {
            "outputs": [tabs, *inner],
            "queue": False,
            "show_progress": "hidden",
            # or each news of any event copied all that is in the tabs
            "show_progress_on": follows,
            "api_visibility": "private",
        }
        in_browser: dict[str, Any] = {"fn": None, "api_visibility": "private"}
        opens = {**in_browser, "js": OPEN_SECTIONS}
        demo.load(**in_browser, js=_begins_in(language()))
        # `addresses.js` presses them.
        begins.click(_select_at_first, **selection).then(**opens)
        # The last counts: Back, and at once Back again.
        follows.click(_select_linked, **selection, trigger_mode="always_last").then(**opens)
    return demo


def _begins_in(spoken: str) -> str:
    """JavaScript that tells screen readers the language, and lets the page open."""
    return f"() => {{ document.documentElement.lang = {spoken!r}; begin(); return []; }}"


def _build_sections(tab: tuple[Section, ...]) -> gr.Tabs:
    tabs: gr.Tabs
    with gr.Tabs(elem_classes="sections", overflow_behavior="wrap") as tabs:
        for section in tab:
            with gr.Tab(section.settings.heading(), id=section.settings.tab):
                gr.Markdown(f"## {section.settings.heading()}", elem_classes="section-title")
                section.build()
    return tabs


def _select_linked(request: gr.Request) -> list[Any]:
    """The tabs, with those selected that the address names, or else its scene of the lecture."""
    return _selection(request, ())


def _select_at_first(request: gr.Request) -> list[Any]:
    """The same, but of tabs that are open as the page comes: to open them again takes it 0.2 s."""
    return _selection(request, [*TABS][:1] + [tab[0].settings.tab for tab in TABS.values()])


def _selection(request: gr.Request, selected: Collection[str]) -> list[Any]:
    query = dict(request.query_params)
    name, section = place_of(query.get("tab") or _tab_of_scene(query))
    tabs = [name, *(section if each == name else None for each in TABS)]
    return [
        gr.skip() if each is None or each in selected else gr.Tabs(selected=each) for each in tabs
    ]


def _tab_of_scene(query: dict[str, str]) -> str | None:
    number = query.get("scene", "1")
    scenes = lecture()
    if "lecture" not in query or not number.isdecimal() or not 0 < int(number) <= len(scenes):
        return None
    return scenes[int(number) - 1].settings.tab


def place_of(address: str | None) -> tuple[str, str]:
    """The tab and the section of `?tab=…`; the first ones, if no address names any."""
    for name, tab in TABS.items():
        for section in tab:
            if section.settings.is_at(address):
                return name, section.settings.tab
    name = OLD_TABS.get(address or "", address or "")
    name = name if name in TABS else next(iter(TABS))
    return name, TABS[name][0].settings.tab
