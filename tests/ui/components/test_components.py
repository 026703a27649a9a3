"""The players: what Python packs (without a browser), and what the page shows, plays and sends."""

import base64
import itertools
import json
import os
import re

import numpy as np
import pytest
import soundfile

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr

from synth import Spectrograms
from ui.components import (
    PROGRAMS,
    STYLES,
    Difference,
    DrawingPad,
    FieldPlayer,
    Heat,
    Panel,
    PointPlayer,
    SoundCards,
    SoundPlayer,
    SoundView,
    SpectrumPad,
    TrainingPlayer,
)
from ui.components.base import encode_int16, encode_positions, encode_uint8, encode_uint16
from ui.gradio_limits import limit_gradio
from ui.sound.sound_views import SAMPLE_RATE, sound_views
from ui.texts.scripts import texts_script

LIMITS = (-3.0, 3.0)
FRAMES = 31
RATE = 16_000
SIZE = {"width": 1280, "height": 900}


def decode(packed):
    """What unpack() in common.js does."""
    codes = np.frombuffer(base64.b64decode(packed["base64"]), np.dtype(packed["dtype"]))
    return (packed["offset"] + packed["scale"] * codes).reshape(packed["shape"])


# ---- Packing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("encode", "steps"), [(encode_uint16, 65535), (encode_uint8, 255)])
def test_range_encoders_round_to_the_nearest_step(encode, steps):
    values = np.random.default_rng(0).uniform(-2, 5, (7, 3, 2))
    back = decode(encode(values, -2, 5))
    assert back.shape == values.shape
    assert np.abs(back - values).max() <= 7 / steps / 2 * 1.0001


def test_range_encoder_moves_what_is_outside_to_the_ends():
    back = decode(encode_uint16([-9.0, 9.0, np.inf, -np.inf, np.nan], -1, 1))
    np.testing.assert_allclose(back, [-1, 1, 1, -1, 1])


@pytest.mark.parametrize("ends", [(1, 1), (2, 1), (0, np.inf), (np.nan, 1)])
def test_range_encoder_refuses_an_impossible_range(ends):
    with pytest.raises(ValueError, match="finite and rise"):
        encode_uint16([0.0], *ends)


def test_positions_are_exact_to_a_hundredth_of_a_pixel():
    points = np.random.default_rng(0).uniform(*LIMITS, (500, 2))
    pixels = np.abs(decode(encode_positions(points, LIMITS)) - points) * 650 / 6
    assert pixels.max() < 0.01


def test_sound_keeps_silence_and_16_bits():
    sound = np.append(np.random.default_rng(0).uniform(-1, 1, 1000), 0.0)
    back = decode(encode_int16(sound))
    assert back[-1] == 0
    assert np.abs(back - sound).max() <= 0.5001 / 32767


@pytest.mark.parametrize("bad", [[0.0, 1.01], [-2.0], [np.nan], [np.inf]])
def test_sound_is_never_clipped_in_silence(bad):
    with pytest.raises(ValueError, match="must"):
        encode_int16(bad)


# ---- Payloads -----------------------------------------------------------------------------------


def point_payload(run="points-1", frames=FRAMES):
    """A blurred ring that contracts onto a circle."""
    rng = np.random.default_rng(1)
    angle = rng.uniform(0, 2 * np.pi, 600)
    circle = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    noise = rng.normal(size=circle.shape)
    level = np.linspace(1, 0.03, frames)[:, None, None]
    return PointPlayer.payload(
        {"x_t": (1 - level) * circle + level * noise, "x̂₀": (1 - level / 2) * circle + 0 * level},
        [f"t = {frames - 1 - k}" for k in range(frames)],
        limits=LIMITS,
        run=run,
        alt="600 points contract onto a circle",
        background=circle[:300],
    )


def field_payload(run="field-1", start=(1.5, -1.0)):
    """A rotating field around a hill, and one walker that spirals in."""
    ticks = np.linspace(*LIMITS, 48)
    x, y = np.meshgrid(ticks, ticks)
    heat = np.exp(-((x - 1) ** 2) - y**2) + 0.5 * np.exp(-((x + 1) ** 2) - (y + 1) ** 2)
    arrows = np.stack(np.meshgrid(*2 * [np.linspace(-2.8, 2.8, 17)]), axis=-1).reshape(-1, 2)
    time = np.linspace(0, 1, FRAMES)[:, None]
    turn = 5 * time
    spiral = (1 - time) * (
        np.cos(turn) * np.array(start) + np.sin(turn) * np.array([-start[1], start[0]])
    )
    return FieldPlayer.payload(
        limits=LIMITS,
        run=run,
        alt="two hills and a swirl",
        heats={
            "log p": Heat(heat, 0.0, 1.0, ("log p = −12", "log p = −1.3")),
            "slope": Heat(np.stack([heat, 1 - heat]), 0.0, 1.0, ("flat", "steep")),
        },
        arrows_xy=arrows,
        arrows_uv=np.stack([-arrows[:, 1], arrows[:, 0]], axis=-1) - 0.5 * arrows,
        data=np.random.default_rng(2).normal(size=(200, 2)),
        walkers=spiral[:, None, :],
        labels=[f"step {k}" for k in range(FRAMES)],
        layers=[int(k > 15) for k in range(FRAMES)],
        notes=[f"distance {k}" for k in range(FRAMES)],
        drop_hint="Tap the field to start a walker there.",
    )


def pictures_of(steps):
    """Each row is 10 dB above the one below; the second picture's rows are ever wider."""
    levels = np.broadcast_to(np.arange(-80.0, 1, 10)[:, None], (steps, 9, 25))
    even, wider = np.linspace(0, 4000, 10), 4000 * np.linspace(0, 1, 10) ** 2
    return {
        "spectrogram": Spectrograms(levels, even, 0.5),
        "mel": Spectrograms(levels, wider, 0.5),
    }


