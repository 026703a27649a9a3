"""The Sound designer without a browser: its sounds, drawings, gallery, charts and components."""

import json
import re
from dataclasses import fields, replace
from typing import get_args
from urllib.parse import parse_qs

import gradio as gr
import numpy as np
import pytest

from synth import Prior, Sound, loudness, render
from synth.rendering.partials import partial_decibels
from ui.components import SoundCard, SoundCards, SpectrumPad
from ui.sound.sound_designer.compute import (
    PARAMETERS,
    SoundDesignerSettings,
    card_name,
    design_result,
    designer_link,
    gallery,
)
from ui.sound.sound_designer.displays import show_pad
from ui.sound.sound_designer.figure import charts, partials_figure
from ui.sound.sound_text import (
    SIDE_BY_SIDE,
    VOCODER,
    decode_amplitudes,
    decode_sound,
    encode_amplitudes,
    fit_amplitudes,
    sound_link,
)
from ui.sound.sound_views import SAMPLE_RATE


def test_the_sound_of_the_controls_is_the_renderers():
    settings = SoundDesignerSettings(f0=220, num_harmonics=5, duration=0.3, renderer="vectorized")
    design = design_result(settings)
    (played,) = design.steps.views["sound"].sounds
    rendered = render(settings.sound(), 0.3)[0]
    assert np.corrcoef(played, rendered)[0, 1] == pytest.approx(1, abs=1e-6)
    assert "5 of 5" in design.steps.facts["partials that sound"]
    difference = design.steps.facts["largest difference of the renderers"]
    digits, power = re.fullmatch(r"\$(.+) \\cdot 10\^{(.+)}\$ of the peak", difference).groups()
    assert 0 < float(f"{digits}e{power}") < 4e-4


@pytest.mark.parametrize("prior", get_args(Prior))
def test_the_designer_can_edit_every_sound_of_the_gallery(prior):
    assert {each.name for each in fields(Sound)} == set(PARAMETERS)
    for sound in gallery(3, prior).sounds:
        loaded = SoundDesignerSettings().with_sound(sound)
        assert loaded.sound() == sound
        assert loaded.duration == SoundDesignerSettings().duration


@pytest.mark.parametrize(
    ("drawn", "count", "fitted"),
    [
        ((), 3, ()),
        ((0.2, 0.6), 2, (0.2, 0.6)),
        ((0.2, 0.6), 1, (0.2,)),
        ((0.2, 0.6), 4, (0.2, 0.6, 0.6, 0.6)),
        ((0, 0.6), 1, ()),
    ],
)
def test_a_drawing_is_fitted_to_any_number_of_partials(drawn, count, fitted):
    assert fit_amplitudes(drawn, count) == fitted
    settings = SoundDesignerSettings(num_harmonics=count, amplitudes=encode_amplitudes(drawn))
    assert settings.sound().amplitudes == fitted
    (payload,) = show_pad(settings)
    assert payload["amplitudes"] == list(fitted or (1.0,) * count)
    assert len(payload["frequencies"]) == count


@pytest.mark.parametrize("text", ["x", "1~", "2", "nan", "-0.1", "0~0", "~".join(["1"] * 41)])
def test_what_is_no_drawing_is_refused_in_one_sentence(text):
    with pytest.raises(ValueError, match="amplitudes must be"):
        SoundDesignerSettings(amplitudes=text)
    assert decode_amplitudes("") == ()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            SoundDesignerSettings(num_harmonics=1, odd_even_balance=-1),
            "odd–even balance = -1 leaves only the even partials, and partials = 1 leaves out all",
        ),
        (
            SoundDesignerSettings(num_harmonics=2, odd_even_balance=1, amplitudes="0~1"),
            "leaves only the odd partials, and the drawn amplitudes leave out all",
        ),
        (
            SoundDesignerSettings(attack=0, decay=0, sustain=0),
            "attack, decay and sustain level are 0",
        ),
    ],
)
def test_a_silent_sound_is_said_in_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        design_result(settings)
    assert "Sound(" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        SoundDesignerSettings(f0=1000, num_harmonics=1, filter_frequency=50, filter_q=20),
        SoundDesignerSettings(f0=40, num_harmonics=1, filter_frequency=10_000, filter_q=20),
        SoundDesignerSettings(attack=0.001, decay=0, sustain=0, duration=0.1),
        SoundDesignerSettings(attack=2, duration=0.1, release=2, filter_frequency=10_000),
        SoundDesignerSettings(num_harmonics=2, odd_even_balance=-1, amplitudes="1~0.001"),
    ],
)
def test_a_sound_that_the_controls_leave_quiet_is_heard(settings):
    (played,) = design_result(settings).steps.views["sound"].sounds
    assert np.isfinite(played).all()
    assert np.abs(played).max() > 0.1


