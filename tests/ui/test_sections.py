"""What holds for every section: its names, its links, and that it answers any settings."""

import json
import math
import re
from dataclasses import fields, replace
from urllib.parse import parse_qsl

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from synth import Sound
from ui.page import OLD_TABS, TABS, sections
from ui.score.drawing import encode_strokes
from ui.shared.controls import results
from ui.shared.settings import Choice, Settings, Text, control_of
from ui.sound.sound_text import encode_amplitudes, encode_sound

ALL = sections()
each_section = pytest.mark.parametrize("section", ALL, ids=lambda each: each.settings.tab)

SMALL = {
    "duration": 0.5,
    "levels": 4,
    "num_inference_steps": 8,
    "num_points": 100,
    "num_steps": 20,
    "num_train_timesteps": 100,
    "steps": 4,
    "training_points": 50,
    "walkers": 20,
    "width": 16,
} | {f"steps_{k}": 4 for k in range(1, 5)}
"""The largest values of what makes a section slow."""

# To shrink a failure would take minutes; `make fuzz` prints the settings that fail as they are.
COSTLY = settings(
    max_examples=max(2, settings.default.max_examples // 20),
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def points():
    coordinate = st.floats(-1.8, 1.8)
    rows = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=9)
    return rows.map(lambda pairs: torch.tensor(pairs, dtype=torch.float64))


def heights():
    heard = st.lists(st.floats(0, 1), max_size=40).filter(lambda each: not each or max(each) > 0.01)
    return heard.map(encode_amplitudes)


def sounds():
    values = {name: st.floats(*allowed) for name, allowed in Sound.RANGES.items()}
    values["num_harmonics"] = st.integers(1, 40)
    return st.builds(Sound, **values).map(encode_sound)


TEXTS = {
    "strokes": st.lists(points(), min_size=1, max_size=5).map(encode_strokes),
    "amplitudes": heights(),
    "sound": sounds(),
}


def some(settings_class, small=False):
    """Settings with every control anywhere in its range."""
    values = {}
    for field in fields(settings_class):
        name, control = field.name, control_of(field)
        most = SMALL.get(name, math.inf) if small else math.inf
        if isinstance(control, Text):
            values[name] = TEXTS[name]
        elif isinstance(control, Choice):
            cheap = [each for each in control.options if not each.isdigit() or int(each) <= 12]
            values[name] = st.sampled_from(cheap if small else control.options)
        else:
            high = max(control.low, min(control.high, most))
            if isinstance(control.step, int):
                values[name] = st.integers(int(control.low), int(high))
            else:
                values[name] = st.floats(control.low, high)
    return st.builds(settings_class, **values)


# ---- Names and links ----------------------------------------------------------------------------


@each_section
def test_a_section_has_one_name_everywhere(section):
    name = section.build.__module__.split(".")[-2]
    assert section.settings.title.lower().replace(" ", "_") == name
    assert section.settings.tab == name.replace("_", "-")
    assert section.settings.endpoint == name
    assert section.settings.__module__.split(".")[-2] == name
    assert (
        section.settings.__name__ == name.title().replace("_", "").replace("2D", "2d") + "Settings"
    )


def test_no_two_sections_share_an_address():
    addresses = [
        address for section in ALL for address in (section.settings.tab, *section.settings.old_tabs)
    ]
    assert len(addresses) == len(set(addresses))


def test_every_old_address_still_opens_a_section():
    old = "score quality bound sounds vocoder sound-lanes sound-quality waveform mistakes "
    old += "sound-mistakes forward reverse likelihood"
    for address in old.split():
        assert sum(section.settings.is_at(address) for section in ALL) == 1, address
    assert {"diffusion", "notebook"} <= set(OLD_TABS)
    assert set(OLD_TABS.values()) <= set(TABS)


@each_section
@given(data=st.data())
def test_a_view_is_a_link(section, data):
    chosen = data.draw(some(section.settings))
    query = dict(parse_qsl(chosen.to_query(), keep_blank_values=True))
    assert query["tab"] == chosen.tab
    assert section.settings.from_query(query) == chosen


@each_section
def test_old_names_in_a_link_are_understood(section):
    kind = section.settings
    for old, new in kind.old_names.items():
        value = getattr(kind(), new)
        assert old not in kind.names()
        assert kind.from_query({old: str(value)}) == kind()
    for field in fields(kind):
        control = control_of(field)
        if isinstance(control, Choice):
            for old, new in control.old_options.items():
                assert kind.from_query({field.name: old}) == replace(kind(), **{field.name: new})


# ---- Any settings give a result, or a sentence ---------------------------------------------------


BAD_NUMBER = re.compile(r".{0,40}(?<![\w/+])(?:nan|inf)(?![\w/+]).{0,40}", re.IGNORECASE)


def check(section, chosen: Settings) -> None:
    """Every function of the section gives finite numbers, or one sentence that names a control."""
    for show in section.shows:
        try:
            shown = list(results(show, chosen))
        except ValueError as error:
            sentence = str(error)
            named = [(field.name, control_of(field).label) for field in fields(chosen)]
            words = [word for name, label in named for word in (name, re.split(r" \(|,", label)[0])]
            assert "\n" not in sentence
            assert any(word in sentence for word in words), sentence
            continue
        for outputs in shown:
            for output in outputs:
                if isinstance(output, dict):
                    json.dumps(output, allow_nan=False)
                if isinstance(output, dict | str):
                    assert BAD_NUMBER.findall(str(output)) == []


@each_section
@COSTLY
@given(data=st.data())
def test_any_settings_give_finite_numbers_or_a_sentence(section, data):
    check(section, data.draw(some(section.settings, small=True)))