def sound_payload(run="sound-1", steps=6):
    """Noise that becomes a tone of six partials."""
    rng = np.random.default_rng(3)
    time = np.arange(RATE // 2) / RATE
    tone = sum(np.sin(2 * np.pi * 220 * k * time) / k for k in range(1, 7)) * np.exp(-3 * time)
    mix = np.linspace(0, 1, steps)[:, None] if steps > 1 else np.ones((1, 1))
    waves = mix * tone + (1 - mix) * rng.normal(size=tone.size) * 0.4
    sounds = 0.25 * waves / waves.std(axis=1, keepdims=True)
    sounds *= 1 / max(1.0, np.abs(sounds).max())
    power = np.abs(np.fft.rfft(waves * np.hanning(tone.size), n=2048))[:, :512] ** 2
    spectra = np.maximum(10 * np.log10(power / power.max() + 1e-12), -80)
    views = {"x_t": SoundView(sounds, spectra, pictures_of(steps))}
    if steps > 1:
        views["x̂₀"] = SoundView(sounds[::-1], spectra[::-1], pictures_of(steps))
    return SoundPlayer.payload(
        views,
        [f"t = {steps - 1 - k}" for k in range(steps)],
        sample_rate=RATE,
        run=run,
        alt="noise becomes a tone",
        file_name="tone",
    )


def tone_payload():
    """A low tone, in two phases: in it a click stands out."""
    time = np.arange(2 * RATE) / RATE
    waves = 0.4 * np.sin(2 * np.pi * 110 * time + np.array([[0.0], [2.0], [4.0]]))
    view = SoundView(waves, np.zeros((3, 4)))
    return SoundPlayer.payload(
        {"one": view, "other": SoundView(-waves, np.zeros((3, 4)))},
        ["a", "b", "c"],
        sample_rate=RATE, run="tone", alt="a low tone", file_name="tone",
    )  # fmt: skip


def test_payloads_are_json_and_small():
    for payload in (point_payload(), field_payload(), sound_payload()):
        json.dumps(payload)
    assert len(json.dumps(point_payload())) < 1.5 * (2 * FRAMES * 600 * 2 * 2 + 5000)


def test_point_payload_holds_the_points():
    payload = point_payload()
    (panel,) = payload["panels"]
    assert decode(panel["views"]["x_t"]).shape == (FRAMES, 600, 2)
    assert panel["captions"] == payload["labels"]


def panel(title, frames, particles=40, names=("x_t", "x̂₀"), marked=None):
    """Points on a line that spreads, from one place in each panel."""
    time = np.linspace(0, 1, frames)[:, None]
    x = time * np.linspace(-2, 2, particles)
    points = np.stack([x, x / 2], axis=-1)
    captions = [f"{title} {k}" for k in range(frames)]
    return Panel(title, dict.fromkeys(names, points), captions, marked)


def side_by_side(panels, run="panels-1"):
    return PointPlayer.side_by_side(
        panels, limits=LIMITS, run=run, alt="panels", mark="off the line"
    )


def test_panels_keep_their_frames_and_the_longest_counts():
    payload = side_by_side([panel("a", 5), panel("b", 11, marked=np.arange(40) < 3)])
    shapes = [decode(p["views"]["x_t"]).shape for p in payload["panels"]]
    assert shapes == [(5, 40, 2), (11, 40, 2)]
    assert len(payload["labels"]) == 11
    assert payload["panels"][0]["marked"] is None
    assert decode(payload["panels"][1]["marked"]).tolist() == [1, 1, 1] + 37 * [0]


@pytest.mark.parametrize(
    "panels",
    [
        [],
        [panel("a", 5), panel("b", 5, particles=41)],
        [panel("a", 5), panel("b", 5, names=("x_t",))],
        [panel("a", 5, marked=np.zeros(3))],
    ],
)
def test_panels_must_fit_together(panels):
    with pytest.raises(ValueError, match=r"panel|shape"):
        side_by_side(panels)


@pytest.mark.parametrize(
    "views",
    [
        {},
        {"x": np.zeros((3, 5, 3))},
        {"x": np.zeros((2, 5, 2))},
        {"x": np.zeros((3, 0, 2))},
        {"x": np.zeros((3, 5, 2)), "y": np.zeros((3, 4, 2))},
    ],
)
def test_point_payload_refuses_bad_shapes(views):
    with pytest.raises(ValueError, match=r"view|shape"):
        PointPlayer.payload(views, ["a", "b", "c"], limits=LIMITS, run="1", alt="")


@pytest.mark.parametrize(
    "change",
    [
        {"heats": {"a": Heat(np.zeros(5), 0, 1, ("", ""))}},
        {"heats": {"a": Heat(np.zeros((3, 3)), 1, 1, ("", ""))}},
        {"walkers": np.zeros((1, 1, 2)), "labels": ["a"], "layers": [0, 1]},
        {"walkers": np.zeros((1, 1, 2)), "labels": ["a"], "notes": ["a", "b"]},
        {"arrows_xy": np.zeros((4, 2))},
        {"arrows_xy": np.zeros((4, 2)), "arrows_uv": np.zeros((3, 2))},
        {"walkers": np.zeros((3, 1, 2)), "labels": ["a"]},
        {"labels": ["a"]},
        {"limits": (1, 1)},
        {"data": np.zeros((4, 3))},
    ],
)
def test_field_payload_refuses_bad_shapes(change):
    with pytest.raises(ValueError, match=r"must|go together|labels"):
        FieldPlayer.payload(**{"limits": LIMITS, "run": "1", "alt": "", **change})


@pytest.mark.parametrize("lengths", ["log", "linear"])
def test_arrows_keep_their_direction_and_the_longest_fills_its_place(lengths):
    uv = np.array([[3.0, 4.0], [0.0, 1.0], [0.0, 0.0], [np.nan, 1.0]])
    arrows = FieldPlayer.payload(
        limits=LIMITS, run="1", alt="", arrows_xy=np.zeros((4, 2)), arrows_uv=uv,
        arrow_lengths=lengths,
    )["arrows"]  # fmt: skip
    reach = decode(arrows["reach"])
    norms = np.linalg.norm(reach, axis=1)
    np.testing.assert_allclose(reach[0] / norms[0], [0.6, 0.8], atol=1e-3)
    assert norms[0] == pytest.approx(3.0, rel=1e-3)  # 6 wide, 4 arrows: 3 apart
    shorter = 0.2 if lengths == "linear" else np.log1p(1 / 3) / np.log1p(5 / 3)
    assert norms[1] / norms[0] == pytest.approx(shorter, abs=1e-3)
    np.testing.assert_allclose(norms[2:], 0, atol=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"views": {}},
        {"sample_rate": 10},
        {"views": {"x": SoundView(np.zeros((2, 10)), np.zeros((2, 4)))}},
        {"views": {"x": SoundView(np.zeros((1, 10)), np.zeros((2, 4)))}},
        {"views": {"x": SoundView(np.full((1, 10), 1.5), np.zeros((1, 4)))}},
    ],
)
def test_sound_payload_refuses_what_does_not_fit(change):
    fitting = {
        "views": {"x": SoundView(np.zeros((1, 10)), np.zeros((1, 4)))},
        "labels": ["one"],
        "sample_rate": RATE,
    }
    with pytest.raises(ValueError, match=r"must|needed"):
        SoundPlayer.payload(**{**fitting, **change}, run="1", alt="", file_name="x")