def test_the_gallery_is_seeded_equally_loud_and_linked():
    first, other = gallery(0, "wide"), gallery(1, "wide")
    gallery.cache_clear()
    again = gallery(0, "wide")
    assert again.sounds == first.sounds
    assert np.array_equal(again.waves, first.waves)
    assert set(first.sounds).isdisjoint(other.sounds)
    assert np.ptp(loudness(first.waves)) < 1e-3
    assert np.abs(first.waves).max() <= 1
    for sound in first.sounds:
        for tab in (VOCODER, SIDE_BY_SIDE):
            query = parse_qs(sound_link(tab, sound, 0.1).removeprefix("?"))
            assert query["tab"] == [tab]
            assert query["duration"] == ["0.4"]
            assert decode_sound(query["sound"][0]) == sound
        assert f"{sound.num_harmonics} partials" in card_name(sound)


def test_a_sound_comes_back_to_the_designer_unless_its_controls_do_not_reach_it():
    for sound in gallery(2, "wide").sounds:
        query = {name: each[0] for name, each in parse_qs(designer_link(sound, 0.7)[1:]).items()}
        opened = SoundDesignerSettings.from_query(query)
        assert (opened.sound(), opened.duration) == (sound, 0.7)
    assert designer_link(replace(sound, f0=30.0), 0.7) == ""  # a designer's f₀ begins at 40 Hz


def test_charts_say_their_numbers():
    settings = SoundDesignerSettings(num_harmonics=2, inharmonicity=0, second_level=0.5)
    sound = settings.sound()
    levels = partial_decibels(sound, SAMPLE_RATE)
    chart = partials_figure(sound)
    assert f"392 Hz -6 → {levels.after[1]:.0f} dB" in chart
    assert f"{196 * 2 ** (7 / 12):.0f} Hz -6 → " in chart  # the fifth above, at half the amplitude
    slow = charts(replace(sound, attack=0.25), 1.0)
    assert slow.startswith(chart)  # it was drawn for the other envelope
    assert 'role="img" aria-label="Envelope: attack 0.25 s' in slow.removeprefix(chart)


# ---- What the components accept -----------------------------------------------------------------


def card(**changes):
    return SoundCard(
        **{"name": "a", "frequencies": [1], "levels": [0], "links": {"To it": "?"}} | changes
    )


def cards(some, sounds):
    return SoundCards.payload(some, sounds, sample_rate=8000, run="1")


def test_payloads_are_json():
    json.dumps(SpectrumPad.payload([1, 0.5], [100.0], run="1"))
    payload = cards([card(levels=[-3.0])], np.zeros((1, 10)))
    json.dumps(payload)
    assert payload["cards"][0]["levels"] == [0]


@pytest.mark.parametrize("heights", [[], [1.5], [-0.1], [np.nan], [[1, 1]]])
def test_a_spectrum_that_does_not_fit_is_refused(heights):
    with pytest.raises(ValueError, match="amplitudes must"):
        SpectrumPad.payload(heights, [], run="1")
    with pytest.raises(ValueError, match="at most 1"):
        SpectrumPad.payload([1], [100, 200], run="1")


@pytest.mark.parametrize(
    ("some", "sounds"),
    [
        ([card()], np.zeros((2, 10))),
        ([card()], np.full((1, 10), 1.5)),
        ([card(frequencies=[])], np.zeros((1, 10))),
        ([card(levels=[0, 0])], np.zeros((1, 10))),
    ],
)
def test_cards_that_do_not_fit_are_refused(some, sounds):
    with pytest.raises(ValueError, match="must"):
        cards(some, sounds)


@pytest.mark.parametrize("sent", [{}, {"amplitudes": 1}, {"amplitudes": ["x"]}])
def test_a_spectrum_from_the_browser_is_checked(sent):
    with pytest.raises(ValueError, match="drawn spectrum"):
        SpectrumPad.amplitudes(gr.EventData(None, sent))


@pytest.mark.parametrize("sent", [{}, {"index": 8}, {"index": -1}, {"index": "0"}])
def test_a_card_from_the_browser_is_checked(sent):
    with pytest.raises(ValueError, match="card must be"):
        SoundCards.index(gr.EventData(None, sent), 8)