def test_drawn_wave_shows_every_peak():
    wave = np.zeros((1, 5000))
    wave[0, 3333] = 0.9
    sound = SoundPlayer.payload(
        {"x": SoundView(wave, np.zeros((1, 4)))}, [""],
        sample_rate=RATE, run="1", alt="", file_name="x",
    )  # fmt: skip
    assert decode(sound["views"]["x"]["whole"]).max() == pytest.approx(0.9, abs=1e-4)


def test_all_views_of_a_sound_are_equally_loud_and_it_opens_on_one_of_its_steps():
    wave, spectrum = np.zeros((1, 5000)), np.zeros((1, 4))
    options = {
        "sample_rate": RATE, "run": "1", "alt": "", "file_name": "x",
    }  # fmt: skip
    views = {
        name: SoundView(wave, spectrum, loudness=loud) for name, loud in (("a", -20), ("b", -22))
    }
    with pytest.raises(ValueError, match="equally loud"):
        SoundPlayer.payload(views, [""], **options)
    with pytest.raises(ValueError, match="opens_at must be a step, 0 to 0"):
        SoundPlayer.payload({"a": views["a"]}, [""], **options, opens_at=1)
    payload = SoundPlayer.payload({"a": views["a"]}, [""], **options, partials=[220.04, 7999, 8001])
    assert (payload["opens_at"], payload["loudness"]) == (0, -20)
    assert payload["partials"] == [220.0, 7999.0]  # those that the pictures reach


def test_all_views_of_a_sound_have_the_same_pictures():
    wave, spectrum = np.zeros((1, 5000)), np.zeros((1, 4))
    views = {"a": SoundView(wave, spectrum, pictures_of(1)), "b": SoundView(wave, spectrum)}
    with pytest.raises(ValueError, match="same pictures"):
        SoundPlayer.payload(views, [""], sample_rate=RATE, run="1", alt="", file_name="x")


@pytest.mark.parametrize(("steps", "limit"), [(1, 200_000), (21, 500_000)])
def test_the_pictures_of_a_second_of_sound_are_small(steps, limit):
    rng = np.random.default_rng(0)
    waves = {name: rng.normal(size=(steps, SAMPLE_RATE)) for name in ("x_t", "x̂₀")}
    payload = SoundPlayer.payload(
        sound_views(waves),
        [""] * steps,
        sample_rate=SAMPLE_RATE, run="1", alt="", file_name="x",
    )  # fmt: skip
    for view in payload["views"].values():
        assert list(view["pictures"]) == ["spectrogram", "mel"]
        assert len(json.dumps(view["pictures"])) < limit
        for picture in view["pictures"].values():
            levels = decode(picture["levels"])
            assert levels.shape == (steps, len(picture["edges"]) - 1, 74)
            assert levels.max() == 0


@pytest.mark.parametrize("sent", [{}, {"x": 9, "y": 0}, {"x": "a", "y": 0}, {"x": "nan", "y": 0}])
def test_drop_positions_from_the_browser_are_checked(sent):
    with pytest.raises(ValueError, match="drop"):
        FieldPlayer.position(gr.EventData(None, sent), LIMITS)


def test_players_write_no_stub_files_beside_their_source():
    from ui.components.base import FOLDER

    assert not list(FOLDER.glob("*.pyi"))


@pytest.mark.parametrize(
    "player",
    [PointPlayer, FieldPlayer, SoundPlayer, SoundCards, SpectrumPad, DrawingPad, Difference],
)
def test_templates_hold_nothing_that_gradio_would_evaluate(player):
    with gr.Blocks():
        component = player()
    assert not re.search(r"\{\{|\$\{|`|\\", component.html_template)
    assert "<!-- transport -->" not in component.html_template


@pytest.mark.parametrize(
    "player",
    [PointPlayer, FieldPlayer, SoundPlayer, SoundCards, SpectrumPad, DrawingPad, TrainingPlayer],
)
def test_a_player_that_opens_with_a_value_finds_all_that_it_needs(player):
    # The value may be there as the program first runs: a constant below does not exist then.
    _, received, after = player.program().rpartition("receive(load);\n")
    assert received
    assert re.findall(r"^(?:const|let|class) .*", after, re.MULTILINE) == []


# ---- In the browser -----------------------------------------------------------------------------


def payloads():
    """What the players show as the page opens."""
    runs = [panel(str(k), 5 * k, marked=np.arange(40) < k) for k in (1, 2, 3)]
    return {
        "points": point_payload(),
        "field": field_payload(),
        "sound": sound_payload(),
        "single": sound_payload("one", 1),
        "tone": tone_payload(),
        "panels": side_by_side(runs),
    }


def build_page(drops):
    """The three players in two tabs, and the single-step sound of a designer."""
    numbers = itertools.count(2)
    opening = payloads()

    def drop(event: gr.EventData):
        x, y = FieldPlayer.position(event, LIMITS)
        drops.append((x, y))
        return field_payload(f"field-{next(numbers)}", (x, y))

    with gr.Blocks(title="players") as demo:
        with gr.Tab("plane"), gr.Row():
            with gr.Column(min_width=320):
                points = PointPlayer(elem_id="points")
                renew = gr.Button("renew")
            with gr.Column(min_width=320):
                field = FieldPlayer(elem_id="field")
        with gr.Tab("sound"):
            sound = SoundPlayer(elem_id="sound")
            single = SoundPlayer(elem_id="single")
            tone = SoundPlayer(elem_id="tone")
        with gr.Tab("panels"):
            panels = PointPlayer(elem_id="panels")
        players = [points, field, sound, single, tone, panels]
        # What is not visible is not on the page: so every player is mounted anew.
        hidden = len(players) * [gr.update(visible=False)]
        gr.Button("remove").click(lambda: hidden, outputs=players)
        gr.Button("mount").click(
            lambda: [gr.update(visible=True, value=each) for each in opening.values()],
            outputs=players,
        )
        field.drop(drop, outputs=field, show_progress="hidden")
        renew.click(lambda: point_payload(f"points-{next(numbers)}", 11), outputs=points)
        demo.load(lambda: list(opening.values()), outputs=players)
    return demo


@pytest.fixture(scope="module")
def drops():
    return []


@pytest.fixture(scope="module")
def url(drops):
    limit_gradio()
    demo = build_page(drops)
    _, local, _ = demo.launch(
        head=f"<style>{STYLES}</style><script>{texts_script()}{PROGRAMS}</script>",
        prevent_thread_lock=True,
        quiet=True,
        run_history=False,
        ssr_mode=False,
    )
    yield local
    demo.close()


SHOWN = {
    "plane": ("#points", "#field"),
    "sound": ("#sound", "#single", "#tone"),
    "panels": ("#panels",),
}

NOTE_OPENING = """() => {
  const wrapped = [
    [AudioBufferSourceNode, "start"],
    [AudioNode, "connect"],
    [CanvasRenderingContext2D, "fillText"],
  ];
  const body = document.body.className;
  const methods = wrapped.map(([{ prototype }, name]) => [prototype, name, prototype[name]]);
  window.putBack = (agent) => {
    const audio = Symbol.for("companion.audio");
    globalThis[audio]?.context?.close();
    delete globalThis[audio];
    for (const [prototype, name, method] of methods) prototype[name] = method;
    delete navigator.userAgent;
    if (agent) Object.defineProperty(navigator, "userAgent", { value: agent, configurable: true });
    document.body.className = body;
    document.activeElement.blur();
    window.noted = {};
  };
}"""
"""Keeps what the tests change outside the players, so that it can be put back."""


@pytest.fixture(scope="module")
def kept_page(url, open_for_module):  # in this order: the page is closed before its server
    page = open_for_module(url, wait_for="#points [data-run]")
    page.evaluate(NOTE_OPENING)
    return page


@pytest.fixture
def show_players(kept_page):
    """Shows a tab of the page as it opens, on a page that is open: all players are new."""
    page = kept_page

    def press(name):
        page.get_by_role("button", name=name, exact=True).dispatch_event("click")

    def show_players(tab, *, viewport=SIZE, user_agent=None):
        press("remove")
        page.wait_for_selector(".player", state="detached")
        page.evaluate("putBack", user_agent)
        page.mouse.move(0, 0)
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size(viewport)
        page.get_by_role("tab", name=tab).click()
        press("mount")
        for player in SHOWN[tab]:
            page.wait_for_selector(f"{player} [data-run]")
        return page

    yield show_players
    page.check()


def wait_attribute(page, selector, name, value):
    page.wait_for_function(
        "([s, n, v]) => document.querySelector(s)?.getAttribute(n) === v",
        arg=[selector, name, str(value)],
    )


def attribute(page, player, name):
    return page.locator(f"{player} [data-run]").get_attribute(name)


def pixels(page, player, canvas="canvas"):
    """How many colours a canvas shows, and a sum that tells one picture from another."""
    script = """(canvas) => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
        const { width, height } = canvas;
        const data = new Uint32Array(
            canvas.getContext('2d').getImageData(0, 0, width, height).data.buffer);
        done([new Set(data).size, data.reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7)]);
    })))"""
    return page.locator(f"{player} {canvas}").first.evaluate(script)


def scrub(page, player, frame):
    page.locator(f"{player} .scrub").evaluate(
        "(input, v) => { input.value = v; input.dispatchEvent(new Event('input')); }", frame
    )


NOTE_FRAMES = """() => {
  const player = document.querySelector("#points [data-run]");
  const frames = (noted.frames = []);
  new MutationObserver(() => frames.push(Number(player.dataset.frame)))
    .observe(player, { attributeFilter: ["data-frame"] });
}"""


@pytest.mark.browser
def test_points_play_once_and_stop_at_the_end(show_players):
    page = show_players("plane")
    page.evaluate(NOTE_FRAMES)
    page.emulate_media(reduced_motion="no-preference")
    page.get_by_role("button", name="renew").click()
    wait_attribute(page, "#points [data-run]", "data-frame", 10)
    wait_attribute(page, "#points [data-run]", "data-playing", "false")
    frames = page.evaluate("noted.frames")
    assert (frames[0], frames[-1]) == (0, 10)
    assert frames == sorted(set(frames))
    assert len(frames) > 6  # a step lasts 0.07 s; of a late frame 0.1 s count
    colours, _ = pixels(page, "#points")
    assert colours > 50
    assert page.locator("#points canvas").get_attribute("aria-label") == (
        "600 points contract onto a circle, x_t, t = 0"
    )


@pytest.mark.browser
@pytest.mark.parametrize("player", ["#points", "#field"])
def test_scrubbing_draws_at_once_and_asks_no_server(show_players, player):
    page = show_players("plane")
    wait_attribute(page, f"{player} [data-run]", "data-frame", FRAMES - 1)
    page.wait_for_load_state("networkidle")
    before, pictures = len(page.requests), set()
    for frame in (0, 10, 20, 5):
        scrub(page, player, frame)
        assert attribute(page, player, "data-frame") == str(frame)
        pictures.add(pixels(page, player)[1])
    assert len(pictures) == 4
    assert len(page.requests) == before


@pytest.mark.browser
def test_keyboard_plays_and_steps(show_players):
    page = show_players("plane")
    page.locator("#points .stage").focus()
    page.keyboard.press("Home")
    assert attribute(page, "#points", "data-frame") == "0"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert attribute(page, "#points", "data-frame") == "1"
    assert page.locator("#points .step").inner_text() == f"t = {FRAMES - 2}"
    page.keyboard.press("Space")
    wait_attribute(page, "#points [data-run]", "data-playing", "true")
    page.keyboard.press("Space")
    assert attribute(page, "#points", "data-playing") == "false"
    page.keyboard.press("End")
    assert attribute(page, "#points", "data-frame") == str(FRAMES - 1)


@pytest.mark.browser
def test_views_toggles_and_following_change_the_picture(show_players):
    page = show_players("plane")
    scrub(page, "#points", 12)
    pictures = [pixels(page, "#points")[1]]
    page.locator("#points").get_by_label("trails").check()
    pictures.append(pixels(page, "#points")[1])
    page.locator("#points").get_by_label("data").uncheck()
    pictures.append(pixels(page, "#points")[1])
    page.locator("#points").get_by_label("x̂₀").check()
    assert attribute(page, "#points", "data-view") == "x̂₀"
    pictures.append(pixels(page, "#points")[1])
    box = page.locator("#points canvas").bounding_box()
    # x̂₀ is a circle of radius below 2 around the middle: its right end surely holds a point.
    page.mouse.click(
        box["x"] + 0.5 * box["width"] + 0.26 * box["width"], box["y"] + 0.5 * box["height"]
    )
    assert attribute(page, "#points", "data-selected") != ""
    pictures.append(pixels(page, "#points")[1])
    assert len(set(pictures)) == 5


@pytest.mark.browser
def test_a_new_value_keeps_the_canvas(show_players):
    page = show_players("plane")
    page.locator("#points canvas").evaluate("(canvas) => (canvas.mark = 'same')")
    page.get_by_role("button", name="renew").click()
    page.wait_for_function(
        "!['points-1'].includes(document.querySelector('#points [data-run]').dataset.run)"
    )
    wait_attribute(page, "#points [data-run]", "data-frame", 10)
    assert page.locator("#points canvas").evaluate("(canvas) => canvas.mark") == "same"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_a_click_on_the_field_reaches_python(show_players, drops, width):
    page = show_players("plane", viewport={"width": width, "height": 900})
    canvas = page.locator("#field canvas")
    canvas.scroll_into_view_if_needed()
    before, run = len(drops), attribute(page, "#field", "data-run")
    box = canvas.bounding_box()
    side = min(box["width"] - 44, box["height"] - 30)
    x, y = 1.2, -2.1
    canvas.click(position={"x": 36 + side * (x + 3) / 6, "y": 6 + side * (3 - y) / 6})
    marked = [float(v) for v in attribute(page, "#field", "data-drop").split(",")]
    assert marked == pytest.approx([x, y], abs=0.06)
    page.wait_for_function(
        "(run) => document.querySelector('#field [data-run]').dataset.run !== run", arg=run
    )
    assert len(drops) == before + 1
    assert drops[-1] == pytest.approx((x, y), abs=0.06)


@pytest.mark.browser
def test_the_keyboard_drops_too(show_players, drops):
    page = show_players("plane")
    before = len(drops)
    page.locator("#field .stage").focus()
    for key in ["ArrowRight"] * 5 + ["ArrowUp"] * 3 + ["Shift+ArrowUp"]:
        page.keyboard.press(key)
    frame = attribute(page, "#field", "data-frame")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#field [data-run]').dataset.run !== 'field-1'")
    assert drops[before:] == [pytest.approx((0.6, 0.372))]
    assert frame == str(FRAMES - 1)  # the arrows moved the cross, not the history


@pytest.mark.browser
def test_a_walker_is_followed_by_keys(show_players, drops):
    page = show_players("plane")
    page.locator("#field .stage").focus()
    before, pictures = len(drops), set()
    last = page.locator("#field canvas").evaluate("canvas => canvas.toDataURL()")
    for key, selected in (("n", "0"), ("Escape", ""), ("p", "0")):
        page.keyboard.press(key)
        assert attribute(page, "#field", "data-selected") == selected
        page.wait_for_function(
            "last => document.querySelector('#field canvas').toDataURL() !== last", arg=last
        )
        last = page.locator("#field canvas").evaluate("canvas => canvas.toDataURL()")
        pictures.add(last)
    assert len(pictures) == 2  # with the walker's path and without
    assert len(drops) == before


def level_above(page, player, level):
    page.wait_for_function(
        "([p, l]) => Number(document.querySelector(p + ' [data-run]').dataset.level) > l",
        arg=[player, level],
    )


@pytest.mark.browser
def test_listening_sounds_and_stops(show_players):
    page = show_players("sound")
    assert attribute(page, "#sound", "data-level") == "0"
    page.locator("#sound").get_by_label("loop").check()
    page.locator("#sound").get_by_role("button", name="Listen").click()
    level_above(page, "#sound", 0.02)
    assert page.locator("#sound").get_by_role("status").inner_text() == "Playing x_t, t = 0"
    page.wait_for_load_state("networkidle")
    before = len(page.requests)
    for frame in range(6):
        scrub(page, "#sound", frame)
        assert attribute(page, "#sound", "data-listening") == "true"
        level_above(page, "#sound", 0.02)
    assert len(page.requests) == before
    page.locator("#sound").get_by_role("button", name="Stop").click()
    wait_attribute(page, "#sound [data-run]", "data-level", "0")
    assert attribute(page, "#sound", "data-listening") == "false"


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
PAUSED = "() => globalThis[Symbol.for('companion.audio')].silence?.paused ?? null"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("agent", "playing", "stopped"), [(IPHONE, False, True), (None, None, None)]
)
def test_on_a_phone_with_a_silent_switch_silence_plays_as_long_as_a_sound(
    show_players, agent, playing, stopped
):
    page = show_players("sound", user_agent=agent)
    player = page.locator("#sound")
    hint = player.get_by_text("No sound?")
    assert not hint.is_visible()
    player.get_by_label("loop").check()
    player.get_by_role("button", name="Listen").click()
    level_above(page, "#sound", 0.02)
    page.wait_for_function(f"value => ({PAUSED})() === value", arg=playing)
    assert hint.is_visible() == (agent is not None)
    player.get_by_role("button", name="Stop").click()
    page.wait_for_function(f"value => ({PAUSED})() === value", arg=stopped)


@pytest.mark.browser
def test_a_saved_sound_is_the_one_that_is_heard_and_begins_and_ends_without_a_click(
    show_players, tmp_path
):
    page = show_players("sound")
    page.evaluate(
        """() => {
            const start = AudioBufferSourceNode.prototype.start;
            AudioBufferSourceNode.prototype.start = function (...when) {
                noted.heard = [...this.buffer.getChannelData(0)];
                return start.apply(this, when);
            };
        }"""
    )
    payload = sound_payload()
    shown = decode(payload["views"]["x_t"]["sounds"])[0]
    edge = round(0.004 * RATE)
    ends = np.stack([shown[:edge], shown[: -edge - 1 : -1]])
    assert np.abs(ends[:, :10]).max(axis=1).min() > 0.1  # as it is, it would click at both ends
    scrub(page, "#sound", 0)
    player = page.locator("#sound")
    player.get_by_role("button", name="Listen").click()
    page.wait_for_function("noted.heard")
    with page.expect_download() as found:
        player.get_by_role("button", name="Save wav").click()
    found.value.save_as(tmp_path / "saved.wav")
    saved, rate = soundfile.read(tmp_path / "saved.wav", dtype="int16")
    assert rate == RATE
    assert np.abs(saved / 32767 - page.evaluate("noted.heard")).max() <= 0.51 / 32767  # 16 bits
    assert np.allclose(saved[edge:-edge] / 32767, shown[edge:-edge], atol=1e-4)
    for end, raw in zip((saved[:edge], saved[: -edge - 1 : -1]), ends, strict=True):
        assert end[0] == 0
        assert np.allclose(end / 32767, raw * np.arange(edge) / edge, atol=1e-4)


@pytest.mark.browser
def test_players_have_names_of_their_own_and_promise_only_the_keys_that_they_have(show_players):
    page = show_players("sound")
    players = [page.locator(f"{each} .player") for each in ("#points", "#field", "#sound")]
    assert [each.get_attribute("aria-label") for each in players] == [
        "Trajectory player: 600 points contract onto a circle",
        "Field player: two hills and a swirl",
        "Sound player: noise becomes a tone",
    ]
    page.wait_for_selector("#single [data-run]")
    several, one = (
        page.locator(f"{each} .stage").get_attribute("aria-label") for each in ("#sound", "#single")
    )
    assert several == f"{one}, B goes to the view before and back, digits choose a view"


@pytest.mark.browser
def test_another_view_goes_on_at_the_same_position(show_players):
    page = show_players("sound")
    page.evaluate(
        """() => {
            noted.starts = [];
            const start = AudioBufferSourceNode.prototype.start;
            AudioBufferSourceNode.prototype.start = function (when, offset) {
                noted.starts.push([this.context.currentTime, offset]);
                return start.call(this, when, offset);
            };
        }"""
    )
    player = page.locator("#sound")
    player.get_by_label("loop").check()
    player.get_by_role("button", name="Listen").click()
    level_above(page, "#sound", 0.02)
    page.locator("#sound .stage").focus()
    for key, view in (("b", "x̂₀"), ("b", "x_t"), ("2", "x̂₀"), ("1", "x_t")):
        page.wait_for_timeout(30)
        page.keyboard.press(key)
        assert attribute(page, "#sound", "data-view") == view
        assert player.get_by_label(view, exact=True).is_checked()
    player.get_by_role("button", name="A/B").click()
    assert attribute(page, "#sound", "data-view") == "x̂₀"
    assert attribute(page, "#sound", "data-listening") == "true"
    (began, first), *others = page.evaluate("noted.starts")
    assert first == 0
    assert len(others) == 5
    for now, offset in others:
        late = (now - began - offset + 0.25) % 0.5 - 0.25  # of a loop of half a second
        assert abs(late) < 0.1  # on a busy machine the clock goes on meanwhile, in bursts
        assert offset > 0
    assert not page.locator("#single").get_by_role("button", name="A/B").is_visible()
    page.locator("#single .stage").focus()
    page.keyboard.press("Space")
    wait_attribute(page, "#single [data-run]", "data-listening", "true")


@pytest.mark.browser
def test_spectrograms_show_their_numbers_under_the_pointer(show_players):
    page = show_players("sound", viewport={"width": 700, "height": 800})
    player, canvas = page.locator("#sound"), page.locator("#sound .spectrum")
    assert attribute(page, "#sound", "data-picture") == "spectrogram"
    box, seen = canvas.bounding_box(), {}
    for picture in ("spectrogram", "mel", "spectrum"):
        player.get_by_label(picture, exact=True).check()
        assert attribute(page, "#sound", "data-picture") == picture
        assert canvas.get_attribute("aria-label").lower().startswith(picture)
        assert canvas.bounding_box() == box
        # A quarter of the way along, 6.5 of 9 rows up.
        x, y = 48 + 0.25 * (box["width"] - 56), 6 + (1 - 6.5 / 9) * (box["height"] - 32)
        canvas.hover(position={"x": round(x), "y": round(y)})
        colours, seen[picture] = pixels(page, "#sound", ".spectrum")
        assert colours > 9
        if picture == "spectrogram":
            assert re.fullmatch(
                r"12[45] ms, 2\.(8[6-9]|9\d) kHz, −20 dB", canvas.get_attribute("data-readout")
            )
        elif picture == "mel":  # 4 kHz · (6.5 / 9)² = 2.09, in a row from 1.78 to 2.42
            assert re.fullmatch(
                r"12[45] ms, 2\.(0[6-9]|1[0-3]) kHz, −20 dB", canvas.get_attribute("data-readout")
            )
        else:  # a quarter of toMel(8000) = 45.2, where the scale is linear: 66.7 Hz each
            assert re.fullmatch(r"75\d Hz, −\d+ dB", canvas.get_attribute("data-readout"))
    assert len(set(seen.values())) == 3
    assert not player.get_by_label("first 30 ms").is_checked()  # one time axis in both pictures
    page.mouse.move(0, 0)
    pixels(page, "#sound", ".spectrum")
    assert canvas.get_attribute("data-readout") == ""


NOTE_ROOM = """() => {
  noted.rooms = [];
  const paint = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const beside = this.textAlign === "right" && this.textBaseline === "middle";
    if (beside && this.canvas.closest("#sound"))
      noted.rooms.push([this.canvas.clientWidth, x - this.measureText("10 kHz").width]);
    paint.call(this, text, x, y);
  };
}"""
"""What the widest label beside a picture of sound leaves free, with the width of the picture."""


@pytest.mark.browser
def test_labels_beside_a_picture_are_whole_in_large_letters_too(show_players):
    page = show_players("sound", viewport={"width": 1920, "height": 1080})
    page.evaluate(NOTE_ROOM)
    for width in (1920, 500):
        page.set_viewport_size({"width": width, "height": 1080})
        for picture in ("mel", "spectrum", "spectrogram"):
            page.locator("#sound").get_by_label(picture, exact=True).check()
            pixels(page, "#sound", ".spectrum")
    rooms = page.evaluate("noted.rooms")
    assert min(width for width, _ in rooms) < 500 < 900 < max(width for width, _ in rooms)
    assert min(room for _, room in rooms) > 0


@pytest.mark.browser
def test_a_sound_ends_by_itself_and_shows_two_pictures(show_players):
    page = show_players("sound")
    for canvas in (".wave", ".spectrum"):
        assert pixels(page, "#sound", canvas)[0] > 20
    whole = pixels(page, "#sound", ".wave")[1]
    page.locator("#sound").get_by_label("first 30 ms").check()
    assert pixels(page, "#sound", ".wave")[1] != whole
    page.locator("#sound").get_by_role("button", name="Listen").click()
    level_above(page, "#sound", 0.01)
    wait_attribute(page, "#sound [data-run]", "data-listening", "false")
    wait_attribute(page, "#sound [data-run]", "data-level", "0")


@pytest.mark.browser
def test_playing_through_the_steps_is_heard_and_ends(show_players):
    page = show_players("sound")
    page.locator("#sound").get_by_role("button", name="Play").click()
    level_above(page, "#sound", 0.02)
    wait_attribute(page, "#sound [data-run]", "data-frame", 3)
    assert attribute(page, "#sound", "data-listening") == "true"
    wait_attribute(page, "#sound [data-run]", "data-frame", 5)
    wait_attribute(page, "#sound [data-run]", "data-listening", "false")


RECORD = """() => {
  const code = 'registerProcessor("tape", class extends AudioWorkletProcessor {' +
    'process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; } })';
  const { connect } = AudioNode.prototype;
  const samples = (noted.tape = []);
  AudioNode.prototype.connect = function (to) {
    const { context } = this;
    if (to === context.destination) {
      const module = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      context.audioWorklet.addModule(module).then(() => {
        const tape = new AudioWorkletNode(context, "tape");
        tape.port.onmessage = ({ data }) => samples.push(...data);
        connect.call(this, tape);
      });
    }
    return connect.call(this, to);
  };
}"""
"""Keeps every sample that leaves a player, as the audio thread makes it."""


@pytest.mark.browser
def test_nothing_clicks_at_a_scrub_a_change_of_view_or_a_stop(show_players):
    page = show_players("sound")
    page.wait_for_selector("#tone [data-run]")
    page.evaluate(RECORD)
    player = page.locator("#tone")
    player.get_by_label("loop").check()
    player.get_by_role("button", name="Listen").click()
    page.wait_for_function("noted.tape.length > 20000")
    for frame in (0, 1, 2, 0, 1):
        scrub(page, "#tone", frame)
        page.wait_for_timeout(25)  # faster than a fade
    for name in ("other", "one"):
        player.get_by_label(name, exact=True).check()
        page.wait_for_timeout(100)
    player.get_by_role("button", name="Stop").click()
    page.wait_for_function("noted.tape.length > 4000 && noted.tape.slice(-4000).every((x) => !x)")
    tape = np.array(page.evaluate("noted.tape"))
    loudest = np.abs(tape).max()
    assert loudest > 0.1
    assert np.abs(np.diff(tape, 2)).max() < 0.02 * loudest  # a cut bends it by its height


@pytest.mark.browser
def test_only_one_player_sounds_and_none_behind_a_closed_tab(show_players):
    page = show_players("sound")
    for player in ("#sound", "#single"):
        page.locator(player).get_by_label("loop").check()
        page.locator(player).get_by_role("button", name="Listen").click()
        level_above(page, player, 0.01)
    assert attribute(page, "#sound", "data-listening") == "false"
    assert not page.locator("#single .transport").is_visible()
    page.get_by_role("tab", name="plane").click()
    wait_attribute(page, "#single [data-run]", "data-listening", "false")
    wait_attribute(page, "#single [data-run]", "data-level", "0")


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1920])
def test_everything_fits_and_can_be_touched(show_players, width):
    page = show_players("plane", viewport={"width": width, "height": 1000})
    for tab, player in (("plane", "#points"), ("sound", "#sound")):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_selector(f"{player} [data-run]")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """() => [...document.querySelectorAll('.player button, .player label, .scrub')]
                .filter((n) => n.getClientRects().length)
                .filter((n) => n.getBoundingClientRect().height < 40)
                .map((n) => n.outerHTML)"""
        )
        assert small == []


@pytest.mark.browser
def test_colours_follow_the_theme(show_players):
    page = show_players("plane")
    light = pixels(page, "#points")[1]
    page.evaluate("document.body.classList.add('dark')")
    assert pixels(page, "#points")[1] != light


def label_of(page):
    return page.locator("#panels canvas").get_attribute("aria-label")


@pytest.mark.browser
def test_panels_are_played_in_step(show_players):
    page = show_players("panels")
    for step, frames in ((0, (0, 0, 0)), (7, (2, 4, 7)), (14, (4, 9, 14))):
        scrub(page, "#panels", step)
        for panel, frame in enumerate(frames, start=1):
            # the middle of the history lies between two of a panel's frames: the nearer one is said
            assert f"{panel}: {panel} {frame}" in label_of(page) or (
                f"{panel}: {panel} {frame + 1}" in label_of(page) and step == 7
            )


@pytest.mark.browser
def test_a_point_is_followed_by_keys_and_click_in_all_panels(show_players):
    page = show_players("panels")
    plain = pixels(page, "#panels")[1]
    page.locator("#panels .stage").focus()
    for key, selected in (
        ("ArrowUp", "0"),
        ("ArrowUp", "1"),
        ("ArrowDown", "0"),
        ("ArrowDown", "39"),
    ):
        page.keyboard.press(key)
        assert attribute(page, "#panels", "data-selected") == selected
    followed = pixels(page, "#panels")[1]
    assert followed != plain
    page.keyboard.press("Escape")
    assert attribute(page, "#panels", "data-selected") == ""
    assert pixels(page, "#panels")[1] == plain
    # The last point ends at (2, 1), which is in every panel; the second panel is on the right.
    box = page.locator("#panels canvas").bounding_box()
    cell, header = box["width"] / 2, 42
    side = min(cell - 44, box["height"] / 2 - header - 30)
    x = cell + 36 + side * (2 + 3) / 6
    y = header + 6 + side * (3 - 1) / 6
    page.mouse.click(box["x"] + x, box["y"] + y)
    assert attribute(page, "#panels", "data-selected") == "39"


@pytest.mark.browser
def test_marks_can_be_hidden(show_players):
    page = show_players("panels")
    marked = pixels(page, "#panels")[1]
    page.locator("#panels").get_by_label("off the line").uncheck()
    assert pixels(page, "#panels")[1] != marked
    assert not page.locator("#points").get_by_label("off the line").is_visible()


@pytest.mark.browser
def test_a_phone_shows_one_run_at_a_time(show_players):
    page = show_players("panels", viewport={"width": 390, "height": 900})
    box = page.locator("#panels canvas").bounding_box()
    assert box["height"] < 1.3 * box["width"]
    first = pixels(page, "#panels")[1]
    page.locator("#panels").get_by_label("3", exact=True).check(force=True)
    assert pixels(page, "#panels")[1] != first
    wide = show_players("panels", viewport={"width": 1920, "height": 1000})
    assert not wide.locator("#panels .panels").is_visible()
